// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "devices/npu/compiler/gemm_op.h"

namespace systole::npu {
namespace {

ImageStrides image_strides(const TensorDesc& d) { return {d.strides[0], d.strides[2], d.strides[3], d.strides[1]}; }

// The convolution with `together` of its groups in one product.
Gemm conv_gemm(Gemm g, const Lowering& in, const Conv2d& op, int64_t together) {
  const TensorDesc &x = in.op.inputs[0], &w = in.op.inputs[1], &y = in.op.outputs[0];
  const int64_t group_in = w.shape[1], group_out = w.shape[0] / op.groups;
  g.batch = y.shape[0], g.in_h = x.shape[2], g.in_w = x.shape[3], g.out_h = y.shape[2], g.out_w = y.shape[3];
  g.kernel_h = w.shape[2], g.kernel_w = w.shape[3];
  g.stride_h = op.stride_h, g.stride_w = op.stride_w, g.dilation_h = op.dilation_h, g.dilation_w = op.dilation_w;
  g.pad_top = op.pad_top, g.pad_left = op.pad_left;
  g.x = image_strides(x), g.y = image_strides(y);
  if (g.has_residual) g.residual = image_strides(in.op.inputs[op.epilogue.bias ? 3 : 2]);
  g.w_j = w.strides[0], g.w_c = w.strides[1], g.w_kh = w.strides[2], g.w_kw = w.strides[3];
  g.groups = op.groups / together;
  g.channels = group_in * together, g.columns = group_out * together;
  if (together > 1) g.diagonal_c = group_in, g.diagonal_j = group_out;
  for (int64_t i = 0; i < g.groups; ++i) {
    g.x_group.push_back(i * g.channels * g.x.c);
    g.w_group.push_back(i * g.columns * g.w_j);
    g.y_group.push_back(i * g.columns * g.y.c);
    g.residual_group.push_back(i * g.columns * g.residual.c);
    g.column_group.push_back(i * g.columns);
  }
  return g;
}

// How many groups one product may take: as many as fill the columns, or the rows.
std::vector<int64_t> groupings(const Conv2d& op, const TensorDesc& w, const spec::ArraySpec& array, bool constant) {
  if (op.groups == 1 || !constant) return {1};
  const int64_t group_out = w.shape[0] / op.groups, rows = w.shape[1] * w.shape[2] * w.shape[3];
  int64_t by_columns = 1, by_rows = 1;
  for (int64_t d = 1; d <= op.groups; ++d) {
    if (op.groups % d != 0) continue;
    if (d * group_out <= array.cols) by_columns = d;
    if (d * rows <= array.rows) by_rows = d;
  }
  std::vector<int64_t> all = {1, by_rows, by_columns};
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  if (all.size() > 1) all.erase(all.begin());
  return all;
}

}  // namespace

Lowered lower_conv(const Lowering& in, const Conv2d& op) {
  SYSTOLE_ASSIGN_OR_RETURN(const Gemm types, gemm_types(in, op.epilogue));
  const TensorDesc& w = in.op.inputs[1];
  if (w.elements() == 0 && in.op.outputs[0].elements() > 0) return Status(Code::kUnsupported, "a convolution without weights");
  if (in.op.outputs[0].elements() == 0 || in.op.inputs[0].elements() == 0) {
    return Status(Code::kUnsupported, "a convolution of an empty tensor");
  }
  Status reason;
  std::unique_ptr<LoweredOp> best;
  for (int64_t together : groupings(op, w, in.spec.array, in.frozen[1])) {
    Lowered lowered = make_gemm_op(conv_gemm(types, in, op, together), in, op.epilogue);
    if (!lowered.ok()) {
      reason = lowered.status();
    } else if (!best || lowered.value()->cycles < best->cycles) {
      best = std::move(lowered).value();
      if (together > 1) best->plan = std::to_string(together) + " groups together, " + best->plan;
    }
  }
  Lowered depthwise = lower_depthwise(in, op);
  if (depthwise.ok() && (!best || depthwise.value()->cycles < best->cycles)) best = std::move(depthwise).value();
  if (!best) return reason;
  return best;
}

}  // namespace systole::npu
