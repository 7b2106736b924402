// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include <cstdint>
#include <initializer_list>
#include <utility>

#include "hal/op.h"

namespace systole::cpu {
namespace {

constexpr int kLanes = 16;
typedef float Vector __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
inline __mmask16 lanes(int count) { return static_cast<__mmask16>((1u << count) - 1); }
inline Vector load_some(const float* from, int count) { return _mm512_maskz_loadu_ps(lanes(count), from); }
inline void store_some(float* to, Vector value, int count) { _mm512_mask_storeu_ps(to, lanes(count), value); }
// Of finite numbers other than zero, within 2 units in the last place.
inline Vector reciprocal(Vector x) {
  const Vector near = _mm512_maskz_rcp14_ps(lanes(kLanes), x);
  return near * (2.0f - x * near);
}
// The second where either is NaN.
inline Vector greatest(Vector a, Vector b) { return _mm512_maskz_max_ps(lanes(kLanes), a, b); }
inline Vector least(Vector a, Vector b) { return _mm512_maskz_min_ps(lanes(kLanes), a, b); }

}  // namespace
}  // namespace systole::cpu

#include "devices/cpu/tile_loops.h"

namespace systole::cpu {

extern const TileKernels kTileAvx512;
const TileKernels kTileAvx512 = {"AVX-512", tile,          depthwise,   function_rows, softmax_row,
                                 scale_row, normalize_row, binary_rows, pool_window};

}  // namespace systole::cpu
