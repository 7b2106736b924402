// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "devices/ref/epilogue.h"

namespace systole::ref {
namespace {

template <typename T>
T apply(const Unary& op, T x) {
  auto alpha = static_cast<T>(op.alpha), beta = static_cast<T>(op.beta);
  auto sigmoid = [](T v) { return T(1) / (T(1) + std::exp(-v)); };
  auto hard = [](T v, T slope, T shift) { return std::max(T(0), std::min(T(1), slope * v + shift)); };
  switch (op.kind) {
    case UnaryKind::kRelu:
      return activate(x, Activation::kRelu, 0, 0);
    case UnaryKind::kClip:
      return activate(x, Activation::kClip, op.alpha, op.beta);
    case UnaryKind::kNeg:
      return -x;
    case UnaryKind::kAbs:
      return std::fabs(x);
    case UnaryKind::kExp:
      return std::exp(x);
    case UnaryKind::kLog:
      return std::log(x);
    case UnaryKind::kSqrt:
      return std::sqrt(x);
    case UnaryKind::kReciprocal:
      return T(1) / x;
    case UnaryKind::kSigmoid:
      return sigmoid(x);
    case UnaryKind::kTanh:
      return std::tanh(x);
    case UnaryKind::kErf:
      return std::erf(x);
    case UnaryKind::kGeluErf:
      return T(0.5) * x * (T(1) + std::erf(x * T(0.70710678118654752440)));
    case UnaryKind::kGeluTanh: {
      T inner = T(0.79788456080286535588) * (x + T(0.044715) * x * x * x);
      return T(0.5) * x * (T(1) + std::tanh(inner));
    }
    case UnaryKind::kSilu:
      return x * sigmoid(x);
    case UnaryKind::kHardSigmoid:
      return hard(x, alpha, beta);
    case UnaryKind::kHardSwish:
      return x * hard(x, T(1) / T(6), T(0.5));
    case UnaryKind::kLeakyRelu:
      return x < T(0) ? alpha * x : x;
    case UnaryKind::kFloor:
      return std::floor(x);
    case UnaryKind::kCeil:
      return std::ceil(x);
    case UnaryKind::kRound:
      return std::nearbyint(x);
    case UnaryKind::kSign:
      return x > T(0) ? T(1) : x < T(0) ? T(-1) : x;
    case UnaryKind::kNot:
      break;  // of bool only
  }
  return x;
}

// On the stored value less its zero point. Quantized results saturate, plain ones wrap.
int64_t apply_quantized(const Unary& op, int64_t stored, float scale, int32_t zero, DType type) {
  IntegerRange range = integer_range(type);
  int64_t value = stored - zero;
  switch (op.kind) {
    case UnaryKind::kRelu:
      value = std::max<int64_t>(value, 0);
      break;
    case UnaryKind::kNeg:
      value = -value;
      break;
    case UnaryKind::kAbs:
      value = std::abs(value);
      break;
    case UnaryKind::kClip:
      return std::clamp(stored, saturate_round(op.alpha / scale, zero, type),
                        saturate_round(op.beta / scale, zero, type));
    default:
      break;
  }
  return std::clamp(value + zero, range.low, range.high);
}

template <typename T>
T apply_plain(const Unary& op, T value) {
  uint64_t negated = uint64_t{0} - static_cast<uint64_t>(value);
  switch (op.kind) {
    case UnaryKind::kRelu:
      return std::max<T>(value, 0);
    case UnaryKind::kNeg:
      return static_cast<T>(negated);
    case UnaryKind::kAbs:
      return value < T(0) ? static_cast<T>(negated) : value;
    case UnaryKind::kClip: {
      // Compared as reals; the bound itself is truncated towards the inside.
      if (static_cast<double>(value) < static_cast<double>(op.alpha)) return static_cast<T>(std::ceil(op.alpha));
      if (static_cast<double>(value) > static_cast<double>(op.beta)) return static_cast<T>(std::floor(op.beta));
      return value;
    }
    default:
      return value;
  }
}

}  // namespace

void run(const Unary& op, Tensors inputs, const HostTensor& y) {
  const TensorDesc& x = *inputs[0].desc;
  with_domain(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> values = gather<T>(inputs[0]);
    ScaleAt at(x);
    for (size_t i = 0; i < values.size(); ++i) {
      auto index = static_cast<int64_t>(i);
      if constexpr (std::is_floating_point_v<T>) {
        values[i] = apply(op, values[i]);
      } else if (x.dtype == DType::kBool) {
        values[i] = values[i] == 0;
      } else if (x.quant) {
        values[i] = static_cast<T>(
            apply_quantized(op, static_cast<int64_t>(values[i]), at.scale(index), at.zero(index), x.dtype));
      } else {
        values[i] = apply_plain(op, values[i]);
      }
    }
    scatter(y, values);
  });
}

}  // namespace systole::ref
