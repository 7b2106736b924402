// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "hal/numeric/gemm.h"
#include "hal/numeric/requantize.h"

// Pairs of k are multiplied and added at once (vpmaddwd): b is packed so that rows 2p and 2p + 1 of a column lie side
// by side. Pair sums stay below 2 * 510 * 510, so they never overflow before the wrapping i32 addition.
namespace systole::numeric {
namespace {

constexpr int64_t kColumns = 64;  // of a panel
constexpr int64_t kRows = 4;

// (k + 1) / 2 rows of kColumns pairs; missing columns and the missing row of an odd k are zero.
void pack_panel(int64_t columns, int64_t k, const int16_t* b, int64_t ldb, int16_t* panel) {
  for (int64_t p = 0; p < k; p += 2) {
    const int16_t* even = b + p * ldb;
    const int16_t* odd = p + 1 < k ? even + ldb : nullptr;
    for (int64_t j = 0; j < kColumns; ++j) {
      *panel++ = j < columns ? even[j] : int16_t{0};
      *panel++ = j < columns && odd ? odd[j] : int16_t{0};
    }
  }
}

using Sums = int32_t[kRows][kColumns];
using Kernel = void (*)(int64_t rows, int64_t pairs, const int32_t* a_pairs, const int16_t* panel, Sums& sums);

// a_pairs: `pairs` x kRows, each an i16 pair in one i32.
void kernel_plain(int64_t rows, int64_t pairs, const int32_t* a_pairs, const int16_t* panel, Sums& sums) {
  for (int64_t i = 0; i < rows; ++i) {
    uint32_t row[kColumns] = {};
    for (int64_t p = 0; p < pairs; ++p) {
      const int32_t low = static_cast<int16_t>(a_pairs[p * kRows + i]), high = a_pairs[p * kRows + i] >> 16;
      const int16_t* b = panel + p * 2 * kColumns;
      for (int64_t j = 0; j < kColumns; ++j) row[j] += static_cast<uint32_t>(low * b[2 * j] + high * b[2 * j + 1]);
    }
    std::copy_n(reinterpret_cast<const int32_t*>(row), kColumns, sums[i]);
  }
}

#if defined(__x86_64__)
__attribute__((target("avx512bw"))) void kernel_avx512(int64_t, int64_t pairs, const int32_t* a_pairs,
                                                       const int16_t* panel, Sums& sums) {
  __m512i sum[kRows][4];
  for (auto& row : sum) {
    for (auto& part : row) part = _mm512_setzero_si512();
  }
  for (int64_t p = 0; p < pairs; ++p) {
    __m512i b[4];
    for (int q = 0; q < 4; ++q) b[q] = _mm512_loadu_si512(panel + p * 2 * kColumns + q * 32);
    for (int64_t i = 0; i < kRows; ++i) {
      const __m512i a = _mm512_set1_epi32(a_pairs[p * kRows + i]);
      for (int q = 0; q < 4; ++q) sum[i][q] = _mm512_add_epi32(sum[i][q], _mm512_madd_epi16(a, b[q]));
    }
  }
  for (int64_t i = 0; i < kRows; ++i) {
    for (int q = 0; q < 4; ++q) _mm512_storeu_si512(sums[i] + q * 16, sum[i][q]);
  }
}

__attribute__((target("avx2"))) void kernel_avx2(int64_t rows, int64_t pairs, const int32_t* a_pairs,
                                                 const int16_t* panel, Sums& sums) {
  for (int64_t i = 0; i < rows; ++i) {
    __m256i sum[8];
    for (auto& part : sum) part = _mm256_setzero_si256();
    for (int64_t p = 0; p < pairs; ++p) {
      const __m256i a = _mm256_set1_epi32(a_pairs[p * kRows + i]);
      for (int q = 0; q < 8; ++q) {
        const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(panel + p * 2 * kColumns + q * 16));
        sum[q] = _mm256_add_epi32(sum[q], _mm256_madd_epi16(a, b));
      }
    }
    for (int q = 0; q < 8; ++q) _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums[i] + q * 8), sum[q]);
  }
}
#endif

Kernel best_kernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw")) return kernel_avx512;
  if (__builtin_cpu_supports("avx2")) return kernel_avx2;
#endif
  return kernel_plain;
}

int64_t store(int64_t columns, const int32_t* sum, int32_t* c, Accumulate mode) {
  if (mode == Accumulate::kOverwrite) {
    std::copy_n(sum, columns, c);
    return 0;
  }
  int64_t overflows = 0;
  for (int64_t j = 0; j < columns; ++j) {
    overflows += add_overflows(c[j], sum[j]);
    c[j] = wrapping_add(c[j], sum[j]);
  }
  return overflows;
}

}  // namespace

int64_t gemm_i16(int64_t m, int64_t n, int64_t k, const int16_t* a, int64_t lda, const int16_t* b, int64_t ldb,
                 int32_t* c, int64_t ldc, Accumulate mode) {
  static const Kernel kernel = best_kernel();
  const int64_t pairs = (k + 1) / 2;
  thread_local std::vector<int16_t> panel;
  thread_local std::vector<int32_t> a_pairs;
  panel.resize(static_cast<size_t>(pairs * 2 * kColumns));
  a_pairs.resize(static_cast<size_t>(pairs * kRows));
  int64_t overflows = 0;
  for (int64_t j = 0; j < n; j += kColumns) {
    const int64_t columns = std::min(kColumns, n - j);
    pack_panel(columns, k, b + j, ldb, panel.data());
    for (int64_t i = 0; i < m; i += kRows) {
      const int64_t rows = std::min(kRows, m - i);
      std::fill(a_pairs.begin(), a_pairs.end(), 0);
      for (int64_t r = 0; r < rows; ++r) {
        const int16_t* row = a + (i + r) * lda;
        for (int64_t p = 0; p < k; ++p) {
          const uint32_t bits = static_cast<uint16_t>(row[p]);
          a_pairs[(p / 2) * kRows + r] |= static_cast<int32_t>(p % 2 ? bits << 16 : bits);
        }
      }
      alignas(64) Sums sums;
      kernel(rows, pairs, a_pairs.data(), panel.data(), sums);
      for (int64_t r = 0; r < rows; ++r) overflows += store(columns, sums[r], c + (i + r) * ldc + j, mode);
    }
  }
  return overflows;
}

}  // namespace systole::numeric
