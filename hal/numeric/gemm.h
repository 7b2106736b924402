// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Matrix kernels whose result is defined to the bit, so that every device and the simulator can share them. Row-major,
// leading dimensions in elements. They vectorise over columns, never over k; every CPU gives the same bits.
#pragma once

#include <cstdint>

namespace systole::numeric {

enum class Accumulate : uint8_t {
  kOverwrite,    // c = 0 + p0 + p1 + ...
  kFromInitial,  // c = c + p0 + p1 + ...
  kAddTile,      // c = c + (0 + p0 + p1 + ...): the systolic array's accumulators
};

// i32 sums that wrap; any order is the same. a: m x k, b: k x n. Operands are 8-bit values minus their zero points, so
// within
// [-510, 510]. Returns how many additions to an old value (kAddTile, kFromInitial: one an element) overflowed.
int64_t gemm_i16(int64_t m, int64_t n, int64_t k, const int16_t* a, int64_t lda, const int16_t* b, int64_t ldb,
                 int32_t* c, int64_t ldc, Accumulate mode);

// f32: k ascending, each product rounded, then each addition rounded, to nearest even (products of bf16 values are
// exact).
void gemm_f32(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b, int64_t ldb, float* c,
              int64_t ldc, Accumulate mode);

}  // namespace systole::numeric
