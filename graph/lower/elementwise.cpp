// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Element-wise operators.
#include <cmath>
#include <limits>

#include "graph/lower/activation_attributes.h"
#include "graph/lower/rules.h"

namespace systole::graph {
namespace {

Status pass(Lowering& l) {
  l.pass_through();
  return {};
}

template <UnaryKind kind>
Status unary(Lowering& l) {
  l.emit_op("", Unary{kind}, {l.node.inputs[0]}, l.node.outputs[0]);
  return {};
}

Status leaky_relu(Lowering& l) {
  l.emit_op("", Unary{UnaryKind::kLeakyRelu, float_attr(l.node, "alpha", 0.01f)}, {l.node.inputs[0]},
            l.node.outputs[0]);
  return {};
}

Status hard_sigmoid(Lowering& l) {
  Unary op{UnaryKind::kHardSigmoid, float_attr(l.node, "alpha", 0.2f), float_attr(l.node, "beta", 0.5f)};
  l.emit_op("", op, {l.node.inputs[0]}, l.node.outputs[0]);
  return {};
}

Status gelu(Lowering& l) {
  bool tanh = string_attr(l.node, "approximate", "none") == "tanh";
  l.emit_op("", Unary{tanh ? UnaryKind::kGeluTanh : UnaryKind::kGeluErf}, {l.node.inputs[0]}, l.node.outputs[0]);
  return {};
}

// Bounds that are computed: min(max(x, lo), hi).
Status clip_by_values(Lowering& l) {
  ValueId x = l.node.inputs[0];
  if (l.has(1)) {
    ValueId raised = l.has(2) ? l.temporary("raised", l.result().dtype, l.result().shape) : l.node.outputs[0];
    l.emit_op(l.has(2) ? "max" : "", Binary{BinaryKind::kMax}, {x, l.node.inputs[1]}, raised);
    x = raised;
  }
  if (l.has(2)) l.emit_op("", Binary{BinaryKind::kMin}, {x, l.node.inputs[2]}, l.node.outputs[0]);
  return {};
}

Status clip(Lowering& l) {
  if ((l.has(1) && !l.in(1).is_constant()) || (l.has(2) && !l.in(2).is_constant())) return clip_by_values(l);
  SYSTOLE_ASSIGN_OR_RETURN(auto lo, real_argument(l.graph, l.node, "min", 1));
  SYSTOLE_ASSIGN_OR_RETURN(auto hi, real_argument(l.graph, l.node, "max", 2));
  float infinity = std::numeric_limits<float>::infinity();
  Unary op{UnaryKind::kClip, lo ? static_cast<float>(*lo) : -infinity, hi ? static_cast<float>(*hi) : infinity};
  l.emit_op("", op, {l.node.inputs[0]}, l.node.outputs[0]);
  return {};
}

template <BinaryKind kind>
Status binary(Lowering& l) {
  Binary op{kind};
  read_activation(l.node, op.activation, op.clip_lo, op.clip_hi);
  l.emit_op("", op, {l.node.inputs[0], l.node.inputs[1]}, l.node.outputs[0]);
  return {};
}

Status mod(Lowering& l) {
  bool truncating = int_attr(l.node, "fmod", 0) != 0;
  if (truncating != is_float(l.result().dtype))
    return l.unsupported(truncating ? "fmod on integers" : "on floats without fmod");
  return binary<BinaryKind::kMod>(l);
}

// x^2 is a product; an exponent of another type is converted.
Status power(Lowering& l) {
  ValueId x = l.node.inputs[0], exponent = l.node.inputs[1];
  const Value value = l.graph.at(exponent);
  if (value.is_constant() && element_count(value.shape) == 1 && value.shape.size() <= l.in(0).shape.size() &&
      constant_reals(value)[0] == 2.0) {
    l.emit_op("", Binary{BinaryKind::kMul}, {x, x}, l.node.outputs[0]);
    return {};
  }
  if (value.dtype != l.in(0).dtype) {
    if (value.is_constant()) {
      SYSTOLE_ASSIGN_OR_RETURN(exponent, l.constant("exponent", l.in(0).dtype, value.shape, constant_reals(value)));
    } else {
      exponent = l.temporary("exponent", l.in(0).dtype, value.shape);
      l.emit_op("cast_exponent", Cast{}, {l.node.inputs[1]}, exponent);
    }
  }
  l.emit_op("", Binary{BinaryKind::kPow}, {x, exponent}, l.node.outputs[0]);
  return {};
}

// One operand at a time, the last into `target`.
Status chain(Lowering& l, BinaryKind kind, ValueId target) {
  ValueId sum = l.node.inputs[0];
  size_t count = l.node.inputs.size();
  for (size_t i = 1; i < count; ++i) {
    bool last = i + 1 == count;
    ValueId next = target;
    if (!last) {
      // Shapes grow by broadcasting: the partial result has the broadcast of what it holds so far.
      const Shape a = l.graph.at(sum).shape, b = l.in(i).shape;
      Shape shape(std::max(a.size(), b.size()), 1);
      for (size_t k = 0; k < a.size(); ++k) shape[shape.size() - a.size() + k] = a[k];
      for (size_t k = 0; k < b.size(); ++k) {
        int64_t& extent = shape[shape.size() - b.size() + k];
        if (extent == 1) extent = b[k];
      }
      next = l.temporary("partial" + std::to_string(i), l.result().dtype, shape);
    }
    bool own_name = last && target == l.node.outputs[0];
    l.emit_op(own_name ? "" : "partial" + std::to_string(i), Binary{kind}, {sum, l.node.inputs[i]}, next);
    sum = next;
  }
  return {};
}

template <BinaryKind kind>
Status n_ary(Lowering& l) {
  if (l.node.inputs.size() == 1) return pass(l);
  return chain(l, kind, l.node.outputs[0]);
}

Status mean(Lowering& l) {
  size_t count = l.node.inputs.size();
  if (count == 1) return pass(l);
  ValueId sum = l.temporary("sum", l.result().dtype, l.result().shape);
  SYSTOLE_RETURN_IF_ERROR(chain(l, BinaryKind::kAdd, sum));
  SYSTOLE_ASSIGN_OR_RETURN(ValueId divisor, l.constant("count", l.result().dtype, {}, {static_cast<double>(count)}));
  l.emit_op("", Binary{BinaryKind::kDiv}, {sum, divisor}, l.node.outputs[0]);
  return {};
}

// max(x, 0) + slope * min(x, 0)
Status prelu(Lowering& l) {
  DType dtype = l.result().dtype;
  const Shape shape = l.result().shape;
  ValueId positive = l.temporary("positive", dtype, shape), negative = l.temporary("negative", dtype, shape);
  ValueId scaled = l.temporary("scaled", dtype, shape);
  SYSTOLE_ASSIGN_OR_RETURN(ValueId zero, l.constant("zero", dtype, {}, {0.0}));
  l.emit_op("max", Binary{BinaryKind::kMax}, {l.node.inputs[0], zero}, positive);
  l.emit_op("min", Binary{BinaryKind::kMin}, {l.node.inputs[0], zero}, negative);
  l.emit_op("scale", Binary{BinaryKind::kMul}, {negative, l.node.inputs[1]}, scaled);
  l.emit_op("", Binary{BinaryKind::kAdd}, {positive, scaled}, l.node.outputs[0]);
  return {};
}

Status where(Lowering& l) {
  l.emit_op("", Select{}, l.node.inputs, l.node.outputs[0]);
  return {};
}

// A choice between x and zero by a constant triangle.
Status trilu(Lowering& l) {
  if (l.has(1) && !l.in(1).is_constant()) return l.unsupported("k '" + l.in(1).name + "' is not constant");
  const Shape x = l.in(0).shape;
  const bool upper = int_attr(l.node, "upper", 1) != 0;
  const int64_t k = l.has(1) ? constant_ints(l.in(1))[0] : 0, rows = x.end()[-2], columns = x.back();
  std::vector<double> kept;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column) kept.push_back(upper ? column >= row + k : column <= row + k);
  SYSTOLE_ASSIGN_OR_RETURN(const ValueId triangle, l.constant("triangle", DType::kBool, {rows, columns}, kept));
  SYSTOLE_ASSIGN_OR_RETURN(const ValueId zero, l.constant("zero", l.in(0).dtype, {}, {0.0}));
  l.emit_op("", Select{}, {triangle, l.node.inputs[0], zero}, l.node.outputs[0]);
  return {};
}

Status cast(Lowering& l) {
  if (l.in(0).dtype == l.result().dtype && !l.in(0).quant && !l.result().quant) return pass(l);
  l.emit_op("", Cast{}, {l.node.inputs[0]}, l.node.outputs[0]);
  return {};
}

// Nothing is dropped: a mask that is asked for is all true.
Status dropout(Lowering& l) {
  if (l.node.outputs.size() > 1 && l.node.outputs[1] != kAbsent) {
    Value& mask = l.graph.at(l.node.outputs[1]);
    std::vector<double> ones(static_cast<size_t>(element_count(mask.shape)), 1.0);
    SYSTOLE_ASSIGN_OR_RETURN(mask, real_constant(mask.name, DType::kBool, mask.shape, ones));
  }
  if (l.node.outputs[0] == kAbsent) return {};
  return pass(l);
}

}  // namespace

