// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Attention without its scores in device memory: a block of queries meets all keys, its scores, probabilities and sums
// stay in the scratchpad.
#pragma once

#include <optional>
#include <vector>

#include "devices/npu/compiler/lower.h"

namespace systole::npu {

// One matrix operand: rows and columns of the last two axes, bytes.
struct AttentionOperand {
  int64_t row = 0, column = 0;  // strides; 0 where broadcast
  std::vector<int64_t> lead;    // offset of each batch; of keys and values of each block of it
  contract::Dtype type = contract::Dtype::kBf16;
  float scale = 1;  // of stored integers
  bool operator==(const AttentionOperand&) const = default;
};

struct AttentionShape {
  int64_t queries = 0, keys = 0, depth = 0, width = 0, batches = 1;
  int64_t block = 0, blocks = 1;  // keys that lie in one piece; pieces of a batch
  AttentionOperand q, k, v, y;
  std::optional<AttentionOperand> mask;
  float scale = 1;
  bool causal = false;
  bool operator==(const AttentionShape&) const = default;
};

// Scratchpad bytes and accumulator rows. Keys and values of a batch lie whole in the scratchpad, keys transposed; where
// they don't fit, each block of queries streams them once, a piece of keys or of values in each of two slots. Sums run
// in the same order.
struct AttentionPlan {
  int64_t block = 0;        // queries at once
  int64_t piece = 0;        // keys of a piece, whole tiles; 0: all
  int64_t chunk_tiles = 0;  // tiles of C keys whose scores are in one of the two accumulator halves
  int kv_slots = 0;         // 2: the next batch's, or piece, is loaded while this one is worked on
  int64_t strip = 0;        // elements of each half of the causal strip
  int64_t scale_at = 0;     // f32: of scores, then of values
  int64_t strip_at = 0, kv_at = 0, kv_bytes = 0, v_offset = 0, scores_at = 0, most_at = 0, sum_at = 0;
  int64_t y_at = 0, y_bytes = 0, mask_at = 0, mask_bytes = 0, q_at = 0, q_bytes = 0, p_at = 0, p_bytes = 0;
  int64_t used_bytes = 0, score_rows = 0, out_row = 0, used_rows = 0;
  bool operator==(const AttentionPlan&) const = default;
};

// The largest block that fits, with whole keys and values if with any; pieces only where nothing else is kept on chip.
// No value where none does.
std::optional<AttentionPlan> plan_attention(const AttentionShape& shape, const spec::NpuSpec& spec);

struct AttentionMemory {
  DramAddress q, k, v, mask, y;
};
void write_attention(const AttentionShape& shape, const AttentionPlan& plan, const AttentionMemory& memory,
                     const spec::NpuSpec& spec, Constants& constants, Emitter& emitter);

}  // namespace systole::npu
