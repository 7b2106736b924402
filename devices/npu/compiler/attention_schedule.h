// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// In which order an attention works on its queries, keys and values.
#pragma once

#include <vector>

#include "devices/npu/compiler/attention.h"

namespace systole::npu {

// One block of queries of one batch.
struct AttentionBlock {
  int64_t number = 0, batch = 0, first = 0, queries = 0;
  int64_t keys = 0;  // those that any of its queries sees
  int64_t kv = 0;    // which keys and values, counted as they are loaded
  bool loads_kv = false, last_of_kv = false;
};
std::vector<AttentionBlock> blocks_of(const AttentionShape& shape, const AttentionPlan& plan);

// Keys or values of a block from `first` on, plan.piece of them or what is left.
struct AttentionPiece {
  AttentionBlock block;
  bool values = false;
  int64_t first = 0;
};
// In the order in which they are used: a block's keys before the values of the block before it. Empty where the plan
// has none.
std::vector<AttentionPiece> pieces_of(const std::vector<AttentionBlock>& blocks, const AttentionPlan& plan);

}  // namespace systole::npu
