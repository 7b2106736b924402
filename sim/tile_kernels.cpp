// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/tile_kernels.h"

#include <algorithm>

// Vectorised over columns, never over rows: the order of additions is part of the contract.
#define SYSTOLE_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3")))

namespace systole::sim {
namespace {

constexpr size_t kColumns = 32, kVectors = 4;

// V vectors and W columns held in registers; the widths are constants so that the loops over them vanish.
template <size_t V, size_t W, typename T, typename Sum>
inline __attribute__((always_inline)) void panel(const T* vectors, const T* weights, Sum* sums, size_t rows, size_t cols,
                                                 size_t stride) {
  Sum acc[V][W] = {};
  for (size_t r = 0; r < rows; ++r)
    for (size_t v = 0; v < V; ++v) {
      const Sum x = static_cast<Sum>(vectors[v * rows + r]);
      for (size_t j = 0; j < W; ++j) acc[v][j] += x * static_cast<Sum>(weights[r * stride + j]);
    }
  for (size_t v = 0; v < V; ++v)
    for (size_t j = 0; j < W; ++j) sums[v * cols + j] = acc[v][j];
}

template <typename T, typename Sum>
inline __attribute__((always_inline)) void product(const T* vectors, const T* weights, Sum* sums, size_t count,
                                                   size_t rows, size_t cols, size_t stride) {
  size_t j = 0;
  for (; j + kColumns <= cols; j += kColumns) {
    size_t v = 0;
    for (; v + kVectors <= count; v += kVectors)
      panel<kVectors, kColumns>(vectors + v * rows, weights + j, sums + v * cols + j, rows, cols, stride);
    for (; v < count; ++v) panel<1, kColumns>(vectors + v * rows, weights + j, sums + v * cols + j, rows, cols, stride);
  }
  for (; j + 8 <= cols; j += 8)
    for (size_t v = 0; v < count; ++v)
      panel<1, 8>(vectors + v * rows, weights + j, sums + v * cols + j, rows, cols, stride);
  for (; j < cols; ++j)
    for (size_t v = 0; v < count; ++v)
      panel<1, 1>(vectors + v * rows, weights + j, sums + v * cols + j, rows, cols, stride);
}

}  // namespace

SYSTOLE_CLONES void tile_product(const int16_t* vectors, const int16_t* weights, int32_t* sums, size_t count, size_t rows,
                                 size_t cols, size_t stride) {
  product(vectors, weights, sums, count, rows, cols, stride);
}

SYSTOLE_CLONES void tile_product(const float* vectors, const float* weights, float* sums, size_t count, size_t rows,
                                 size_t cols, size_t stride) {
  product(vectors, weights, sums, count, rows, cols, stride);
}

uint64_t accumulate_row(const int32_t* sums, int32_t* row, size_t cols) {
  uint64_t wrapped = 0;
  for (size_t j = 0; j < cols; ++j) wrapped += __builtin_add_overflow(row[j], sums[j], &row[j]);
  return wrapped;
}

uint64_t accumulate_row(const float* sums, float* row, size_t cols) {
  for (size_t j = 0; j < cols; ++j) row[j] += sums[j];
  return 0;
}

}  // namespace systole::sim
