// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// How far two correct devices may differ on one op, from its reduction length and types. Nothing here is fitted to a
// device.
//
// Two f32 sums of k exact products in any order differ by at most 2 g(k) S, S the sum of the products' magnitudes, with
// g(k) = min(k, 6 sqrt(k)) * 2^-24: the first is the deterministic bound, the second the probabilistic one of Higham
// and Mary (SIAM J. Sci. Comput. 41(5), 2019) with lambda = 6. Products of bf16 are exact in f32; those of f32 round
// once, which g(k + 1) covers. Storing in a type of unit roundoff u lets two neighbours of a rounding boundary part by
// 2 u |y|.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "hal/op.h"

namespace systole::graph {

// |got - want| <= absolute + relative * max(|got|, |want|)
struct Bound {
  double absolute = 0, relative = 0;
  double at(double magnitude) const { return absolute + relative * magnitude; }
};

inline double unit_roundoff(DType type) {
  switch (type) {
    case DType::kF64:
      return 0x1p-53;
    case DType::kF32:
      return 0x1p-24;
    case DType::kF16:
      return 0x1p-11;
    case DType::kBF16:
      return 0x1p-8;
    case DType::kF8E4M3:
      return 0x1p-4;
    case DType::kF8E5M2:
      return 0x1p-3;
    default:
      return 0;
  }
}

inline double sum_error(int64_t k) {
  const double n = static_cast<double>(k) + 1;
  return 2.0 * std::min(n, 6.0 * std::sqrt(n)) * 0x1p-24;
}

// Length of the sum behind one output element; 1 where there is none.
inline int64_t reduction_length(const OpDesc& op) {
  const auto extent = [&](size_t operand, size_t axis) { return op.inputs[operand].shape[axis]; };
  if (std::holds_alternative<Conv2d>(op.op)) return extent(1, 1) * extent(1, 2) * extent(1, 3);
  if (const auto* matmul = std::get_if<Matmul>(&op.op))
    return op.inputs[0].shape[op.inputs[0].shape.size() - (matmul->transpose_a ? 2 : 1)];
  if (const auto* pool = std::get_if<Pool>(&op.op))
    return pool->kind == PoolKind::kAverage ? pool->kernel_h * pool->kernel_w : 1;
  if (const auto* reduce = std::get_if<Reduce>(&op.op)) {
    int64_t length = 1;
    for (int axis : reduce->axes) length *= extent(0, static_cast<size_t>(axis));
    return length;
  }
  if (const auto* softmax = std::get_if<Softmax>(&op.op)) {
    const int rank = op.inputs[0].rank();
    return extent(0, static_cast<size_t>(softmax->axis < 0 ? softmax->axis + rank : softmax->axis));
  }
  if (const auto* normalize = std::get_if<Normalize>(&op.op)) {
    int64_t length = 1;
    for (int axis = op.inputs[0].rank() - normalize->axes; axis < op.inputs[0].rank(); ++axis)
      length *= extent(0, static_cast<size_t>(axis));
    return length;
  }
  if (const auto* attention = std::get_if<Attention>(&op.op)) return attention->key_count(op.inputs[1]);
  return 1;
}

// What the values are, as largest magnitudes. Only `input` matters where an op has none of the others.
struct Magnitudes {
  double input = 0;       // of the first operand; of both where they are alike
  double weight_sum = 0;  // largest sum of weight magnitudes behind one output element; attention: of one key
  double extra = 0;       // bias, residual; attention: what the mask adds to a score that isn't hidden
  double scale = 1;       // normalize: of its scale
  double deviation = 1;   // normalize: the smallest that a row is divided by
  double value = 0;       // attention: of v
};

// An activation's steepest slope, by which an error ahead of it grows at most: GELU 1.129 at 1.41, SiLU 1.0998 at 2.40,
// hard swish (2x + 3) / 6 at 3.
inline double steepest(Activation activation) {
  switch (activation) {
    case Activation::kSigmoid:
      return 0.25;
    case Activation::kGeluErf:
    case Activation::kGeluTanh:
      return 1.13;
    case Activation::kSilu:
      return 1.1;
    case Activation::kHardSwish:
      return 1.5;
    default:
      return 1.0;
  }
}

// What two devices' own versions of a function differ by. A library's function or a table is within a few units in the
// last place. A GELU of a negative number is 0.5 x (1 + erf) with erf near -1: an error of one unit of erf, 2^-24, on
// either side, 2 for vectorised ones, times 0.5 |x|, |x| < 5.9 where erf isn't -1 yet: 12 * 2^-24.
inline Bound function_bound(bool gelu) { return {(gelu ? 12 : 4) * 0x1p-24, 16 * 0x1p-24}; }

inline bool is_function(Activation activation) {
  return activation != Activation::kNone && activation != Activation::kRelu && activation != Activation::kClip;
}

// An error of `before` ahead of the activation, then the function's own.
inline void activate_bound(Activation activation, double before, Bound& bound) {
  bound.absolute += steepest(activation) * before;
  if (!is_function(activation)) return;
  const bool gelu = activation == Activation::kGeluErf || activation == Activation::kGeluTanh;
  bound.absolute += function_bound(gelu).absolute;
  bound.relative += function_bound(gelu).relative;
}

// With X the largest |x|, s the smallest deviation, n the row's length and u = 2^-24: the means differ by
// e = (sum_error(n) + 2u) X, so the centred values by e, and relatively by 2u more. The centred squares add up to n
// s^2: their sum's relative error is sum_error(n) + 4u, and the wrong mean adds its own square, (e / s)^2, as the
// centred values themselves add up to n e at most. The root halves that. Quotient, product with the scale and the sum
// with the bias round once each on both sides. y without its bias is at most |y| + |bias|.
inline void normalize_bound(const Normalize& op, int64_t n, const Magnitudes& values, Bound& bound) {
  const double u = 0x1p-24;
  const double shift = op.kind == NormKind::kLayer ? (sum_error(n) + 2 * u) * values.input / values.deviation : 0;
  const double relative = 0.5 * (sum_error(n) + 4 * u) + 3 * shift * shift + 10 * u;
  bound.relative += relative;
  bound.absolute = values.scale * shift + (relative + 2 * u) * values.extra;
}

// Scores differ by e = |scale| sum_error(depth) Q K + 4u (|scale| Q K + M), with Q the largest |q|, K the largest sum
// of a key's |k|, M the largest visible |mask|. A probability carries that twice, once through the denominator, the
// rounding of its exponent's argument (as a softmax does) and of the denominator's sum; each side may round it to q's
// type. Probabilities add up to one, so that their relative error is y's over the largest |v|; the second product adds
// the error of a sum over the keys. A query whose keys are all hidden by numbers between 1e4 and the largest float is
// outside of this: its scores are noise.
inline void attention_bound(const OpDesc& op, int64_t keys, const Magnitudes& values, Bound& bound) {
  const double u = 0x1p-24, scale = std::fabs(double{std::get<Attention>(op.op).scale});
  const double score = scale * values.input * values.weight_sum;
  const double scores = sum_error(op.inputs[0].shape.back()) * score + 4 * u * (score + values.extra);
  const double probability = std::expm1(2 * scores) + sum_error(keys) + 4 * u * (4 + score + values.extra) +
                             2 * unit_roundoff(op.inputs[0].dtype);
  bound.absolute = values.value * (probability + sum_error(keys) + 4 * u);
}

inline Bound node_bound(const OpDesc& op, const Magnitudes& values) {
  const DType type = op.outputs[0].dtype;
  if (!is_float(type)) return {};  // integer arithmetic is exact, requantization is pinned to the bit
  const int64_t k = reduction_length(op);
  Bound bound{0, 2 * unit_roundoff(type)};
  if (std::holds_alternative<Conv2d>(op.op) || std::holds_alternative<Matmul>(op.op)) {
    const double before = sum_error(k) * values.input * values.weight_sum +
                          4 * 0x1p-24 * (values.input * values.weight_sum + values.extra);
    const auto* conv = std::get_if<Conv2d>(&op.op);
    activate_bound(conv ? conv->epilogue.activation : std::get<Matmul>(op.op).epilogue.activation, before, bound);
  } else if (const auto* pool = std::get_if<Pool>(&op.op)) {
    if (pool->kind == PoolKind::kAverage) bound.absolute = (sum_error(k) + 2 * 0x1p-24) * values.input;
  } else if (const auto* reduce = std::get_if<Reduce>(&op.op)) {
    const double length = static_cast<double>(k), x = values.input;
    if (reduce->kind == ReduceKind::kSum) bound.absolute = sum_error(k) * length * x;
    if (reduce->kind == ReduceKind::kMean) bound.absolute = (sum_error(k) + 2 * 0x1p-24) * x;
    if (reduce->kind == ReduceKind::kSumSquare) bound.absolute = sum_error(k) * length * x * x;
    if (reduce->kind == ReduceKind::kProd) bound.relative += sum_error(k) * length;
  } else if (std::holds_alternative<Softmax>(op.op)) {
    // exp carries the rounding of x - max, relative 2^-24 of a number of up to twice the input's magnitude.
    bound.relative += sum_error(k) + 4 * 0x1p-24 * (4 + values.input);
    bound.absolute = 0x1p-24;
  } else if (const auto* unary = std::get_if<Unary>(&op.op)) {
    const bool gelu = unary->kind == UnaryKind::kGeluErf || unary->kind == UnaryKind::kGeluTanh;
    bound.relative += function_bound(gelu).relative;
    bound.absolute = function_bound(gelu).absolute;
  } else if (const auto* binary = std::get_if<Binary>(&op.op)) {
    // v rounds relatively: |v f'(v)| is at most |f(v)| + 1.5 for every activation f (hard swish: v^2 / 6 at 3).
    bound.relative += 4 * 0x1p-24;
    if (is_function(binary->activation)) activate_bound(binary->activation, 1.5 * 4 * 0x1p-24, bound);
  } else if (const auto* normalize = std::get_if<Normalize>(&op.op)) {
    normalize_bound(*normalize, k, values, bound);
  } else if (std::holds_alternative<Attention>(op.op)) {
    attention_bound(op, k, values, bound);
  } else {
    bound.relative = type == DType::kBF16 || type == DType::kF32 ? 0 : bound.relative;  // moving and casting are exact
  }
  return bound;
}

}  // namespace systole::graph
