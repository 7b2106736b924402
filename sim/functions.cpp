// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/functions.h"

#include <bit>
#include <cmath>
#include <limits>

#include "configs/contract/generated/npu_functions.h"

namespace systole::sim {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

float flushed(float y) { return std::fabs(y) < 0x1p-126f ? std::copysign(0.0f, y) : y; }

float parabola(const uint32_t (&c)[3], float d) {
  return std::bit_cast<float>(c[0]) + d * (std::bit_cast<float>(c[1]) + d * std::bit_cast<float>(c[2]));
}

struct Parts {
  float mantissa;  // [1, 2)
  int exponent;
  int segment;      // of 1/64 from 1
  float remainder;  // from the segment's start
};

// x > 0 and finite.
Parts split(float x) {
  Parts p;
  p.mantissa = 2.0f * std::frexp(x, &p.exponent);
  p.exponent -= 1;
  p.segment = static_cast<int>((p.mantissa - 1.0f) * 64.0f);
  p.remainder = p.mantissa - (1.0f + static_cast<float>(p.segment) / 64.0f);
  return p;
}

float exponential(float x) {
  if (x > 88.72283f) return kInfinity;
  if (x < -87.33654f) return 0.0f;
  const float k = std::nearbyint(x * 1.44269502f);
  const float r = (x - k * 0.693359375f) + k * 2.12194442e-4f;
  const int segment = static_cast<int>((r + 0.5f) * 64.0f);
  const float d = r - (static_cast<float>(segment) / 64.0f - 0.5f);
  return flushed(std::ldexp(parabola(contract::kExpTable[segment], d), static_cast<int>(k)));
}

float reciprocal(float x) {
  if (x == 0) return std::copysign(kInfinity, x);
  if (std::isinf(x)) return std::copysign(0.0f, x);
  const Parts p = split(std::fabs(x));
  const float y = std::ldexp(parabola(contract::kReciprocalTable[p.segment], p.remainder), -p.exponent);
  return flushed(std::copysign(y, x));
}

float rsqrt(float x) {
  if (x == 0) return std::copysign(kInfinity, x);
  if (x < 0) return std::numeric_limits<float>::quiet_NaN();
  if (std::isinf(x)) return 0.0f;
  const Parts p = split(x);
  if (p.exponent % 2 == 0) return std::ldexp(parabola(contract::kRsqrtTable[p.segment], p.remainder), -p.exponent / 2);
  return std::ldexp(parabola(contract::kRsqrtTable[64 + p.segment], 2.0f * p.remainder), -(p.exponent - 1) / 2);
}

float logarithm(float x) {
  if (x == 0) return -kInfinity;
  if (x < 0) return std::numeric_limits<float>::quiet_NaN();
  if (std::isinf(x)) return x;
  const Parts p = split(x);
  return flushed(parabola(contract::kLogTable[p.segment], p.remainder) + static_cast<float>(p.exponent) * 0.693147182f);
}

float error_function(float x) {
  const float a = std::fabs(x);
  if (a >= 4.0f) return std::copysign(1.0f, x);
  const int segment = static_cast<int>(a * 32.0f);
  return flushed(x * parabola(contract::kErfTable[segment], a - static_cast<float>(segment) / 32.0f));
}

float sigmoid(float x) {
  const float t = exponential(-std::fabs(x));
  const float r = reciprocal(1.0f + t);
  return x < 0 ? flushed(t * r) : r;
}

float tangent(float x) {
  const float a = std::fabs(x);
  if (a < 0.25f) {
    const float s = x * x;
    return flushed(x + x * (s * (-0.333333343f + s * (0.13333334f + s * -0.0539682545f))));
  }
  const float t = exponential(-2.0f * a);
  return std::copysign((1.0f - t) * reciprocal(1.0f + t), x);
}

float gelu_erf(float x) {
  if (std::fabs(x) >= 6.0f) return x > 0 ? x : 0.0f;
  return flushed((0.5f * x) * (1.0f + error_function(x * 0.707106769f)));
}

float times_sigmoid(float x, float argument) { return x == -kInfinity ? 0.0f : flushed(x * sigmoid(argument)); }

}  // namespace

float evaluate(contract::Function function, float x) {
  using contract::Function;
  if (x != x) return x;
  switch (function) {
    case Function::kNone:
      return x;
    case Function::kExp:
      return exponential(x);
    case Function::kLog:
      return logarithm(x);
    case Function::kReciprocal:
      return reciprocal(x);
    case Function::kRsqrt:
      return rsqrt(x);
    case Function::kSqrt:
      return x == 0 || x == kInfinity ? x : flushed(x * rsqrt(x));
    case Function::kErf:
      return error_function(x);
    case Function::kTanh:
      return tangent(x);
    case Function::kSigmoid:
      return sigmoid(x);
    case Function::kSilu:
      return times_sigmoid(x, x);
    case Function::kGeluErf:
      return gelu_erf(x);
    case Function::kGeluTanh:
      return times_sigmoid(x, 1.59576912f * (x + 0.044715f * ((x * x) * x)));
    case Function::kHardSwish:
      return flushed(x * std::fmin(std::fmax(x * 0.166666672f + 0.5f, 0.0f), 1.0f));
  }
  return x;
}

}  // namespace systole::sim
