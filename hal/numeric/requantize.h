// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// From an i32 sum to 8 bits, to the bit: ONNX's float multiplier and TFLite's Q31 one. From and to real numbers.
// TFLite's definitions: tensorflow/lite/kernels/internal/common.h and gemmlowp's fixedpoint.h (semantics, not code).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace systole::numeric {

// Round half to even, saturated to i32; NaN gives 0.
inline int32_t round_half_even(float value) {
  if (!(value >= -2147483648.0f)) return value != value ? 0 : INT32_MIN;
  if (value >= 2147483648.0f) return INT32_MAX;
  constexpr double kWhole = 6755399441055744.0;  // 1.5 * 2^52: a sum of that size has no room for fractions
  return static_cast<int32_t>(static_cast<double>(value) + kWhole - kWhole);
}

inline int32_t wrapping_add(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}
inline int32_t wrapping_sub(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b));
}
inline int32_t wrapping_mul(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) * static_cast<uint32_t>(b));
}
inline bool add_overflows(int32_t a, int32_t b) { return ((a ^ wrapping_add(a, b)) & (b ^ wrapping_add(a, b))) < 0; }

inline int32_t saturate(int64_t value, int32_t lo, int32_t hi) {
  return static_cast<int32_t>(std::clamp<int64_t>(value, lo, hi));
}

// ONNX: m = f32(f32(sx * sw) / sy); the result is before the zero point.
inline float onnx_multiplier(float x_scale, float w_scale, float y_scale) {
  const float product = x_scale * w_scale;
  return product / y_scale;
}
inline int32_t requantize_onnx(int32_t sum, float multiplier) {
  return round_half_even(static_cast<float>(sum) * multiplier);
}

// real ~= q31 * 2^(shift - 31), q31 in [2^30, 2^31) or zero; shift > 0 is to the left.
struct Q31Multiplier {
  int32_t q31 = 0;
  int32_t shift = 0;
};
// As TFLite's QuantizeMultiplier: rounded away from zero at half; below 2^-31 it is zero.
Q31Multiplier q31_multiplier(double real);
// The multiplier of a layer, in double as TFLite's reference computes it: (double)sx * (double)sw / (double)sy.
Q31Multiplier tflite_multiplier(float x_scale, float w_scale, float y_scale);

// (2ab + 2^31) / 2^32 rounded as gemmlowp does; both INT32_MIN saturates.
inline int32_t doubling_high_multiply(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  const int64_t product = static_cast<int64_t>(a) * b;
  const int64_t nudge = product >= 0 ? (int64_t{1} << 30) : 1 - (int64_t{1} << 30);
  return static_cast<int32_t>((product + nudge) / (int64_t{1} << 31));
}
// x / 2^exponent rounded to nearest, halves away from zero. exponent in [0, 31].
inline int32_t rounding_divide_by_power_of_two(int32_t x, int exponent) {
  const int32_t mask = static_cast<int32_t>((int64_t{1} << exponent) - 1);
  const int32_t remainder = x & mask;
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}
// TFLite's MultiplyByQuantizedMultiplier (two roundings); the result is before the zero point. Shifts beyond 31 places,
// which no multiplier has, count as 31.
inline int32_t requantize_tflite(int32_t sum, Q31Multiplier m) {
  const int left = std::clamp(m.shift, 0, 31), right = -std::clamp(m.shift, -31, 0);
  const int32_t shifted = static_cast<int32_t>(static_cast<uint32_t>(sum) << left);
  return rounding_divide_by_power_of_two(doubling_high_multiply(shifted, m.q31), right);
}

// ONNX QuantizeLinear and DequantizeLinear.
inline int32_t quantize(float real, float scale, int32_t zero_point, int32_t lo, int32_t hi) {
  return saturate(int64_t{round_half_even(real / scale)} + zero_point, lo, hi);
}
inline float dequantize(int32_t stored, float scale, int32_t zero_point) {
  return static_cast<float>(stored - zero_point) * scale;
}

}  // namespace systole::numeric
