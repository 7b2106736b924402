// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The innermost loops of f32 products: a few rows of the left operand times a panel of packed columns, finished while
// the sums are in registers. One implementation an instruction set; products and sums are fused, so bits depend on it.
#pragma once

#include <cstdint>
#include <vector>

#include "hal/op.h"

namespace systole::cpu {

inline constexpr int kTileRows = 12;
inline constexpr int kPanel = 32;  // columns of a panel; the last of a matrix has half where that is enough

// y[r, j] = clamp(bias[j] + residual[r, j] + sum over taps t and i < run of x[tap_offsets[t] + r * x_stride + i] *
// w[t, i, j]), r < rows, j < columns. NaN stays NaN. Strides and offsets are in floats.
struct Tile {
  const float* x = nullptr;
  int64_t x_stride = 0;
  const int64_t* tap_offsets = nullptr;
  int64_t taps = 0, run = 0;
  const float* w = nullptr;         // taps x run x (16 or 32), 64-byte aligned
  const float* bias = nullptr;      // `columns` values, or null
  const float* residual = nullptr;  // or null; may be y itself
  int64_t residual_stride = 0;
  float* y = nullptr;
  int64_t y_stride = 0;
  int rows = 0, columns = 0;  // at most kTileRows, kPanel
  bool clamp = false;
  float low = 0.0f, high = 0.0f;
  bool applies = false;  // `function`, in place of a clamp: one that has a vector form
  UnaryKind function = UnaryKind::kSilu;
  // What is read next: taps * run steps of `ahead_step` floats from here are fetched into the caches meanwhile.
  const float* ahead = nullptr;
  int64_t ahead_step = 0;
};

// One row of positions p of a depthwise convolution, channels-last: y[p, c] = clamp(bias[c] + sum over kh, kw of
// x[top + kh * dilation_h, p * stride_w - pad_left + kw * dilation_w, c] * w[kh, kw, c]), kh in [first_row, last_row).
// Columns outside x contribute nothing.
struct DepthwiseRow {
  const float* x = nullptr;                    // of the image
  int64_t width = 0, x_line = 0, x_pixel = 0;  // columns of x; floats between rows, and between columns
  int64_t top = 0, first_row = 0, last_row = 0;
  int64_t kernel_w = 0, stride_w = 1, dilation_h = 1, dilation_w = 1, pad_left = 0;
  const float* w = nullptr;
  const float* bias = nullptr;  // `channels` values, or null
  float* y = nullptr;
  int64_t outputs = 0, y_pixel = 0, channels = 0;
  bool clamp = false;
  float low = 0.0f, high = 0.0f;
};

// y[i] = f(a[i], b[i]) for `rows` rows of `count`, the next row a step further. An operand that does not vary along a
// row is its first value. y may be a or b.
struct RowPairs {
  const float* a = nullptr;
  bool a_varies = true;
  const float* b = nullptr;
  bool b_varies = true;
  float* y = nullptr;
  int64_t count = 0;
  int64_t rows = 1, a_step = 0, b_step = 0, y_step = 0;
};

// y[c] = the greatest of x[row, column, c], NaN above all; or their sum over the divisor. Strides in floats.
struct PoolWindow {
  bool max = false;
  const float* x = nullptr;
  int64_t rows = 0, row_stride = 0, columns = 0, column_stride = 0;
  int64_t channels = 0;
  float divisor = 1.0f;
  float* y = nullptr;
};

struct TileKernels {
  const char* name;  // the instruction set
  void (*tile)(const Tile&);
  void (*depthwise)(const DepthwiseRow&);
  // In place, rows `stride` floats apart. False, with nothing done, for a function without a vector form; rows may be
  // 0.
  bool (*function_rows)(UnaryKind kind, float* row, int64_t rows, int64_t stride, int64_t count);
  // row := exp(row - max(row)); returns the sum.
  float (*softmax_row)(float* row, int64_t count);
  void (*scale_row)(float* row, int64_t count, float factor);
  // y := Normalize of one row. `scale` and `bias` may be null; x may be y.
  void (*normalize_row)(bool rms, float epsilon, const float* x, const float* scale, const float* bias, int64_t count,
                        float* y);
  // False, with nothing done, for a kind without a vector form.
  bool (*binary_rows)(BinaryKind kind, const RowPairs& pairs);
  void (*pool_window)(const PoolWindow& window);
};

// What this machine can run, fastest first. Where there is none, oneDNN's or hal/numeric's kernels do the work.
const std::vector<const TileKernels*>& all_tile_kernels();
inline const TileKernels* tile_kernels() { return all_tile_kernels().empty() ? nullptr : all_tile_kernels().front(); }

}  // namespace systole::cpu