void add_elementwise_lowering(LowerRules& rules) {
  rules["Identity"] = pass;
  rules["Dropout"] = [](Lowering& l) {
    if (l.has(2) && !(l.in(2).is_constant() && constant_ints(l.in(2)) == std::vector<int64_t>{0}))
      return l.unsupported("in training mode");
    return dropout(l);
  };
  rules["Relu"] = unary<UnaryKind::kRelu>;
  rules["Neg"] = unary<UnaryKind::kNeg>;
  rules["Abs"] = unary<UnaryKind::kAbs>;
  rules["Exp"] = unary<UnaryKind::kExp>;
  rules["Log"] = unary<UnaryKind::kLog>;
  rules["Sqrt"] = unary<UnaryKind::kSqrt>;
  rules["Reciprocal"] = unary<UnaryKind::kReciprocal>;
  rules["Sigmoid"] = unary<UnaryKind::kSigmoid>;
  rules["Tanh"] = unary<UnaryKind::kTanh>;
  rules["Erf"] = unary<UnaryKind::kErf>;
  rules["Floor"] = unary<UnaryKind::kFloor>;
  rules["Ceil"] = unary<UnaryKind::kCeil>;
  rules["Round"] = unary<UnaryKind::kRound>;
  rules["Sign"] = unary<UnaryKind::kSign>;
  rules["Not"] = unary<UnaryKind::kNot>;
  rules["HardSwish"] = unary<UnaryKind::kHardSwish>;
  rules["LeakyRelu"] = leaky_relu;
  rules["HardSigmoid"] = hard_sigmoid;
  rules["Gelu"] = gelu;
  rules["Clip"] = clip;
  rules["Add"] = binary<BinaryKind::kAdd>;
  rules["Sub"] = binary<BinaryKind::kSub>;
  rules["Mul"] = binary<BinaryKind::kMul>;
  rules["Div"] = binary<BinaryKind::kDiv>;
  rules["Mod"] = mod;
  rules["Pow"] = power;
  rules["And"] = binary<BinaryKind::kAnd>;
  rules["Or"] = binary<BinaryKind::kOr>;
  rules["Xor"] = binary<BinaryKind::kXor>;
  rules["Equal"] = binary<BinaryKind::kEqual>;
  rules["Less"] = binary<BinaryKind::kLess>;
  rules["LessOrEqual"] = binary<BinaryKind::kLessEqual>;
  rules["Greater"] = binary<BinaryKind::kGreater>;
  rules["GreaterOrEqual"] = binary<BinaryKind::kGreaterEqual>;
  rules["Sum"] = n_ary<BinaryKind::kAdd>;
  rules["Min"] = n_ary<BinaryKind::kMin>;
  rules["Max"] = n_ary<BinaryKind::kMax>;
  rules["Mean"] = mean;
  rules["PRelu"] = prelu;
  rules["Where"] = where;
  rules["Trilu"] = trilu;
  rules["Cast"] = cast;
  rules["QuantizeLinear"] = cast;
  rules["DequantizeLinear"] = cast;
}

}  // namespace systole::graph
