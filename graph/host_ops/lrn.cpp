// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Local response normalization across channels.
#include <algorithm>
#include <cmath>

#include "graph/constants.h"
#include "graph/host_ops/kernels.h"
#include "graph/node_access.h"

namespace systole::graph {
namespace {

// y[n,c,p] = x[n,c,p] / (bias + alpha/size * sum of x[n,i,p]^2 over i in [c - floor((size-1)/2), c +
// ceil((size-1)/2)])^beta, channels outside x contributing nothing.
Status lrn(const Node& node, std::span<const HostInput> in, std::span<const HostOutput> out) {
  const Shape& shape = in[0].shape;
  int64_t size = int_attr(node, "size", 0);
  if (size < 1) return node_error(node, Code::kInvalidArgument, "size: expected 1 or more");
  if (shape.size() < 2)
    return node_error(node, Code::kInvalidArgument, "expected rank 2 or more, got " + to_string(shape));
  float alpha = float_attr(node, "alpha", 1e-4f), beta = float_attr(node, "beta", 0.75f),
        bias = float_attr(node, "bias", 1.0f);
  int64_t channels = shape[1], pixels = element_count(Shape(shape.begin() + 2, shape.end()));
  for (int64_t n = 0; n < shape[0]; ++n) {
    for (int64_t c = 0; c < channels; ++c) {
      int64_t first = std::max<int64_t>(0, c - (size - 1) / 2), last = std::min(channels - 1, c + size / 2);
      for (int64_t p = 0; p < pixels; ++p) {
        float sum = 0;
        for (int64_t i = first; i <= last; ++i) {
          float x = static_cast<float>(load_real(in[0].dtype, in[0].data, (n * channels + i) * pixels + p));
          sum += x * x;
        }
        int64_t at = (n * channels + c) * pixels + p;
        float divisor = std::pow(bias + alpha / static_cast<float>(size) * sum, beta);
        store_real(out[0].dtype, out[0].data, at, static_cast<float>(load_real(in[0].dtype, in[0].data, at)) / divisor);
      }
    }
  }
  return {};
}

}  // namespace

void add_lrn_kernel(HostKernels& kernels) { kernels["LRN"] = lrn; }

}  // namespace systole::graph
