// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/interpreter/reference_functions.h"

#include <bit>
#include <cmath>
#include <cstdint>

#include "configs/contract/generated/npu_functions.h"

namespace systole::reference {
namespace {

uint32_t bits(float x) { return std::bit_cast<uint32_t>(x); }
float real(uint32_t x) { return std::bit_cast<float>(x); }
constexpr uint32_t kSign = 0x80000000u, kInf = 0x7f800000u, kNan = 0x7fc00000u;
bool tiny(float y) { return (bits(y) & ~kSign) < 0x00800000u; }
float flush(float y) { return tiny(y) ? real(bits(y) & kSign) : y; }
float entry(const uint32_t* c, float d) {
  const float inner = real(c[1]) + d * real(c[2]);
  return real(c[0]) + d * inner;
}

// y * 2^n of a normal y, by its exponent field.
float shifted(float y, int n) {
  const int field = static_cast<int>(bits(y) >> 23 & 0xff) + n;
  if (field >= 255) return real((bits(y) & kSign) | kInf);
  if (field <= 0) return real(bits(y) & kSign);
  return real((bits(y) & 0x807fffffu) | static_cast<uint32_t>(field) << 23);
}

// |x| = fraction * 2^exponent, the fraction's 23 bits below 1.
void take_apart(float x, uint32_t& fraction, int& exponent) {
  fraction = bits(x) & 0x7fffffu;
  exponent = static_cast<int>(bits(x) >> 23 & 0xff) - 127;
  if (exponent > -127) return;
  exponent = -126;
  while (!(fraction & 0x800000u)) fraction <<= 1, --exponent;
  fraction &= 0x7fffffu;
}

// The low 17 bits of the fraction: the distance from a segment of 1/64.
float rest(uint32_t fraction) { return static_cast<float>(fraction & 0x1ffffu) * 0x1p-23f; }

float ref_exp(float x) {
  if (x > 88.72283f) return real(kInf);
  if (x < -87.33654f) return 0;
  const int k = static_cast<int>(std::lrint(static_cast<double>(x * 1.44269502f)));
  const float whole = static_cast<float>(k);
  const float r = (x - whole * 0.693359375f) + whole * 2.12194442e-4f;
  const auto i = static_cast<int>(std::floor((r + 0.5f) * 64.0f));
  return shifted(entry(contract::kExpTable[i], r - (static_cast<float>(i) / 64.0f - 0.5f)), k);
}

float ref_reciprocal(float x) {
  const uint32_t sign = bits(x) & kSign, size = bits(x) & ~kSign;
  if (size == 0) return real(sign | kInf);
  if (size == kInf) return real(sign);
  uint32_t fraction;
  int e;
  take_apart(x, fraction, e);
  return real(bits(shifted(entry(contract::kReciprocalTable[fraction >> 17], rest(fraction)), -e)) | sign);
}

float ref_rsqrt(float x) {
  if ((bits(x) & ~kSign) == 0) return real((bits(x) & kSign) | kInf);
  if (bits(x) & kSign) return real(kNan);
  if (bits(x) == kInf) return 0;
  uint32_t fraction;
  int e;
  take_apart(x, fraction, e);
  const bool odd = (e & 1) != 0;
  const float y = odd ? entry(contract::kRsqrtTable[64 + (fraction >> 17)], 2.0f * rest(fraction))
                      : entry(contract::kRsqrtTable[fraction >> 17], rest(fraction));
  return shifted(y, -(odd ? e - 1 : e) / 2);
}

float ref_log(float x) {
  if ((bits(x) & ~kSign) == 0) return real(kSign | kInf);
  if (bits(x) & kSign) return real(kNan);
  if (bits(x) == kInf) return x;
  uint32_t fraction;
  int e;
  take_apart(x, fraction, e);
  return flush(entry(contract::kLogTable[fraction >> 17], rest(fraction)) + static_cast<float>(e) * 0.693147182f);
}

float ref_erf(float x) {
  const float size = real(bits(x) & ~kSign);
  if (size >= 4) return real((bits(x) & kSign) | 0x3f800000u);
  const auto i = static_cast<int>(std::floor(size * 32.0f));
  return flush(x * entry(contract::kErfTable[i], size - static_cast<float>(i) / 32.0f));
}

float ref_sigmoid(float x) {
  const float t = ref_exp(real(bits(x) | kSign)), r = ref_reciprocal(1.0f + t);
  return x < 0 ? flush(t * r) : r;
}

float ref_tanh(float x) {
  const float size = real(bits(x) & ~kSign);
  if (size < 0.25f) {
    const float s = x * x, a = 0.13333334f + s * -0.0539682545f, b = -0.333333343f + s * a;
    return flush(x + x * (s * b));
  }
  const float t = ref_exp(-2.0f * size);
  return real(bits((1.0f - t) * ref_reciprocal(1.0f + t)) | (bits(x) & kSign));
}

float gated(float x, float argument) { return bits(x) == (kSign | kInf) ? 0.0f : flush(x * ref_sigmoid(argument)); }

}  // namespace

float reference_function(contract::Function function, float x) {
  using contract::Function;
  if (x != x) return x;
  switch (function) {
    case Function::kExp:
      return ref_exp(x);
    case Function::kLog:
      return ref_log(x);
    case Function::kReciprocal:
      return ref_reciprocal(x);
    case Function::kRsqrt:
      return ref_rsqrt(x);
    case Function::kSqrt:
      if ((bits(x) & ~kSign) == 0 || bits(x) == kInf) return x;
      return flush(x * ref_rsqrt(x));
    case Function::kErf:
      return ref_erf(x);
    case Function::kTanh:
      return ref_tanh(x);
    case Function::kSigmoid:
      return ref_sigmoid(x);
    case Function::kSilu:
      return gated(x, x);
    case Function::kGeluErf:
      if (std::abs(x) >= 6) return x > 0 ? x : 0.0f;
      return flush((0.5f * x) * (1.0f + ref_erf(x * 0.707106769f)));
    case Function::kGeluTanh:
      return gated(x, 1.59576912f * (x + 0.044715f * ((x * x) * x)));
    case Function::kHardSwish: {
      float gate = x * 0.166666672f + 0.5f;
      gate = gate < 0 ? 0 : gate > 1 ? 1 : gate;
      return flush(x * gate);
    }
    default:
      return x;
  }
}

}  // namespace systole::reference
