// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// sums[v][j] = sum over r ascending, from zero, of vectors[v][r] * weights[r][j]: row-major, weights with `stride` columns.
// i32 sums wrap; f32 rounds each product and each addition to nearest even.
#pragma once

#include <cstddef>
#include <cstdint>

namespace systole::sim {

void tile_product(const int16_t* vectors, const int16_t* weights, int32_t* sums, size_t count, size_t rows, size_t cols,
                  size_t stride);
void tile_product(const float* vectors, const float* weights, float* sums, size_t count, size_t rows, size_t cols,
                  size_t stride);

// row[j] += sums[j]; returns how many i32 additions wrapped.
uint64_t accumulate_row(const int32_t* sums, int32_t* row, size_t cols);
uint64_t accumulate_row(const float* sums, float* row, size_t cols);

}  // namespace systole::sim
