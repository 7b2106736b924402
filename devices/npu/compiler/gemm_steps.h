// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The order in which a planned Gemm visits its blocks, which loads that needs, and when a slot's content has had its
// last use.
#pragma once

#include <cstdint>
#include <vector>

#include "devices/npu/compiler/gemm.h"

namespace systole::npu {

struct VectorBlock {  // outputs of one tile
  int64_t n0 = 0, n = 1, h0 = 0, h = 1, w0 = 0, w = 1;
  int64_t vectors() const { return n * h * w; }
};
struct ColumnBlock {
  int64_t first = 0, columns = 0;
};
struct RowTile {  // up to R elements of the sequence kh, kw, c of a channel block
  int64_t first = 0, rows = 0;
};
struct ChannelBlock {
  int64_t first = 0, channels = 0;
  int64_t k_first = 0;  // rows of w before it, in the order of channel blocks
  std::vector<RowTile> tiles;
};

enum class Operand : uint8_t { kParams, kW, kX, kResidual };
inline constexpr int kOperands = 4;

// What one block multiplication needs: row tiles [tile0, tile1) of a channel block.
struct Step {
  int64_t group = 0;
  int32_t vectors = 0, columns = 0, channels = 0;  // indices of blocks
  int32_t tile0 = 0, tile1 = 0;
  bool first = false, last = false;  // of its accumulator block
  std::array<int32_t, kOperands> slot{};
  std::array<bool, kOperands> loads{};     // its first command waits for a load
  std::array<bool, kOperands> releases{};  // its last reader frees the slot for a later load
};

struct LoadEvent {
  Operand operand{};
  int64_t step = 0;    // the step that first needs it
  int64_t after = -1;  // the step that frees its slot; -1: free from the start
  bool waits = false;  // for the slot: the operand's slots are used again and again
};

struct GemmSteps {
  std::vector<VectorBlock> vectors;
  std::vector<ColumnBlock> columns;
  std::vector<ChannelBlock> channels;
  std::vector<Step> steps;
  std::vector<LoadEvent> loads;          // in the order of their first use
  std::array<bool, kOperands> reused{};  // some load of the operand waits for its slot
  std::vector<int64_t> ahead;            // the steps that first need the blocks of w that are there at the start
};

// Blocks of w that differ.
int64_t weight_blocks(const Gemm& gemm, const GemmPlan& plan, int64_t array_rows, int64_t array_columns);

// The first `ahead` blocks of w are there, and stay; their slots count from w_slots on where they are not w's own.
GemmSteps gemm_steps(const Gemm& gemm, const GemmPlan& plan, int64_t array_rows, int64_t array_columns, int ahead = 0);

}  // namespace systole::npu
