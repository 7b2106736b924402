// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include <cstdint>
#include <initializer_list>
#include <utility>

#include "hal/op.h"

namespace systole::cpu {
namespace {

constexpr int kLanes = 8;
typedef float Vector __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
inline __m256i lanes(int count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline Vector load_some(const float* from, int count) { return _mm256_maskload_ps(from, lanes(count)); }
inline void store_some(float* to, Vector value, int count) { _mm256_maskstore_ps(to, lanes(count), value); }
inline Vector reciprocal(Vector x) { return 1.0f / x; }
// The second where either is NaN.
inline Vector greatest(Vector a, Vector b) { return _mm256_max_ps(a, b); }
inline Vector least(Vector a, Vector b) { return _mm256_min_ps(a, b); }

}  // namespace
}  // namespace systole::cpu

#include "devices/cpu/tile_loops.h"

namespace systole::cpu {

extern const TileKernels kTileAvx2;
const TileKernels kTileAvx2 = {"AVX2",    tile,          depthwise,   function_rows, softmax_row,
                               scale_row, normalize_row, binary_rows, pool_window};

}  // namespace systole::cpu
