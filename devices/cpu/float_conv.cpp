// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/float_product.h"
#include "devices/cpu/own_product.h"

namespace systole::cpu {

Kernel float_conv(const Conv2d& op, const OpCall& call, const Context& context) {
  const TensorDesc &x = call.inputs[0].desc, &w = call.inputs[1].desc, &y = call.outputs[0].desc;
  FloatPlan plan;
  plan.type = product_type(x.dtype, context);
  plan.x_order = plan.y_order = channels_last_order();
  plan.out = product_output(op.epilogue, plan.type, y, plan.y_order);
  ConvSpec spec{plan.type,     plan.out,      x.shape[0], x.shape[1],  x.shape[2],    x.shape[3],   w.shape[0],
                w.shape[2],    w.shape[3],    y.shape[2], y.shape[3],  op.groups,     op.stride_h,  op.stride_w,
                op.dilation_h, op.dilation_w, op.pad_top, op.pad_left, op.pad_bottom, op.pad_right, op.epilogue.bias};
  const bool empty = x.elements() * w.elements() * y.elements() == 0;
  if (context.onednn && plan.type != DType::kF64 && !empty) plan.product = onednn_conv(spec);
  const char* maker = "onednn";
  if (!plan.product) {
    maker = "own";
    if (plan.type == DType::kBF16) spec.type = plan.type = DType::kF32;
    if (plan.out == DType::kBF16) spec.out = plan.out = DType::kF32;
    plan.product = own_conv(spec, context.workers);
  }
  plan.form = std::string(maker) + " conv " + dtype_name(plan.type) + dtype_name(plan.out) + " " +
              to_string(Shape{spec.n, spec.c, spec.h, spec.w, spec.o, spec.kh, spec.kw, spec.groups, spec.stride_h,
                              spec.stride_w, spec.dilation_h, spec.dilation_w, spec.pad_top, spec.pad_left,
                              spec.pad_bottom, spec.pad_right, spec.bias});
  return float_kernel(op.epilogue, call, std::move(plan), context);
}

}  // namespace systole::cpu
