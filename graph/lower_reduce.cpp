// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Reductions, softmax and normalizations.
#include <algorithm>
#include <cmath>

#include "graph/lowering_rules.h"

namespace systole::graph {
namespace {

// Reduces into a shape with extents 1 kept, then drops them where the output has none.
void emit_reduce(Lowering& l, const std::string& suffix, Reduce op, ValueId x, ValueId y) {
  Shape kept = l.graph.at(x).shape;
  for (int axis : op.axes) kept[static_cast<size_t>(axis)] = 1;
  if (kept == l.graph.at(y).shape) {
    l.emit_op(suffix, std::move(op), {x}, y);
    return;
  }
  ValueId reduced = l.temporary(suffix.empty() ? "kept" : suffix + "_kept", l.graph.at(x).dtype, kept);
  l.emit_op(suffix.empty() ? "reduce" : suffix, std::move(op), {x}, reduced);
  l.emit_reshape(suffix.empty() ? "" : suffix + "_drop", reduced, y);
}

// An image's mean over its pixels is a global average pool, which every device is fast at.
void emit_mean_pool(Lowering& l) {
  const Shape x = l.in(0).shape;
  Pool op;
  op.kind = PoolKind::kAverage;
  op.kernel_h = x[2], op.kernel_w = x[3];
  if (l.result().shape.size() == 4) {
    l.emit_op("", op, {l.node.inputs[0]}, l.node.outputs[0]);
    return;
  }
  ValueId kept = l.temporary("kept", l.in(0).dtype, {x[0], x[1], 1, 1});
  l.emit_op("pool", op, {l.node.inputs[0]}, kept);
  l.emit_reshape("", kept, l.node.outputs[0]);
}

Result<std::vector<int>> reduced_axes(Lowering& l) {
  SYSTOLE_ASSIGN_OR_RETURN(auto given, ints_argument(l.graph, l.node, "axes", 1));
  std::vector<int64_t> axes = given ? *given : std::vector<int64_t>();
  if (axes.empty() && int_attr(l.node, "noop_with_empty_axes", 0) == 0) {
    for (size_t i = 0; i < l.in(0).shape.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  }
  return normal_axes(l.node, axes, static_cast<int>(l.in(0).shape.size()));
}

template <ReduceKind kind>
Status reduce(Lowering& l) {
  SYSTOLE_ASSIGN_OR_RETURN(auto axes, reduced_axes(l));
  if (axes.empty()) {
    l.pass_through();
    return {};
  }
  if (kind == ReduceKind::kMean && l.in(0).shape.size() == 4 && axes == std::vector<int>{2, 3} &&
      is_float(l.in(0).dtype)) {
    emit_mean_pool(l);
    return {};
  }
  emit_reduce(l, "", Reduce{kind, axes}, l.node.inputs[0], l.node.outputs[0]);
  return {};
}

Status reduce_l1(Lowering& l) {
  SYSTOLE_ASSIGN_OR_RETURN(auto axes, reduced_axes(l));
  ValueId absolute = l.temporary("abs", l.in(0).dtype, l.in(0).shape);
  l.emit_op("abs", Unary{UnaryKind::kAbs}, {l.node.inputs[0]}, absolute);
  emit_reduce(l, "", Reduce{ReduceKind::kSum, axes}, absolute, l.node.outputs[0]);
  return {};
}

Status reduce_l2(Lowering& l) {
  SYSTOLE_ASSIGN_OR_RETURN(auto axes, reduced_axes(l));
  ValueId squares = l.temporary("squares", l.in(0).dtype, l.result().shape);
  emit_reduce(l, "sum", Reduce{ReduceKind::kSumSquare, axes}, l.node.inputs[0], squares);
  l.emit_op("", Unary{UnaryKind::kSqrt}, {squares}, l.node.outputs[0]);
  return {};
}

// Before opset 13 the tensor is seen as a matrix, split at axis, and each row is normalized whole.
Status softmax(Lowering& l) {
  bool log = l.node.type == "LogSoftmax";
  const Shape x = l.in(0).shape;
  int rank = static_cast<int>(x.size());
  int64_t axis = int_attr(l.node, "axis", l.graph.opset < 13 ? 1 : -1);
  if (axis < 0) axis += rank;
  int64_t row = element_count(Shape(x.begin() + axis, x.end()));
  if (l.graph.opset >= 13 || (axis < rank && x[static_cast<size_t>(axis)] == row)) {
    l.emit_op("", Softmax{static_cast<int>(axis), log}, {l.node.inputs[0]}, l.node.outputs[0]);
    return {};
  }
  Shape matrix = {element_count(x) / row, row};
  ValueId before = l.temporary("rows", l.in(0).dtype, matrix), after = l.temporary("normalized", l.in(0).dtype, matrix);
  l.emit_reshape("to_rows", l.node.inputs[0], before);
  l.emit_op("", Softmax{1, log}, {before}, after);
  l.emit_reshape("from_rows", after, l.node.outputs[0]);
  return {};
}

// scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale, in f64.
Status batch_normalization(Lowering& l) {
  for (size_t i = 1; i < 5; ++i) {
    if (!l.in(i).is_constant()) return l.unsupported("'" + l.in(i).name + "' is not constant");
  }
  auto gamma = constant_reals(l.in(1)), beta = constant_reals(l.in(2)), mean = constant_reals(l.in(3)),
       variance = constant_reals(l.in(4));
  double epsilon = float_attr(l.node, "epsilon", 1e-5f);
  std::vector<double> scale(gamma.size()), shift(gamma.size());
  for (size_t c = 0; c < gamma.size(); ++c) {
    scale[c] = gamma[c] / std::sqrt(variance[c] + epsilon);
    shift[c] = beta[c] - mean[c] * scale[c];
  }
  Shape per_channel(l.in(0).shape.size(), 1);
  per_channel[1] = static_cast<int64_t>(gamma.size());
  DType dtype = l.in(0).dtype;
  SYSTOLE_ASSIGN_OR_RETURN(ValueId scale_id, l.constant("scale", dtype, per_channel, scale));
  SYSTOLE_ASSIGN_OR_RETURN(ValueId shift_id, l.constant("shift", dtype, per_channel, shift));
  ValueId product = l.temporary("scaled", dtype, l.in(0).shape);
  l.emit_op("scale", Binary{BinaryKind::kMul}, {l.node.inputs[0], scale_id}, product).attributes["batch_norm"] =
      l.node.name;
  l.emit_op("", Binary{BinaryKind::kAdd}, {product, shift_id}, l.node.outputs[0]).attributes["batch_norm"] =
      l.node.name;
  return {};
}

// y = (x - mean) / sqrt(mean((x - mean)^2) + epsilon) * scale + bias over the axes from `axis` on.
Status layer_normalization(Lowering& l) {
  for (size_t i = 1; i < l.node.outputs.size(); ++i) {
    if (l.node.outputs[i] != kAbsent) return l.unsupported("its outputs of mean and deviation");
  }
  const Shape x = l.in(0).shape;
  DType dtype = l.in(0).dtype;
  SYSTOLE_ASSIGN_OR_RETURN(int axis, normal_axis(l.node, int_attr(l.node, "axis", -1), static_cast<int>(x.size())));
  std::vector<int> axes;
  Shape row = x;
  for (int i = axis; i < static_cast<int>(x.size()); ++i) axes.push_back(i), row[static_cast<size_t>(i)] = 1;
  SYSTOLE_ASSIGN_OR_RETURN(ValueId epsilon, l.constant("epsilon", dtype, {}, {float_attr(l.node, "epsilon", 1e-5f)}));
  ValueId mean = l.temporary("mean", dtype, row), centred = l.temporary("centred", dtype, x);
  ValueId squares = l.temporary("squares", dtype, x), variance = l.temporary("variance", dtype, row);
  ValueId safe = l.temporary("safe_variance", dtype, row), deviation = l.temporary("deviation", dtype, row);
  ValueId normal = l.temporary("normal", dtype, x);
  l.emit_op("mean", Reduce{ReduceKind::kMean, axes}, {l.node.inputs[0]}, mean);
  l.emit_op("centre", Binary{BinaryKind::kSub}, {l.node.inputs[0], mean}, centred);
  l.emit_op("square", Binary{BinaryKind::kMul}, {centred, centred}, squares);
  l.emit_op("variance", Reduce{ReduceKind::kMean, axes}, {squares}, variance);
  l.emit_op("add_epsilon", Binary{BinaryKind::kAdd}, {variance, epsilon}, safe);
  l.emit_op("deviation", Unary{UnaryKind::kSqrt}, {safe}, deviation);
  l.emit_op("normalize", Binary{BinaryKind::kDiv}, {centred, deviation}, normal);
  ValueId scaled = l.has(2) ? l.temporary("scaled", dtype, x) : l.node.outputs[0];
  l.emit_op(l.has(2) ? "scale" : "", Binary{BinaryKind::kMul}, {normal, l.node.inputs[1]}, scaled);
  if (l.has(2)) l.emit_op("", Binary{BinaryKind::kAdd}, {scaled, l.node.inputs[2]}, l.node.outputs[0]);
  return {};
}

}  // namespace

void add_reduce_lowering(LowerRules& rules) {
  rules["ReduceSum"] = reduce<ReduceKind::kSum>;
  rules["ReduceMean"] = reduce<ReduceKind::kMean>;
  rules["ReduceMax"] = reduce<ReduceKind::kMax>;
  rules["ReduceMin"] = reduce<ReduceKind::kMin>;
  rules["ReduceProd"] = reduce<ReduceKind::kProd>;
  rules["ReduceSumSquare"] = reduce<ReduceKind::kSumSquare>;
  rules["ReduceL1"] = reduce_l1;
  rules["ReduceL2"] = reduce_l2;
  rules["Softmax"] = softmax;
  rules["LogSoftmax"] = softmax;
  rules["BatchNormalization"] = batch_normalization;
  rules["LayerNormalization"] = layer_normalization;
}

}  // namespace systole::graph
