// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/functions.h"

#include <algorithm>
#include <cmath>

#include "devices/cpu/clones.h"
#include "devices/cpu/exponential.h"
#include "devices/cpu/tile.h"

namespace systole::cpu {
namespace {

template <typename T, typename F>
inline __attribute__((always_inline)) void each(T* row, int64_t count, F f) {
  for (int64_t i = 0; i < count; ++i) row[i] = f(row[i]);
}

template <typename T>
inline T gelu_tanh(T x) {
  const T inner = T(0.79788456080286535588) * (x + T(0.044715) * x * x * x);
  return T(0.5) * x * (T(1) + fast_tanh(inner));
}

template <typename T>
inline __attribute__((always_inline)) void apply(const Unary& op, T* row, int64_t count) {
  const T alpha = static_cast<T>(op.alpha), beta = static_cast<T>(op.beta);
  auto sigmoid = [](T x) { return T(1) / (T(1) + fast_exp(-x)); };
  auto hard = [](T x, T slope, T shift) { return std::max(T(0), std::min(T(1), slope * x + shift)); };
  switch (op.kind) {
    case UnaryKind::kRelu:
      return each(row, count, [](T x) { return x < T(0) ? T(0) : x; });
    case UnaryKind::kClip:
      return each(row, count, [=](T x) { return x < alpha ? alpha : x > beta ? beta : x; });
    case UnaryKind::kNeg:
      return each(row, count, [](T x) { return -x; });
    case UnaryKind::kAbs:
      return each(row, count, [](T x) { return std::fabs(x); });
    case UnaryKind::kExp:
      return each(row, count, [](T x) { return fast_exp(x); });
    case UnaryKind::kLog:
      return each(row, count, [](T x) { return std::log(x); });
    case UnaryKind::kSqrt:
      return each(row, count, [](T x) { return std::sqrt(x); });
    case UnaryKind::kReciprocal:
      return each(row, count, [](T x) { return T(1) / x; });
    case UnaryKind::kSigmoid:
      return each(row, count, sigmoid);
    case UnaryKind::kTanh:
      return each(row, count, [](T x) { return fast_tanh(x); });
    case UnaryKind::kErf:
      return each(row, count, [](T x) { return fast_erf(x); });
    case UnaryKind::kGeluErf:
      return each(row, count, [](T x) { return T(0.5) * x * (T(1) + fast_erf(x * T(0.70710678118654752440))); });
    case UnaryKind::kGeluTanh:
      return each(row, count, gelu_tanh<T>);
    case UnaryKind::kSilu:
      return each(row, count, [=](T x) { return x * sigmoid(x); });
    case UnaryKind::kHardSigmoid:
      return each(row, count, [=](T x) { return hard(x, alpha, beta); });
    case UnaryKind::kHardSwish:
      return each(row, count, [=](T x) { return x * hard(x, T(1) / T(6), T(0.5)); });
    case UnaryKind::kLeakyRelu:
      return each(row, count, [=](T x) { return x < T(0) ? alpha * x : x; });
    case UnaryKind::kFloor:
      return each(row, count, [](T x) { return std::floor(x); });
    case UnaryKind::kCeil:
      return each(row, count, [](T x) { return std::ceil(x); });
    case UnaryKind::kRound:
      return each(row, count, [](T x) { return std::nearbyint(x); });
    case UnaryKind::kSign:
      return each(row, count, [](T x) { return x > T(0) ? T(1) : x < T(0) ? T(-1) : x; });
    case UnaryKind::kNot:
      return;  // of bool only
  }
}

}  // namespace

Unary function_of(Activation activation, float low, float high) {
  switch (activation) {
    case Activation::kNone:
      return {};
    case Activation::kRelu:
      return {UnaryKind::kRelu};
    case Activation::kClip:
      return {UnaryKind::kClip, low, high};
    case Activation::kSigmoid:
      return {UnaryKind::kSigmoid};
    case Activation::kTanh:
      return {UnaryKind::kTanh};
    case Activation::kGeluErf:
      return {UnaryKind::kGeluErf};
    case Activation::kGeluTanh:
      return {UnaryKind::kGeluTanh};
    case Activation::kSilu:
      return {UnaryKind::kSilu};
    case Activation::kHardSwish:
      return {UnaryKind::kHardSwish};
  }
  return {};
}

SYSTOLE_CPU_CLONES
void apply_cloned(const Unary& op, float* row, int64_t count) { apply(op, row, count); }

void apply_unary(const Unary& op, float* row, int64_t count) {
  const TileKernels* kernels = tile_kernels();
  if (kernels == nullptr || !kernels->function_rows(op.kind, row, 1, 0, count)) apply_cloned(op, row, count);
}
void apply_unary(const Unary& op, double* row, int64_t count) { apply(op, row, count); }

void activate_rows(Activation activation, float low, float high, float* row, int64_t rows, int64_t stride,
                   int64_t count) {
  if (activation == Activation::kNone) return;
  const Unary op = function_of(activation, low, high);
  const TileKernels* kernels = tile_kernels();
  if (kernels != nullptr && kernels->function_rows(op.kind, row, rows, stride, count)) return;
  for (int64_t r = 0; r < rows; ++r) apply_cloned(op, row + r * stride, count);
}
void activate(Activation activation, float low, float high, float* row, int64_t count) {
  if (activation != Activation::kNone) apply_unary(function_of(activation, low, high), row, count);
}
void activate(Activation activation, float low, float high, double* row, int64_t count) {
  if (activation != Activation::kNone) apply_unary(function_of(activation, low, high), row, count);
}

}  // namespace systole::cpu
