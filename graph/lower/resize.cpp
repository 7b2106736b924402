// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Resize: repeated inputs are a broadcast view and one copy, everything else a product with a constant matrix an axis.
#include "graph/shape/resize.h"

#include "graph/lower/rules.h"

namespace systole::graph {
namespace {

// Shape of `x` with the axis taken apart: outer, the axis, inner.
Shape apart(const Shape& x, int axis) {
  Shape parts{1, x[static_cast<size_t>(axis)], 1};
  for (size_t i = 0; i < x.size(); ++i)
    if (i != static_cast<size_t>(axis)) parts[i < static_cast<size_t>(axis) ? 0 : 2] *= x[i];
  return parts;
}

void repeat(Lowering& l, const std::string& name, const ResizeAxis& axis, ValueId x, ValueId y) {
  const DType type = l.graph.at(x).dtype;
  const Shape parts = apart(l.graph.at(x).shape, axis.axis);
  const ValueId apart_x = l.temporary(name + "_apart", type, {parts[0], parts[1], 1, parts[2]});
  l.emit_reshape(name + "_apart", x, apart_x);
  const ValueId wide = l.temporary(name + "_wide", type, {parts[0], parts[1], axis.repeat, parts[2]});
  l.emit(name + "_wide", "Expand", {apart_x}, wide).op = Copy{};
  l.emit_reshape(name, wide, y);
}

Status interpolate(Lowering& l, const std::string& name, const ResizeAxis& axis, ValueId x, ValueId y) {
  const DType type = l.graph.at(x).dtype;
  const Shape parts = apart(l.graph.at(x).shape, axis.axis);
  SYSTOLE_ASSIGN_OR_RETURN(const ValueId matrix, l.constant(name + "_matrix", type, {axis.out, axis.in}, axis.weights));
  if (parts[2] == 1) {
    const ValueId rows = l.temporary(name + "_rows", type, {parts[0], axis.in});
    l.emit_reshape(name + "_rows", x, rows);
    const ValueId product = l.temporary(name + "_product", type, {parts[0], axis.out});
    Matmul op;
    op.transpose_b = true;
    l.emit_op(name + "_product", op, {rows, matrix}, product);
    l.emit_reshape(name, product, y);
    return {};
  }
  const ValueId columns = l.temporary(name + "_columns", type, parts);
  l.emit_reshape(name + "_columns", x, columns);
  const ValueId product = l.temporary(name + "_product", type, {parts[0], axis.out, parts[2]});
  l.emit_op(name + "_product", Matmul{}, {matrix, columns}, product);
  l.emit_reshape(name, product, y);
  return {};
}

Status resize(Lowering& l) {
  SYSTOLE_ASSIGN_OR_RETURN(const Resizing resizing, resolve_resize(l.graph, l.node));
  if (resizing.axes.empty()) {
    l.pass_through();
    return {};
  }
  ValueId x = l.node.inputs[0];
  Shape shape = l.in(0).shape;
  for (size_t i = 0; i < resizing.axes.size(); ++i) {
    const ResizeAxis& axis = resizing.axes[i];
    if (axis.repeat == 0 && !is_float(l.in(0).dtype))
      return l.unsupported(std::string("elements of ") + dtype_name(l.in(0).dtype) + " can only be repeated");
    shape[static_cast<size_t>(axis.axis)] = axis.out;
    const std::string name = "axis" + std::to_string(axis.axis);
    const bool last = i + 1 == resizing.axes.size();
    const ValueId y = last ? l.node.outputs[0] : l.temporary(name, l.in(0).dtype, shape);
    if (axis.repeat > 0)
      repeat(l, last ? "" : name, axis, x, y);
    else
      SYSTOLE_RETURN_IF_ERROR(interpolate(l, last ? "" : name, axis, x, y));
    x = y;
  }
  return {};
}

}  // namespace

void add_resize_lowering(LowerRules& rules) {
  rules["Resize"] = resize;
  rules["Upsample"] = resize;
}

}  // namespace systole::graph
