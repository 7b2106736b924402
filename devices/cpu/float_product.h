// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Matmul and conv2d of float types: stage the operands, run the product, finish the sums.
#pragma once

#include "devices/cpu/kernels.h"
#include "devices/cpu/onednn.h"
#include "devices/cpu/stage.h"

namespace systole::cpu {

// What matmul and conv2d tell the common kernel.
struct FloatPlan {
  std::unique_ptr<Product> product;
  std::string form;  // names the product and the packed form of its weights
  DType type;        // of the staged operands
  DType out;         // of what the product writes
  std::vector<size_t> x_order, y_order;
  bool packed = true;  // weights go through Product::pack
  struct Batch {       // elements, by matrix
    int64_t x, weights, y;
  };
  std::vector<Batch> batches{{0, 0, 0}};
  int64_t weight_matrices = 1;
};

// Each product stays on one thread, and threads share the batches; else the threads share each product.
inline bool runs_batches_at_once(const FloatPlan& plan, const Context& context) {
  return context.workers.threads() > 1 && static_cast<int64_t>(plan.batches.size()) >= context.workers.threads();
}

// The type products of `type` are computed in on this machine.
DType product_type(DType type, const Context& context);
// What the product may write: y itself, or sums that are finished into y.
DType product_output(const Epilogue& epilogue, DType type, const TensorDesc& y, const std::vector<size_t>& order);

Kernel float_kernel(const Epilogue& epilogue, const OpCall& call, FloatPlan plan, const Context& context);

Kernel float_matmul(const Matmul& op, const OpCall& call, const Context& context);
Kernel float_conv(const Conv2d& op, const OpCall& call, const Context& context);

}  // namespace systole::cpu
