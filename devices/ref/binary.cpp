// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "devices/ref/epilogue.h"

namespace systole::ref {
namespace {

bool compare(BinaryKind kind, bool less, bool equal, bool greater) {
  switch (kind) {
    case BinaryKind::kEqual:
      return equal;
    case BinaryKind::kLess:
      return less;
    case BinaryKind::kLessEqual:
      return less || equal;
    case BinaryKind::kGreater:
      return greater;
    default:
      return greater || equal;
  }
}

template <typename T>
T apply_float(BinaryKind kind, T a, T b) {
  switch (kind) {
    case BinaryKind::kAdd:
      return a + b;
    case BinaryKind::kSub:
      return a - b;
    case BinaryKind::kMul:
      return a * b;
    case BinaryKind::kDiv:
      return a / b;
    case BinaryKind::kMin:
      return a != a ? a : b < a || b != b ? b : a;
    case BinaryKind::kMax:
      return a != a ? a : b > a || b != b ? b : a;
    case BinaryKind::kPow:
      return std::pow(a, b);
    case BinaryKind::kMod:
      return std::fmod(a, b);
    default:
      return a;
  }
}

template <typename T>
T power(T base, T exponent) {
  if (exponent < T(0)) return base == T(1) ? T(1) : base == T(-1) ? (exponent % 2 == 0 ? T(1) : base) : T(0);
  uint64_t result = 1, square = static_cast<uint64_t>(base);
  for (auto left = static_cast<uint64_t>(exponent); left != 0; left >>= 1, square *= square) {
    if (left & 1) result *= square;
  }
  return static_cast<T>(result);
}

// Wraps; a division or remainder by zero gives zero; the remainder has the sign of the divisor.
template <typename T>
T apply_integer(BinaryKind kind, T a, T b) {
  auto ua = static_cast<uint64_t>(a), ub = static_cast<uint64_t>(b);
  bool minus_one = std::is_signed_v<T> && b == static_cast<T>(-1);
  switch (kind) {
    case BinaryKind::kAdd:
      return static_cast<T>(ua + ub);
    case BinaryKind::kSub:
      return static_cast<T>(ua - ub);
    case BinaryKind::kMul:
      return static_cast<T>(ua * ub);
    case BinaryKind::kDiv:
      return b == 0 ? 0 : minus_one ? static_cast<T>(0 - ua) : static_cast<T>(a / b);
    case BinaryKind::kMod: {
      if (b == 0 || minus_one) return 0;
      T rest = a % b;
      return rest != 0 && (rest < 0) != (b < 0) ? static_cast<T>(rest + b) : rest;
    }
    case BinaryKind::kMin:
      return std::min(a, b);
    case BinaryKind::kMax:
      return std::max(a, b);
    case BinaryKind::kPow:
      return power(a, b);
    case BinaryKind::kAnd:
      return a & b;
    case BinaryKind::kOr:
      return a | b;
    case BinaryKind::kXor:
      return a ^ b;
    default:
      return a;
  }
}

int64_t apply_quantized(const Binary& op, int64_t a, int64_t b, const Quantization& qa, const Quantization& qb,
                        const TensorDesc& y) {
  float ra = static_cast<float>(a - qa.zero_point[0]) * qa.scale[0];
  float rb = static_cast<float>(b - qb.zero_point[0]) * qb.scale[0];
  float real = apply_float(op.kind, ra, rb);
  float inverse = 1.0f / y.quant->scale[0];
  int64_t stored = saturate_round(real * inverse, y.quant->zero_point[0], y.dtype);
  IntegerRange clamp = clamp_range(y, op.activation, op.clip_lo, op.clip_hi);
  return std::clamp(stored, clamp.low, clamp.high);
}

// Plain integers: the clip's bounds are compared as reals.
template <typename T>
T activate_integer(const Binary& op, T value) {
  if (op.activation == Activation::kRelu) return std::max<T>(value, 0);
  if (op.activation != Activation::kClip) return value;
  if (static_cast<double>(value) < static_cast<double>(op.clip_lo)) return static_cast<T>(std::ceil(op.clip_lo));
  if (static_cast<double>(value) > static_cast<double>(op.clip_hi)) return static_cast<T>(std::floor(op.clip_hi));
  return value;
}

// The value as its type stores it, so that an activation sees what wrapped.
template <typename T>
T wrapped(T value, DType type) {
  int bits = bit_width(type);
  if (bits >= 64 || type == DType::kBool) return value;
  auto kept = static_cast<uint64_t>(value) << (64 - bits);
  return is_signed_integer(type) ? static_cast<T>(static_cast<int64_t>(kept) >> (64 - bits))
                                 : static_cast<T>(kept >> (64 - bits));
}

template <typename T>
void compare_all(const Binary& op, const std::vector<T>& a, const std::vector<T>& b, const HostTensor& y) {
  std::vector<int32_t> out(a.size());
  for (size_t i = 0; i < a.size(); ++i) out[i] = compare(op.kind, a[i]<b[i], a[i] == b[i], a[i]> b[i]);
  scatter(y, out);
}

}  // namespace

void run(const Binary& op, Tensors inputs, const HostTensor& y) {
  const TensorDesc &da = *inputs[0].desc, &db = *inputs[1].desc;
  with_domain(da.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> a = gather<T>(inputs[0].data, broadcast_to(da, y.desc->shape));
    std::vector<T> b = gather<T>(inputs[1].data, broadcast_to(db, y.desc->shape));
    if (op.kind >= BinaryKind::kEqual) return compare_all(op, a, b, y);
    for (size_t i = 0; i < a.size(); ++i) {
      if constexpr (std::is_floating_point_v<T>) {
        a[i] = activate(apply_float(op.kind, a[i], b[i]), op.activation, op.clip_lo, op.clip_hi);
      } else if (da.quant) {
        a[i] = static_cast<T>(
            apply_quantized(op, static_cast<int64_t>(a[i]), static_cast<int64_t>(b[i]), *da.quant, *db.quant, *y.desc));
      } else {
        a[i] = activate_integer(op, wrapped(apply_integer(op.kind, a[i], b[i]), da.dtype));
      }
    }
    scatter(y, a);
  });
}

}  // namespace systole::ref
