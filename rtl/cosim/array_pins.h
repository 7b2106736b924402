// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A systolic array's ports in one cycle (rtl/npu_array.sv), skewed as docs/rtl.md has them: what passes between the
// model and a Verilated array. Plain data, one layout on both sides.
#pragma once

#include <cstdint>

namespace systole::rtl {

inline constexpr int kMostRows = 64, kMostCols = 64, kMostWeightRows = 64;

struct ArrayPins {
  uint8_t reset;
  uint64_t x_valid, x_swap, x_bf16;  // bit: row
  uint16_t x[kMostRows];
  uint64_t w_valid, w_first;  // bit: column
  uint8_t w_row[kMostCols];
  uint16_t w[kMostCols * kMostWeightRows];  // column by column, without gaps
  uint32_t sum[kMostCols];                  // out
};

// Of a Verilated library, by dlsym. One instance belongs to one thread at a time.
extern "C" {
using ArrayCreateFunction = void*();
using ArrayDestroyFunction = void(void*);
using ArrayCycleFunction = void(void*, ArrayPins*);  // settles, samples the sums, clocks
}

}  // namespace systole::rtl
