// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products and convolutions of random shapes, each a network of its own, and inputs for any network. The same seed and
// calls give the same bytes.
#pragma once

#include <cstdint>
#include <random>

#include "graph/host_tensor.h"
#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

class RandomGraphs {
 public:
  explicit RandomGraphs(uint64_t seed) : random_(seed) {}
  Result<Graph> gemm();         // up to 40 x 60 x 40, f32 or int8, some with a ReLU
  Result<Graph> narrow_gemm();  // of floats with i8 or i4 weights, by chance with bias, residual and ReLU
  Result<Graph> convolution();  // up to 20 channels of 14 x 14, kernels up to 5 x 5, a third of them depthwise
  TensorMap inputs(const Graph& graph);

 private:
  int64_t between(int64_t low, int64_t high);
  std::vector<double> weights(int64_t count, bool int8);

  std::mt19937_64 random_;
};

}  // namespace systole::graph
