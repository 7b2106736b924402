// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Reductions, softmax and normalizations.
#include <algorithm>
#include <cmath>

#include "graph/lower/rules.h"

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

// An operand of the shape of the normalized axes; a constant of fewer numbers is repeated. kAbsent where it is
// computed.
Result<ValueId> norm_parameter(Lowering& l, ValueId id, const char* suffix, const Shape& last) {
  const Value value = l.graph.at(id);
  if (value.shape == last) return id;
  if (!value.is_constant()) return kAbsent;
  const auto numbers = constant_reals(value);
  const auto all = static_cast<size_t>(element_count(last));
  // Extents of the value, aligned to the last axes, are those of `last` or 1.
  std::vector<double> repeated(all);
  for (size_t i = 0; i < all; ++i) {
    size_t rest = i, position = 0, step = 1;
    for (size_t axis = 0; axis < last.size(); ++axis) {
      const size_t from_end = axis + 1;
      const auto extent = static_cast<size_t>(last[last.size() - from_end]);
      const size_t index = rest % extent;
      rest /= extent;
      if (from_end > value.shape.size()) continue;
      const auto mine = static_cast<size_t>(value.shape[value.shape.size() - from_end]);
      position += (mine == 1 ? 0 : index) * step;
      step *= mine;
    }
    repeated[i] = numbers[position];
  }
  return l.constant(suffix, value.dtype, last, repeated);
}

Status layer_normalization(Lowering& l) {
  for (size_t i = 1; i < l.node.outputs.size(); ++i) {
    if (l.node.outputs[i] != kAbsent) return l.unsupported("its outputs of mean and deviation");
  }
  const Shape x = l.in(0).shape;
  SYSTOLE_ASSIGN_OR_RETURN(int axis, normal_axis(l.node, int_attr(l.node, "axis", -1), static_cast<int>(x.size())));
  const Shape last(x.begin() + axis, x.end());
  Normalize op{NormKind::kLayer, static_cast<int>(x.size()) - axis, float_attr(l.node, "epsilon", 1e-5f), true,
               l.has(2)};
  SYSTOLE_ASSIGN_OR_RETURN(const ValueId scale, norm_parameter(l, l.node.inputs[1], "scale_row", last));
  ValueId bias = kAbsent;
  if (l.has(2)) {
    SYSTOLE_ASSIGN_OR_RETURN(bias, norm_parameter(l, l.node.inputs[2], "bias_row", last));
  }
  if (scale == kAbsent || (l.has(2) && bias == kAbsent)) {  // computed and broadcast
    op.scale = op.bias = false;
    ValueId normal = l.temporary("normal", l.in(0).dtype, x);
    l.emit_op("normalize", op, {l.node.inputs[0]}, normal);
    ValueId scaled = l.has(2) ? l.temporary("scaled", l.in(0).dtype, x) : l.node.outputs[0];
    l.emit_op(l.has(2) ? "scale" : "", Binary{BinaryKind::kMul}, {normal, l.node.inputs[1]}, scaled);
    if (l.has(2)) l.emit_op("", Binary{BinaryKind::kAdd}, {scaled, l.node.inputs[2]}, l.node.outputs[0]);
    return {};
  }
  std::vector<ValueId> inputs{l.node.inputs[0], scale};
  if (l.has(2)) inputs.push_back(bias);
  l.emit_op("", op, std::move(inputs), l.node.outputs[0]);
  return {};
}

bool all_equal(const Value& value, double number) {
  if (!value.is_constant()) return false;
  const auto numbers = constant_reals(value);
  return std::all_of(numbers.begin(), numbers.end(), [&](double x) { return x == number; });
}

// `y` = `x` times scale plus bias, one number a channel each. `per_channel` is what their constants are seen as; each
// number stands for `repeat` channels.
Status emit_channel_affine(Lowering& l, ValueId x, const Shape& per_channel, int64_t repeat) {
  const DType dtype = l.result().dtype;
  const Shape shape = l.result().shape;
  const bool scales = !all_equal(l.in(1), 1.0), shifts = !all_equal(l.in(2), 0.0);
  const auto operand = [&](size_t i, const char* suffix) -> Result<ValueId> {
    if (!l.in(i).is_constant()) {
      ValueId made = l.temporary(suffix, dtype, per_channel);
      l.emit_reshape(std::string("reshape_") + suffix, l.node.inputs[i], made);
      return made;
    }
    std::vector<double> numbers;
    for (double number : constant_reals(l.in(i))) numbers.insert(numbers.end(), static_cast<size_t>(repeat), number);
    return l.constant(suffix, dtype, per_channel, numbers);
  };
  if (!scales && !shifts) {
    l.emit_reshape("", x, l.node.outputs[0]);
    return {};
  }
  if (scales) {
    SYSTOLE_ASSIGN_OR_RETURN(const ValueId scale, operand(1, "channel_scale"));
    const ValueId scaled = shifts ? l.temporary("scaled", dtype, shape) : l.node.outputs[0];
    l.emit_op(shifts ? "scale" : "", Binary{BinaryKind::kMul}, {x, scale}, scaled);
    x = scaled;
  }
  if (shifts) {
    SYSTOLE_ASSIGN_OR_RETURN(const ValueId bias, operand(2, "channel_bias"));
    l.emit_op("", Binary{BinaryKind::kAdd}, {x, bias}, l.node.outputs[0]);
  }
  return {};
}

// Images are seen as groups of numbers in a row; scale and bias have a number a channel, or (GroupNormalization of
// opset 18) one a group.
Status normalize_groups(Lowering& l, int64_t groups) {
  const Shape x = l.in(0).shape;
  const DType dtype = l.in(0).dtype;
  if (!is_float(dtype)) return l.unsupported(std::string("of ") + dtype_name(dtype));
  const int64_t channels = x[1];
  const int64_t repeat = channels / std::max<int64_t>(1, element_count(l.in(1).shape));
  if (repeat > 1 && !(l.in(1).is_constant() && l.in(2).is_constant()))
    return l.unsupported("computed scale or bias of one number a group");
  const Shape rows{x[0], groups, element_count(x) / std::max<int64_t>(1, x[0] * groups)};
  const ValueId seen = l.temporary("rows", dtype, rows), normal = l.temporary("normal", dtype, rows),
                back = l.temporary("channels", dtype, x);
  l.emit_reshape("to_rows", l.node.inputs[0], seen);
  l.emit_op("normalize", Normalize{NormKind::kLayer, 1, float_attr(l.node, "epsilon", 1e-5f), false, false}, {seen},
            normal);
  l.emit_reshape("from_rows", normal, back);
  Shape per_channel(x.size(), 1);
  per_channel[1] = channels;
  return emit_channel_affine(l, back, per_channel, repeat);
}

Status instance_normalization(Lowering& l) { return normalize_groups(l, l.in(0).shape[1]); }
Status group_normalization(Lowering& l) { return normalize_groups(l, int_attr(l.node, "num_groups", 1)); }

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
  rules["InstanceNormalization"] = instance_normalization;
  rules["GroupNormalization"] = group_normalization;
}

}  // namespace systole::graph
