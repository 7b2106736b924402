// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/float_product.h"
#include "devices/cpu/matrices.h"
#include "devices/cpu/own_product.h"

namespace systole::cpu {

Kernel float_matmul(const Matmul& op, const OpCall& call, const Context& context) {
  const TensorDesc &a = call.inputs[0].desc, &w = call.inputs[1].desc, &y = call.outputs[0].desc;
  const Matrices matrices = matrices_of(op, a, w, y);
  FloatPlan plan;
  plan.type = product_type(a.dtype, context);
  plan.x_order = row_major_order(a.shape.size());
  plan.y_order = row_major_order(y.shape.size());
  // Integer weights are widened; their scale comes after the sum, and the bias after the scale.
  const bool scaled = w.quant != nullptr;
  plan.out = scaled ? DType::kF32 : product_output(op.epilogue, plan.type, y, plan.y_order);
  plan.packed = is_frozen(call.inputs[1]);
  plan.weight_matrices = matrices.w_count;
  MatmulSpec spec{plan.type,  plan.type,      plan.out,       matrices.m,  matrices.n,
                  matrices.k, op.transpose_a, op.transpose_b, plan.packed, op.epilogue.bias && !scaled};
  plan.batches.clear();
  for (const Matrices::Batch& batch : matrices.batches) {
    plan.batches.push_back({batch.a * matrices.m * matrices.k, batch.w, batch.y * matrices.m * matrices.n});
  }
  const bool empty = matrices.m * matrices.n * matrices.k == 0;
  if (runs_batches_at_once(plan, context)) Workers(1).claim();
  if (context.onednn && plan.type != DType::kF64 && !empty) plan.product = onednn_matmul(spec);
  context.workers.claim();
  const char* maker = "onednn";
  if (!plan.product) {
    maker = "own";
    if (plan.type == DType::kBF16) spec.type = spec.weights = plan.type = DType::kF32;
    if (plan.out == DType::kBF16) spec.out = plan.out = DType::kF32;
    plan.product = own_matmul(spec, context.workers);
  }
  plan.form =
      std::string(maker) + " matmul " + dtype_name(w.dtype) + dtype_name(plan.type) + dtype_name(plan.out) + " " +
      to_string(Shape{spec.m, spec.n, spec.k, spec.transpose_a, spec.transpose_b, spec.bias, plan.weight_matrices});
  return float_kernel(op.epilogue, call, std::move(plan), context);
}

}  // namespace systole::cpu
