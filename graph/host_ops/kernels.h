// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The kernels of each file, for the registry alone.
#pragma once

#include <map>
#include <string>

#include "graph/host_ops/host_op.h"

namespace systole::graph {

using HostKernels = std::map<std::string, HostKernel>;

void add_movement_kernels(HostKernels& kernels);
void add_indexing_kernels(HostKernels& kernels);
void add_arithmetic_kernels(HostKernels& kernels);
void add_quantize_kernels(HostKernels& kernels);
void add_lrn_kernel(HostKernels& kernels);

}  // namespace systole::graph
