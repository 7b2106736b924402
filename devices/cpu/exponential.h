// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// exp, erf and tanh for vector loops.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

// Into every clone of the loops that call them (clones.h).
#define SYSTOLE_INLINE inline __attribute__((always_inline))

namespace systole::cpu {

// e^x within 2 units in the last place; 0 below -104, infinity above 88.73, NaN for NaN; subnormal results are kept.
// Cody and Waite's reduction to |r| <= ln(2)/2, then the Taylor polynomial of degree 7 in r.
SYSTOLE_INLINE float fast_exp(float x) {
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
SYSTOLE_INLINE double fast_exp(double x) { return std::exp(x); }

// erf within 4 units in the last place: a rational of degrees 13 and 8, |x| <= 4 (beyond, erf rounds to 1);
// coefficients from Eigen's generic_fast_erf.
SYSTOLE_INLINE float fast_erf(float value) {
  const float x = value > 4.0f ? 4.0f : value < -4.0f ? -4.0f : value, square = x * x;
  float p = -2.72614225801306e-10f;
  p = p * square + 2.77068142495902e-08f;
  p = p * square + -2.10102402082508e-06f;
  p = p * square + -5.69250639462346e-05f;
  p = p * square + -7.34990630326855e-04f;
  p = p * square + -2.95459980854025e-03f;
  p = p * square + -1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * square + -2.13374055278905e-04f;
  q = q * square + -1.68282697438203e-03f;
  q = q * square + -7.37332916720468e-03f;
  q = q * square + -1.42647390514189e-02f;
  const float y = x * p / q;
  return y > 1.0f ? 1.0f : y < -1.0f ? -1.0f : y;
}
SYSTOLE_INLINE double fast_erf(double x) { return std::erf(x); }

// tanh within 4 units in the last place: a rational of degrees 13 and 6, |x| <= 7.99 (beyond, tanh rounds to 1);
// coefficients from Eigen's generic_fast_tanh.
SYSTOLE_INLINE float fast_tanh(float value) {
  const float x = value > 7.99f ? 7.99f : value < -7.99f ? -7.99f : value, square = x * x;
  float p = -2.76076847742355e-16f;
  p = p * square + 2.00018790482477e-13f;
  p = p * square + -8.60467152213735e-11f;
  p = p * square + 5.12229709037114e-08f;
  p = p * square + 1.48572235717979e-05f;
  p = p * square + 6.37261928875436e-04f;
  p = p * square + 4.89352455891786e-03f;
  float q = 1.19825839466702e-06f;
  q = q * square + 1.18534705686654e-04f;
  q = q * square + 2.26843463243900e-03f;
  q = q * square + 4.89352518554385e-03f;
  const float y = x * p / q, bounded = y > 1.0f ? 1.0f : y < -1.0f ? -1.0f : y;
  return value < 4e-4f && value > -4e-4f ? value : bounded;
}
SYSTOLE_INLINE double fast_tanh(double x) { return std::tanh(x); }

#undef SYSTOLE_INLINE

}  // namespace systole::cpu
