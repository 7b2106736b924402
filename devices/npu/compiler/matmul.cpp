// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/gemm_op.h"

namespace systole::npu {
namespace {

// A leading axis of y: its extent and each operand's byte stride along it, 0 where the operand is broadcast.
struct BatchAxis {
  int64_t extent = 1, a = 0, w = 0, y = 0, residual = 0;
};

int64_t stride_along(const TensorDesc& desc, size_t rank, size_t axis) {
  const size_t missing = rank - desc.shape.size();
  if (axis < missing || desc.shape[axis - missing] == 1) return 0;
  return desc.strides[axis - missing];
}

std::vector<BatchAxis> batch_axes(const OpDesc& op, const TensorDesc* residual) {
  const TensorDesc& y = op.outputs[0];
  std::vector<BatchAxis> axes;
  for (size_t i = 0; i + 2 < y.shape.size(); ++i) {
    if (y.shape[i] == 1) continue;
    axes.push_back({y.shape[i], stride_along(op.inputs[0], y.shape.size(), i), stride_along(op.inputs[1], y.shape.size(), i),
                    y.strides[i], residual ? residual->strides[i] : 0});
  }
  return axes;
}

// Axes that share w become image axes, innermost first; the others are groups.
void place_batch(std::vector<BatchAxis> axes, Gemm& g) {
  int images = 0;
  std::vector<BatchAxis> groups;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    if (axis->w != 0 || images == 2) {
      groups.insert(groups.begin(), *axis);
    } else if (images++ == 0) {
      g.out_h = g.in_h = axis->extent;
      g.x.h = axis->a, g.y.h = axis->y, g.residual.h = axis->residual;
    } else {
      g.batch = axis->extent;
      g.x.n = axis->a, g.y.n = axis->y, g.residual.n = axis->residual;
    }
  }
  g.x_group = g.w_group = g.y_group = g.residual_group = {0};
  for (const BatchAxis& axis : groups) {
    const auto expand = [&](std::vector<int64_t>& offsets, int64_t stride) {
      std::vector<int64_t> all;
      for (int64_t base : offsets) {
        for (int64_t i = 0; i < axis.extent; ++i) all.push_back(base + i * stride);
      }
      offsets = std::move(all);
    };
    expand(g.x_group, axis.a);
    expand(g.w_group, axis.w);
    expand(g.y_group, axis.y);
    expand(g.residual_group, axis.residual);
  }
  g.groups = static_cast<int64_t>(g.x_group.size());
}

}  // namespace

Lowered lower_matmul(const Lowering& in, const Matmul& op) {
  SYSTOLE_ASSIGN_OR_RETURN(Gemm g, gemm_types(in, op.epilogue));
  const TensorDesc &a = in.op.inputs[0], &w = in.op.inputs[1], &y = in.op.outputs[0];
  const auto from_end = [](const std::vector<int64_t>& v, size_t i) { return v[v.size() - i]; };
  const size_t am = op.transpose_a ? 1 : 2, ak = 3 - am, wn = op.transpose_b ? 2 : 1, wk = 3 - wn;
  g.out_w = g.in_w = from_end(y.shape, 2);
  g.columns = from_end(y.shape, 1);
  g.channels = from_end(a.shape, ak);
  if (g.channels == 0) return Status(Code::kUnsupported, "a sum over k = 0");
  g.x.w = from_end(a.strides, am), g.x.c = from_end(a.strides, ak);
  g.w_c = from_end(w.strides, wk), g.w_j = from_end(w.strides, wn);
  g.y.w = from_end(y.strides, 2), g.y.c = from_end(y.strides, 1);
  const TensorDesc* residual = op.epilogue.residual ? &in.op.inputs[op.epilogue.bias ? 3 : 2] : nullptr;
  if (residual) g.residual.w = from_end(residual->strides, 2), g.residual.c = from_end(residual->strides, 1);
  if (y.elements() == 0) g.out_w = g.in_w = g.columns = 1;
  place_batch(y.elements() == 0 ? std::vector<BatchAxis>{} : batch_axes(in.op, residual), g);
  return make_gemm_op(std::move(g), in, op.epilogue);
}

}  // namespace systole::npu
