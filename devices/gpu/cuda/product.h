// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products of matrices by cuBLASLt, as kernels.
#pragma once

#include <array>
#include <mutex>

#include "devices/gpu/cuda/objects.h"

namespace systole::gpu::cuda {

class CuProduct final : public Kernel {
 public:
  // kUnsupported where the library has no algorithm for it, or fewer than asked for.
  static Result<std::shared_ptr<CuProduct>> make(std::shared_ptr<Shared> shared, const ProductSpec& spec);
  ~CuProduct() override;
  int64_t alignment() const override { return plain_.known ? element_bytes_ : kAligned; }
  // In the context. y, a, b, residual, bias, workspace.
  Status enqueue(CUstream stream, const std::array<CUdeviceptr, 6>& addresses);

 private:
  static constexpr int64_t kAligned = 16;  // bytes: the widest load
  struct Plan {
    bool known = false;
    lt::Algo algo{};
    size_t workspace_bytes = 0;
  };
  CuProduct(std::shared_ptr<Shared> shared, const ProductSpec& spec);
  Status describe();
  Status layout(lt::MatrixLayout& made, const MatrixSpec& matrix, int64_t rows, int64_t columns, bool transposed);
  int64_t batches_alignment() const;
  Status choose(int64_t alignment, Plan& plan);
  template <typename T>
  Status set(int attribute, const T& value);
  Status judged(int status, const char* what) const;

  std::shared_ptr<Shared> shared_;
  const Blas& blas_;
  ProductSpec spec_;  // the library's way round: y's columns lie as one
  bool swapped_ = false;
  int64_t element_bytes_ = 1;
  lt::MatmulDesc desc_ = nullptr;
  lt::MatrixLayout a_ = nullptr, b_ = nullptr, c_ = nullptr, d_ = nullptr;
  Plan aligned_, plain_;  // of addresses that are all multiples of kAligned, and of any
  std::mutex mutex_;      // of the bias's address in desc_
};

}  // namespace systole::gpu::cuda
