// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Matmul and convolution by a vendor's library (Facts::library): what both share.
#pragma once

#include <optional>

#include "devices/gpu/lower/product.h"

namespace systole::gpu {

// Collects the launches of an op whose sums the library computes, with the epilogue as its own where it has it, else by
// a kernel after it. One call of add() or several for parts of y.
class LibraryProduct {
 public:
  // `w`: the weights as they are read: input 1, or as `prepare` leaves them.
  LibraryProduct(const OpDesc& desc, const Epilogue& epilogue, Finish finish, const Facts& facts, int algorithm);

  // What it may be of at all: types, zero points.
  static bool suits(const OpDesc& desc, const Facts& facts);
  // Types that the library multiplies only where both operands lie along k.
  static bool wants_k_innermost(DType type) { return byte_size(type) == 1; }

  // Bytes of scratch that the caller has for itself, before the first add().
  int64_t reserve(int64_t bytes);
  // Ahead of the next product.
  void add(Launch launch) { op_.launches.push_back(std::move(launch)); }
  // The weights from input 1 in another order: `to` has their shape.
  bool prepare_weights(const TensorDesc& from, const TensorDesc& to);
  // A part of the product: `p` with its operands' places; a is of desc.inputs[0]'s type. False where the library cannot
  // read or write what lies so.
  bool add(MatmulParams p, const OperandRef& y, const OperandRef& a, const OperandRef& w, const OperandRef& residual);
  std::optional<LoweredOp> finished();

 private:
  struct Fused {
    bool all = false;  // the epilogue: nothing is left to do
    bool bias = false, residual = false;
  };
  Fused fused(const MatmulParams& p, const MatrixSpec& y, const std::optional<MatrixSpec>& residual) const;
  void add_column_sums(const MatmulParams& p, const OperandRef& w);
  void finish(MatmulParams p, const OperandRef& y, const OperandRef& sums, const OperandRef& residual);

  const OpDesc& desc_;
  const Epilogue& epilogue_;
  const Facts& facts_;
  int algorithm_;
  Finish finish_;
  LoweredOp op_;
  std::optional<int64_t> column_sums_;  // where they are in prepared memory
  int64_t reserved_ = 0;
};

std::optional<LoweredOp> library_conv(const Conv2d& op, const OpDesc& desc, const Facts& facts, int algorithm);

}  // namespace systole::gpu
