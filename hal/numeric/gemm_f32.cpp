// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "hal/numeric/gemm.h"

// One clone an instruction set, chosen at load time. The file is compiled with -ffp-contract=off: clones with FMA must
// not use it, or bits would depend on the CPU.
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define SYSTOLE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SYSTOLE_CLONES
#endif

namespace systole::numeric {
namespace {

constexpr int64_t kColumns = 64;  // of a block held in registers
constexpr int64_t kRows = 4;

// One block of at most kRows x kColumns: sums from zero (or from c) in ascending k.
inline __attribute__((always_inline)) void block(int64_t rows, int64_t columns, int64_t k, const float* a, int64_t lda,
                                                 const float* b, int64_t ldb, float (*sum)[kColumns]) {
  for (int64_t p = 0; p < k; ++p) {
    const float* b_row = b + p * ldb;
    for (int64_t i = 0; i < rows; ++i) {
      const float value = a[i * lda + p];
      for (int64_t j = 0; j < columns; ++j) sum[i][j] += value * b_row[j];
    }
  }
}

inline __attribute__((always_inline)) void dispatch_block(int64_t rows, int64_t columns, int64_t k, const float* a,
                                                          int64_t lda, const float* b, int64_t ldb,
                                                          float (*sum)[kColumns]) {
  if (rows == kRows && columns == kColumns) return block(kRows, kColumns, k, a, lda, b, ldb, sum);
  if (rows == kRows && columns == 32) return block(kRows, 32, k, a, lda, b, ldb, sum);
  if (rows == kRows && columns == 16) return block(kRows, 16, k, a, lda, b, ldb, sum);
  if (rows == 1 && columns == kColumns) return block(1, kColumns, k, a, lda, b, ldb, sum);
  block(rows, columns, k, a, lda, b, ldb, sum);
}

SYSTOLE_CLONES
void blocks_f32(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b, int64_t ldb, float* c,
                int64_t ldc, Accumulate mode) {
  for (int64_t j = 0; j < n; j += kColumns) {
    const int64_t columns = std::min(kColumns, n - j);
    for (int64_t i = 0; i < m; i += kRows) {
      const int64_t rows = std::min(kRows, m - i);
      float sum[kRows][kColumns] = {};
      if (mode == Accumulate::kFromInitial) {
        for (int64_t r = 0; r < rows; ++r) std::copy_n(c + (i + r) * ldc + j, columns, sum[r]);
      }
      dispatch_block(rows, columns, k, a + i * lda, lda, b + j, ldb, sum);
      for (int64_t r = 0; r < rows; ++r) {
        float* row = c + (i + r) * ldc + j;
        for (int64_t q = 0; q < columns; ++q) row[q] = mode == Accumulate::kAddTile ? row[q] + sum[r][q] : sum[r][q];
      }
    }
  }
}

}  // namespace

void gemm_f32(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b, int64_t ldb, float* c,
              int64_t ldc, Accumulate mode) {
  blocks_f32(m, n, k, a, lda, b, ldb, c, ldc, mode);
}

}  // namespace systole::numeric
