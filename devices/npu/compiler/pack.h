// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Weights and parameters in the order in which they lie in the scratchpad, so that a block is one contiguous load.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "devices/npu/compiler/gemm_steps.h"

namespace systole::npu {

// Consecutive channels of one tap: `count` rows from row `row` of w, at byte `offset` of the group's w.
struct WeightRun {
  int64_t row = 0, count = 0, offset = 0;
};
// Rows [begin, end): channel blocks in turn, each in the order kh, kw, c.
std::vector<WeightRun> weight_runs(const Gemm& gemm, const std::vector<ChannelBlock>& channels, int64_t begin,
                                   int64_t end);

// Rows [begin, end) by the block's columns, row-major; what lies off a packed diagonal is w's zero point.
std::vector<std::byte> pack_weights(const Gemm& gemm, std::span<const std::byte> w, int64_t group_offset,
                                    const std::vector<ChannelBlock>& channels, const ColumnBlock& columns,
                                    int64_t begin, int64_t end);

// For each tile of `tile` columns from column `first`: P0, P1 and P2, those that are used; with integer weights of bf16
// the scales, then the bias. The bias is zero where it is loaded at run time.
std::vector<std::byte> pack_params(const Gemm& gemm, std::span<const uint32_t> bias, std::span<const uint32_t> requant1,
                                   std::span<const uint32_t> requant2, int64_t first, int64_t columns, int64_t tile);

}  // namespace systole::npu
