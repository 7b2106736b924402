// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/numeric/fp8.h"

#include <bit>
#include <cmath>
#include <limits>

namespace systole::numeric {
namespace {

struct Format {
  int mantissa_bits, bias, max_exponent;
  float largest;
};
constexpr Format kE4M3{3, 7, 15, 448.0f};
constexpr Format kE5M2{2, 15, 30, 57344.0f};

float decode(uint8_t bits, const Format& format) {
  const int mantissa = bits & ((1 << format.mantissa_bits) - 1);
  const int exponent = (bits & 0x7f) >> format.mantissa_bits;
  const float magnitude = exponent == 0
                              ? std::ldexp(static_cast<float>(mantissa), 1 - format.bias - format.mantissa_bits)
                              : std::ldexp(static_cast<float>(mantissa + (1 << format.mantissa_bits)),
                                           exponent - format.bias - format.mantissa_bits);
  return bits & 0x80 ? -magnitude : magnitude;
}

// `value` is finite or infinite, not NaN.
uint8_t encode(float value, const Format& format) {
  const uint8_t sign = std::signbit(value) ? 0x80 : 0;
  const float magnitude = std::fmin(std::fabs(value), format.largest);
  if (magnitude == 0.0f) return sign;
  int exponent = std::ilogb(magnitude);
  if (exponent < 1 - format.bias) exponent = 1 - format.bias;
  const float units = std::ldexp(magnitude, format.mantissa_bits - exponent);  // exact
  int rounded = static_cast<int>(std::nearbyintf(units));
  if (rounded == 2 << format.mantissa_bits) {
    rounded >>= 1;
    ++exponent;
  }
  const int implicit = 1 << format.mantissa_bits;
  if (rounded < implicit) return static_cast<uint8_t>(sign | rounded);  // subnormal
  return static_cast<uint8_t>(sign | (exponent + format.bias) << format.mantissa_bits | (rounded - implicit));
}

}  // namespace

float to_f32(F8E4M3 value) {
  if ((value.bits & 0x7f) == 0x7f) return std::numeric_limits<float>::quiet_NaN();
  return decode(value.bits, kE4M3);
}

float to_f32(F8E5M2 value) {
  const int magnitude = value.bits & 0x7f;
  if (magnitude > 0x7c) return std::numeric_limits<float>::quiet_NaN();
  if (magnitude == 0x7c) return value.bits & 0x80 ? -HUGE_VALF : HUGE_VALF;
  return decode(value.bits, kE5M2);
}

F8E4M3 to_f8e4m3(float value) { return {std::isnan(value) ? uint8_t{0x7f} : encode(value, kE4M3)}; }
F8E5M2 to_f8e5m2(float value) { return {std::isnan(value) ? uint8_t{0x7f} : encode(value, kE5M2)}; }

}  // namespace systole::numeric
