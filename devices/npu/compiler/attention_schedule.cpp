// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/attention_schedule.h"

#include <algorithm>

namespace systole::npu {
namespace {

// Of a batch and of the one before it.
bool same_blocks(const AttentionOperand& o, int64_t blocks, int64_t batch) {
  const auto first = o.lead.begin() + batch * blocks;
  return std::equal(first, first + blocks, first - blocks);
}

}  // namespace

std::vector<AttentionBlock> blocks_of(const AttentionShape& s, const AttentionPlan& plan) {
  std::vector<AttentionBlock> blocks;
  int64_t kv = -1;
  for (int64_t batch = 0; batch < s.batches; ++batch) {
    const bool fresh = batch == 0 || !same_blocks(s.k, s.blocks, batch) || !same_blocks(s.v, s.blocks, batch);
    if (fresh) {
      ++kv;
      if (!blocks.empty()) blocks.back().last_of_kv = true;
    }
    for (int64_t first = 0; first < s.queries; first += plan.block) {
      AttentionBlock block{static_cast<int64_t>(blocks.size()),
                           batch,
                           first,
                           std::min(plan.block, s.queries - first),
                           s.keys,
                           kv,
                           fresh && first == 0,
                           false};
      if (s.causal) block.keys = std::min(s.keys, first + block.queries + s.keys - s.queries);
      blocks.push_back(block);
    }
  }
  blocks.back().last_of_kv = true;
  return blocks;
}

std::vector<AttentionPiece> pieces_of(const std::vector<AttentionBlock>& blocks, const AttentionPlan& plan) {
  std::vector<AttentionPiece> pieces;
  const auto add = [&](const AttentionBlock& block, bool values) {
    for (int64_t first = 0; first < block.keys; first += plan.piece) pieces.push_back({block, values, first});
  };
  if (plan.piece == 0) return pieces;
  add(blocks[0], false);
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (i + 1 < blocks.size()) add(blocks[i + 1], false);
    add(blocks[i], true);
  }
  return pieces;
}

}  // namespace systole::npu
