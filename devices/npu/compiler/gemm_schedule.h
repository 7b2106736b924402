// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Estimates of when a product's loads and steps come, for what is worth loading before it.
#pragma once

#include <utility>

#include "devices/npu/compiler/gemm_steps.h"

namespace systole::npu {

// Rows of w that a step's block begins with and ends before, in channel block order.
std::pair<int64_t, int64_t> weight_rows(const Gemm& gemm, const GemmPlan& plan, const ChannelBlock& channels,
                                        const Step& step);

// How many of the steps' blocks of w are worth loading before the op: they save it more than half the time of their
// loads, and more than it costs to fetch commands that are in no loop any more.
size_t useful_blocks(const Gemm& gemm, const GemmPlan& plan, const spec::NpuSpec& spec, const GemmSteps& steps);

}  // namespace systole::npu
