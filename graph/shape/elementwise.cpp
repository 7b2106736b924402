// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Element-wise operators, reductions, quantization.
#include <algorithm>

#include "graph/constants.h"
#include "graph/onnx/types.h"
#include "graph/shape/inference.h"
#include "graph/shape/rules.h"

namespace systole::graph {
namespace {

Status same(const Infer& infer) { return infer.set(0, infer.in(0).dtype, infer.in(0).shape); }

Status dropout(const Infer& infer) {
  SYSTOLE_RETURN_IF_ERROR(same(infer));
  return infer.set(1, DType::kBool, infer.in(0).shape);
}

// Of all inputs; types agree unless `mixed`.
Status broadcast_all(const Infer& infer, DType dtype, bool mixed) {
  Shape shape = infer.in(0).shape;
  for (size_t i = 1; i < infer.node.inputs.size(); ++i) {
    if (!infer.has(i)) return infer.error("input " + std::to_string(i) + " is missing");
    if (!mixed && infer.in(i).dtype != infer.in(0).dtype) {
      return infer.error(std::string("inputs of ") + dtype_name(infer.in(0).dtype) + " ('" + infer.in(0).name +
                         "') and " + dtype_name(infer.in(i).dtype) + " ('" + infer.in(i).name +
                         "'): expected one type");
    }
    SYSTOLE_ASSIGN_OR_RETURN(shape, broadcast_shapes(infer.node, shape, infer.in(i).shape));
  }
  return infer.set(0, dtype, std::move(shape));
}

Status arithmetic(const Infer& infer) { return broadcast_all(infer, infer.in(0).dtype, false); }
Status power(const Infer& infer) { return broadcast_all(infer, infer.in(0).dtype, true); }
Status comparison(const Infer& infer) { return broadcast_all(infer, DType::kBool, false); }

Status where(const Infer& infer) {
  if (infer.in(0).dtype != DType::kBool)
    return infer.error("condition: expected bool, got " + std::string(dtype_name(infer.in(0).dtype)));
  if (infer.in(1).dtype != infer.in(2).dtype) return infer.error("its two branches have different types");
  return broadcast_all(infer, infer.in(1).dtype, true);
}

Status cast(const Infer& infer) {
  int64_t to = int_attr(infer.node, "to", 0);
  auto dtype = dtype_of_onnx(static_cast<int>(to));
  if (!dtype) return node_error(infer.node, Code::kUnsupported, "to element type " + std::to_string(to));
  return infer.set(0, *dtype, infer.in(0).shape);
}

Status batch_normalization(const Infer& infer) {
  if (int_attr(infer.node, "training_mode", 0) != 0)
    return node_error(infer.node, Code::kUnsupported, "in training mode");
  const Shape& x = infer.in(0).shape;
  if (x.size() < 2) return infer.error("expected rank 2 or more, got " + to_string(x));
  for (size_t i = 1; i < 5; ++i) {
    if (element_count(infer.in(i).shape) != x[1]) {
      return infer.error("'" + infer.in(i).name + "' holds " + to_string(infer.in(i).shape) + ", the input has " +
                         std::to_string(x[1]) + " channels");
    }
  }
  return same(infer);
}

Status softmax(const Infer& infer) {
  int64_t axis = int_attr(infer.node, "axis", infer.graph.opset < 13 ? 1 : -1);
  int rank = static_cast<int>(infer.in(0).shape.size());
  if (!(infer.graph.opset < 13 && axis == rank)) SYSTOLE_RETURN_IF_ERROR(normal_axis(infer.node, axis, rank).status());
  return same(infer);
}

Status layer_normalization(const Infer& infer) {
  const Shape& x = infer.in(0).shape;
  SYSTOLE_ASSIGN_OR_RETURN(int axis,
                           normal_axis(infer.node, int_attr(infer.node, "axis", -1), static_cast<int>(x.size())));
  for (size_t i = 1; i < 3 && infer.has(i); ++i) {
    SYSTOLE_ASSIGN_OR_RETURN(Shape shape, broadcast_shapes(infer.node, x, infer.in(i).shape));
    if (shape != x)
      return infer.error("'" + infer.in(i).name + "' of " + to_string(infer.in(i).shape) + " does not fit " +
                         to_string(x));
  }
  Shape statistics = x;
  for (size_t i = static_cast<size_t>(axis); i < x.size(); ++i) statistics[i] = 1;
  SYSTOLE_RETURN_IF_ERROR(infer.set(1, DType::kF32, statistics));
  SYSTOLE_RETURN_IF_ERROR(infer.set(2, DType::kF32, statistics));
  return same(infer);
}

// Scale and bias have one number a channel, or one a group.
Status channel_normalization(const Infer& infer) {
  const Shape& x = infer.in(0).shape;
  if (x.size() < 2) return infer.error("input of " + to_string(x) + " has no channels");
  const int64_t groups = infer.node.type == "GroupNormalization" ? int_attr(infer.node, "num_groups", 0) : x[1];
  if (groups < 1 || x[1] % groups != 0)
    return infer.error("num_groups " + std::to_string(groups) + " does not divide " + std::to_string(x[1]) +
                       " channels");
  for (size_t i = 1; i < 3; ++i) {
    const Shape& shape = infer.in(i).shape;
    if (shape != Shape{x[1]} && shape != Shape{groups})
      return infer.error("'" + infer.in(i).name + "': expected " + to_string({x[1]}) + ", got " + to_string(shape));
  }
  if (infer.in(1).shape != infer.in(2).shape) return infer.error("scale and bias differ in shape");
  return same(infer);
}

Status reduce(const Infer& infer) {
  const Shape& x = infer.in(0).shape;
  int rank = static_cast<int>(x.size());
  SYSTOLE_ASSIGN_OR_RETURN(auto given, ints_argument(infer.graph, infer.node, "axes", 1));
  bool nothing = (!given || given->empty()) && int_attr(infer.node, "noop_with_empty_axes", 0) != 0;
  if (nothing) return same(infer);
  std::vector<int64_t> listed = given ? *given : std::vector<int64_t>();
  if (listed.empty())
    for (int i = 0; i < rank; ++i) listed.push_back(i);
  SYSTOLE_ASSIGN_OR_RETURN(auto axes, normal_axes(infer.node, listed, rank));
  bool keep = int_attr(infer.node, "keepdims", 1) != 0;
  Shape shape;
  for (int i = 0; i < rank; ++i) {
    bool reduced = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (!reduced)
      shape.push_back(x[static_cast<size_t>(i)]);
    else if (keep)
      shape.push_back(1);
  }
  return infer.set(0, infer.in(0).dtype, std::move(shape));
}

Status arg_max(const Infer& infer) {
  Shape shape = infer.in(0).shape;
  SYSTOLE_ASSIGN_OR_RETURN(int axis,
                           normal_axis(infer.node, int_attr(infer.node, "axis", 0), static_cast<int>(shape.size())));
  if (int_attr(infer.node, "keepdims", 1) != 0)
    shape[static_cast<size_t>(axis)] = 1;
  else
    shape.erase(shape.begin() + axis);
  return infer.set(0, DType::kI64, std::move(shape));
}

// Scale and zero point: one, or one per index of an axis.
Status check_scale(const Infer& infer) {
  if (int_attr(infer.node, "block_size", 0) != 0)
    return node_error(infer.node, Code::kUnsupported, "block_size: one scale a tensor or an index of an axis is known");
  const Value& scale = infer.in(1);
  int64_t count = element_count(scale.shape);
  if (infer.has(2) && element_count(infer.in(2).shape) != count) {
    return infer.error("scale " + to_string(scale.shape) + " and zero point " + to_string(infer.in(2).shape) +
                       " disagree");
  }
  if (scale.shape.empty() || count == 1) return {};
  const Shape& x = infer.in(0).shape;
  SYSTOLE_ASSIGN_OR_RETURN(int axis,
                           normal_axis(infer.node, int_attr(infer.node, "axis", 1), static_cast<int>(x.size())));
  if (x[static_cast<size_t>(axis)] == count && scale.shape.size() == 1) return {};
  return infer.error("scale of " + to_string(scale.shape) + " along axis " + std::to_string(axis) + " of " +
                     to_string(x));
}

Status quantize_linear(const Infer& infer) {
  SYSTOLE_RETURN_IF_ERROR(check_scale(infer));
  return infer.set(0, infer.has(2) ? infer.in(2).dtype : DType::kU8, infer.in(0).shape);
}

Status dequantize_linear(const Infer& infer) {
  SYSTOLE_RETURN_IF_ERROR(check_scale(infer));
  if (infer.has(2) && infer.in(2).dtype != infer.in(0).dtype) {
    return infer.error(std::string("zero point is ") + dtype_name(infer.in(2).dtype) + ", the input " +
                       dtype_name(infer.in(0).dtype));
  }
  return infer.set(0, DType::kF32, infer.in(0).shape);
}

}  // namespace

void add_elementwise_rules(ShapeRules& rules) {
  for (const char* type :
       {"Relu", "Neg",   "Abs",  "Exp", "Log",       "Sqrt",        "Reciprocal", "Sigmoid", "Tanh",     "Erf", "Floor",
        "Ceil", "Round", "Sign", "Not", "LeakyRelu", "HardSigmoid", "HardSwish",  "Gelu",    "Identity", "LRN"}) {
    rules[type] = {1, 1, same};
  }
  rules["Clip"] = {1, 3, same};
  rules["Dropout"] = {1, 3, dropout};
  for (const char* type : {"Add", "Sub", "Mul", "Div", "Mod", "And", "Or", "Xor", "PRelu"})
    rules[type] = {2, 2, arithmetic};
  for (const char* type : {"Sum", "Min", "Max", "Mean"}) rules[type] = {1, kAnyNumber, arithmetic};
  rules["Pow"] = {2, 2, power};
  for (const char* type : {"Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"})
    rules[type] = {2, 2, comparison};
  rules["Where"] = {3, 3, where};
  rules["Cast"] = {1, 1, cast};
  rules["BatchNormalization"] = {5, 5, batch_normalization};
  rules["Softmax"] = {1, 1, softmax};
  rules["LogSoftmax"] = {1, 1, softmax};
  rules["LayerNormalization"] = {2, 3, layer_normalization};
  rules["InstanceNormalization"] = {3, 3, channel_normalization};
  rules["GroupNormalization"] = {3, 3, channel_normalization};
  for (const char* type :
       {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSumSquare", "ReduceL1", "ReduceL2"}) {
    rules[type] = {1, 2, reduce};
  }
  rules["ArgMax"] = {1, 1, arg_max};
  rules["QuantizeLinear"] = {2, 3, quantize_linear};
  rules["DequantizeLinear"] = {2, 3, dequantize_linear};
}

}  // namespace systole::graph
