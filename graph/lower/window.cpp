// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Convolutions and pools.
#include "graph/lower/activation_attributes.h"
#include "graph/lower/rules.h"
#include "graph/shape/inference.h"

namespace systole::graph {
namespace {

Status conv(Lowering& l) {
  const Shape& x = l.in(0).shape;
  const Shape& w = l.in(1).shape;
  if (x.size() != 4) return l.unsupported("convolution of " + to_string(x) + ": only images (rank 4)");
  SYSTOLE_ASSIGN_OR_RETURN(Window window, resolve_window(l.node, x, Shape(w.begin() + 2, w.end())));
  Conv2d op;
  op.groups = int_attr(l.node, "group", 1);
  op.stride_h = window.strides[0], op.stride_w = window.strides[1];
  op.dilation_h = window.dilations[0], op.dilation_w = window.dilations[1];
  op.pad_top = window.pads_begin[0], op.pad_left = window.pads_begin[1];
  op.pad_bottom = window.pads_end[0], op.pad_right = window.pads_end[1];
  read_activation(l.node, op.epilogue.activation, op.epilogue.clip_lo, op.epilogue.clip_hi);
  std::vector<ValueId> inputs = {l.node.inputs[0], l.node.inputs[1]};
  if (l.has(2)) {
    op.epilogue.bias = true;
    SYSTOLE_ASSIGN_OR_RETURN(ValueId bias, l.float_bias(l.node.inputs[2]));
    inputs.push_back(bias);
  }
  l.emit_op("", op, std::move(inputs), l.node.outputs[0]);
  return {};
}

Status pool(Lowering& l) {
  const Shape& x = l.in(0).shape;
  bool max = l.node.type == "MaxPool";
  if (x.size() != 4) return l.unsupported("pooling of " + to_string(x) + ": only images (rank 4)");
  if (l.node.outputs.size() > 1 && l.node.outputs[1] != kAbsent) return l.unsupported("its output of indices");
  bool extended = false;
  SYSTOLE_ASSIGN_OR_RETURN(Window window, resolve_window(l.node, x, *ints_attr(l.node, "kernel_shape"), &extended));
  Pool op;
  op.kind = max ? PoolKind::kMax : PoolKind::kAverage;
  op.kernel_h = window.kernel[0], op.kernel_w = window.kernel[1];
  op.stride_h = window.strides[0], op.stride_w = window.strides[1];
  op.dilation_h = window.dilations[0], op.dilation_w = window.dilations[1];
  op.pad_top = window.pads_begin[0], op.pad_left = window.pads_begin[1];
  op.pad_bottom = window.pads_end[0], op.pad_right = window.pads_end[1];
  op.count_include_pad = !max && int_attr(l.node, "count_include_pad", 0) != 0;
  if (extended && op.count_include_pad)
    return l.unsupported("ceil_mode with count_include_pad: the count of its last windows differs");
  l.emit_op("", op, {l.node.inputs[0]}, l.node.outputs[0]);
  return {};
}

Status global_pool(Lowering& l) {
  const Shape& x = l.in(0).shape;
  bool max = l.node.type == "GlobalMaxPool";
  if (x.size() == 4) {
    Pool op;
    op.kind = max ? PoolKind::kMax : PoolKind::kAverage;
    op.kernel_h = x[2], op.kernel_w = x[3];
    l.emit_op("", op, {l.node.inputs[0]}, l.node.outputs[0]);
    return {};
  }
  Reduce op{max ? ReduceKind::kMax : ReduceKind::kMean, {}};
  for (size_t i = 2; i < x.size(); ++i) op.axes.push_back(static_cast<int>(i));
  l.emit_op("", op, {l.node.inputs[0]}, l.node.outputs[0]);
  return {};
}

}  // namespace

void add_window_lowering(LowerRules& rules) {
  rules["Conv"] = conv;
  rules["MaxPool"] = pool;
  rules["AveragePool"] = pool;
  rules["GlobalAveragePool"] = global_pool;
  rules["GlobalMaxPool"] = global_pool;
}

}  // namespace systole::graph
