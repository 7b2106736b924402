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
  return 1;
}

// What the values are: `input` and `extra` (bias, residual) are largest magnitudes, `weight_sum` the largest sum of
// weight magnitudes behind one output element. Only `input` matters where the op has no weights.
struct Magnitudes {
  double input = 0, weight_sum = 0, extra = 0;
};

inline Bound node_bound(const OpDesc& op, const Magnitudes& values) {
  const DType type = op.outputs[0].dtype;
  if (!is_float(type)) return {};  // integer arithmetic is exact, requantization is pinned to the bit
  const int64_t k = reduction_length(op);
  Bound bound{0, 2 * unit_roundoff(type)};
  if (std::holds_alternative<Conv2d>(op.op) || std::holds_alternative<Matmul>(op.op)) {
    bound.absolute = sum_error(k) * values.input * values.weight_sum +
                     4 * 0x1p-24 * (values.input * values.weight_sum + values.extra);
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
  } else if (std::holds_alternative<Unary>(op.op)) {
    bound.relative += 16 * 0x1p-24;  // a library function is within a few units in the last place
    bound.absolute = 4 * 0x1p-24;
  } else if (std::holds_alternative<Binary>(op.op)) {
    bound.relative += 4 * 0x1p-24;
  } else {
    bound.relative = type == DType::kBF16 || type == DType::kF32 ? 0 : bound.relative;  // moving and casting are exact
  }
  return bound;
}

}  // namespace systole::graph
