// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The functions of Unary and of Activation on one float or double.
#pragma once

#include <algorithm>
#include <cmath>

#include "hal/op.h"

namespace systole::ref {

// low and high: Unary's alpha and beta.
template <typename T>
T apply_unary(UnaryKind kind, T x, float low = 0, float high = 0) {
  auto alpha = static_cast<T>(low), beta = static_cast<T>(high);
  auto sigmoid = [](T v) { return T(1) / (T(1) + std::exp(-v)); };
  auto hard = [](T v, T slope, T shift) { return std::max(T(0), std::min(T(1), slope * v + shift)); };
  switch (kind) {
    case UnaryKind::kRelu:
      return x < T(0) ? T(0) : x;
    case UnaryKind::kClip:
      return x < alpha ? alpha : x > beta ? beta : x;
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

template <typename T>
T activate(T value, Activation activation, float low, float high) {
  switch (activation) {
    case Activation::kNone:
      return value;
    case Activation::kRelu:
      return apply_unary(UnaryKind::kRelu, value);
    case Activation::kClip:
      return apply_unary(UnaryKind::kClip, value, low, high);
    case Activation::kSigmoid:
      return apply_unary(UnaryKind::kSigmoid, value);
    case Activation::kTanh:
      return apply_unary(UnaryKind::kTanh, value);
    case Activation::kGeluErf:
      return apply_unary(UnaryKind::kGeluErf, value);
    case Activation::kGeluTanh:
      return apply_unary(UnaryKind::kGeluTanh, value);
    case Activation::kSilu:
      return apply_unary(UnaryKind::kSilu, value);
    case Activation::kHardSwish:
      return apply_unary(UnaryKind::kHardSwish, value);
  }
  return value;
}

}  // namespace systole::ref
