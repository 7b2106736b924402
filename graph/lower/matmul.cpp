// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Matrix products.
#include "graph/lower/activation_attributes.h"
#include "graph/lower/rules.h"

namespace systole::graph {
namespace {

// Vectors become matrices of one row or column, and the result loses that axis again.
Status matmul(Lowering& l) {
  ValueId a = l.node.inputs[0], b = l.node.inputs[1], y = l.node.outputs[0];
  Shape sa = l.in(0).shape, sb = l.in(1).shape, sy = l.result().shape;
  bool row = sa.size() == 1, column = sb.size() == 1;
  auto as_matrix = [&](ValueId id, Shape shape, const char* suffix) {
    const auto quant = l.graph.at(id).quant;
    ValueId made = l.temporary(suffix, l.graph.at(id).dtype, std::move(shape));
    l.graph.at(made).quant = quant;
    l.emit_reshape(std::string("reshape_") + suffix, id, made);
    return made;
  };
  if (row) a = as_matrix(a, {1, sa[0]}, "a");
  if (column) b = as_matrix(b, {sb[0], 1}, "b");
  ValueId product = y;
  if (row || column) {
    Shape shape = sy;
    if (column) shape.push_back(1);
    if (row) shape.insert(shape.end() - 1, 1);
    product = l.temporary("product", l.result().dtype, shape);
    l.graph.at(product).quant = l.graph.at(y).quant;
  }
  Matmul op;
  read_activation(l.node, op.epilogue.activation, op.epilogue.clip_lo, op.epilogue.clip_hi);
  l.emit_op("", op, {a, b}, product);
  if (product != y) l.emit_reshape("reshape_y", product, y);
  return {};
}

// C as a bias: rank 1 of one number a column; kAbsent where its shape is another.
Result<ValueId> column_bias(Lowering& l, ValueId c, float beta, int64_t columns) {
  const Value value = l.graph.at(c);
  int64_t count = element_count(value.shape);
  if (value.is_constant() && is_float(value.dtype) && count == 1) {
    return l.constant(
        "bias", DType::kF32, {columns},
        std::vector<double>(static_cast<size_t>(columns), static_cast<float>(constant_reals(value)[0]) * beta));
  }
  bool per_column = count == columns && !value.shape.empty() && value.shape.back() == columns;
  if (!per_column) return kAbsent;
  if (value.is_constant() && beta != 1.0f) {
    auto numbers = constant_reals(value);
    for (auto& number : numbers) number = static_cast<float>(number) * beta;
    return l.constant("bias", DType::kF32, {columns}, numbers);
  }
  if (beta != 1.0f) return kAbsent;
  if (value.shape.size() == 1) return l.float_bias(c);
  ValueId flat = l.temporary("bias", value.dtype, {columns});
  l.graph.at(flat).data = value.data;
  if (!value.is_constant()) l.emit_reshape("reshape_bias", c, flat);
  return l.float_bias(flat);
}

Result<ValueId> scaled(Lowering& l, const char* suffix, ValueId x, float factor) {
  const Shape shape = l.graph.at(x).shape;
  DType dtype = l.graph.at(x).dtype;
  SYSTOLE_ASSIGN_OR_RETURN(ValueId constant, l.constant(std::string(suffix) + "_factor", dtype, {}, {factor}));
  ValueId result = l.temporary(suffix, dtype, shape);
  l.emit_op(suffix, Binary{BinaryKind::kMul}, {x, constant}, result);
  return result;
}

Status gemm(Lowering& l) {
  float alpha = float_attr(l.node, "alpha", 1.0f), beta = float_attr(l.node, "beta", 1.0f);
  ValueId y = l.node.outputs[0];
  const Shape shape = l.result().shape;
  DType dtype = l.result().dtype;
  Matmul op;
  op.transpose_a = int_attr(l.node, "transA", 0) != 0;
  op.transpose_b = int_attr(l.node, "transB", 0) != 0;
  std::vector<ValueId> inputs = {l.node.inputs[0], l.node.inputs[1]};
  bool add = l.has(2) && beta != 0.0f;
  if (add && alpha == 1.0f) {
    SYSTOLE_ASSIGN_OR_RETURN(ValueId bias, column_bias(l, l.node.inputs[2], beta, shape[1]));
    if (bias != kAbsent) {
      op.epilogue.bias = true;
      inputs.push_back(bias);
      add = false;
    }
  }
  if (!add && alpha == 1.0f) {
    read_activation(l.node, op.epilogue.activation, op.epilogue.clip_lo, op.epilogue.clip_hi);
    l.emit_op("", op, std::move(inputs), y);
    return {};
  }
  if (!is_float(dtype)) return l.unsupported("integer Gemm with alpha, beta or a matrix as C");
  ValueId product = l.temporary("product", dtype, shape);
  l.emit_op("product", op, std::move(inputs), product);
  if (alpha != 1.0f) {
    SYSTOLE_ASSIGN_OR_RETURN(product, scaled(l, "alpha", product, alpha));
  }
  if (!add) {
    l.emit_reshape("", product, y);
    return {};
  }
  ValueId c = l.node.inputs[2];
  if (beta != 1.0f) {
    SYSTOLE_ASSIGN_OR_RETURN(c, scaled(l, "beta", c, beta));
  }
  l.emit_op("", Binary{BinaryKind::kAdd}, {product, c}, y);
  return {};
}

}  // namespace

void add_matmul_lowering(LowerRules& rules) {
  rules["MatMul"] = matmul;
  rules["Gemm"] = gemm;
}

}  // namespace systole::graph
