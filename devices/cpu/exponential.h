// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// exp for vector loops.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace systole::cpu {

// e^x within 2 units in the last place; 0 below -104, infinity above 88.73, NaN for NaN; subnormal results are kept.
// Cody and Waite's reduction to |r| <= ln(2)/2, then the Taylor polynomial of degree 7 in r.
inline float fast_exp(float x) {
  constexpr float kSnap = 12582912.0f;  // 1.5 * 2^23
  float bounded = x > 89.0f ? 89.0f : x;
  bounded = bounded < -105.0f ? -105.0f : bounded;
  const float n = (bounded * 1.44269504088896341f + kSnap) - kSnap;
  const float r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.0f / 5040.0f;
  p = p * r + 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r * r + r + 1.0f;
  const int32_t whole = static_cast<int32_t>(n == n ? n : 0.0f),
                half = whole / 2;  // 2^n in two factors: n may be below -126 or 128
  const float low = std::bit_cast<float>((half + 127) << 23), high = std::bit_cast<float>((whole - half + 127) << 23);
  return x == x ? p * low * high : x;
}
inline double fast_exp(double x) { return std::exp(x); }

}  // namespace systole::cpu
