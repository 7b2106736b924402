// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A matmul as a list of products of two matrices.
#pragma once

#include <cstdint>
#include <vector>

#include "hal/op.h"

namespace systole::cpu {

// Batches that share one w are one tall matrix.
struct Matrices {
  int64_t m, n, k;
  struct Batch {
    int64_t a, w, y;  // which m x k, k x n and m x n matrix of the dense row-major tensors
  };
  std::vector<Batch> batches;
  int64_t w_count;  // matrices in w
};

Matrices matrices_of(const Matmul& op, const TensorDesc& a, const TensorDesc& w, const TensorDesc& y);

}  // namespace systole::cpu
