// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// QuantizeLinear and DequantizeLinear, in f32 as ONNX defines them.
#include <cmath>

#include "graph/constants.h"
#include "graph/host_ops/kernels.h"
#include "graph/node_access.h"

namespace systole::graph {
namespace {

using Inputs = std::span<const HostInput>;
using Outputs = std::span<const HostOutput>;

// Index of the scale that belongs to element i.
struct ScaleIndex {
  int64_t inner = 1, count = 1;
  int64_t of(int64_t i) const { return count == 1 ? 0 : (i / inner) % count; }
};

Result<ScaleIndex> scale_index(const Node& node, Inputs in) {
  ScaleIndex index;
  index.count = element_count(in[1].shape);
  if (index.count == 1) return index;
  SYSTOLE_ASSIGN_OR_RETURN(int axis,
                           normal_axis(node, int_attr(node, "axis", 1), static_cast<int>(in[0].shape.size())));
  for (size_t i = static_cast<size_t>(axis) + 1; i < in[0].shape.size(); ++i) index.inner *= in[0].shape[i];
  return index;
}

int64_t zero_point(Inputs in, int64_t at) {
  return in.size() > 2 && in[2].data ? load_int(in[2].dtype, in[2].data, at) : 0;
}

Status quantize(const Node& node, Inputs in, Outputs out) {
  SYSTOLE_ASSIGN_OR_RETURN(ScaleIndex index, scale_index(node, in));
  int64_t count = element_count(out[0].shape);
  for (int64_t i = 0; i < count; ++i) {
    int64_t at = index.of(i);
    float scaled = static_cast<float>(load_real(in[0].dtype, in[0].data, i)) /
                   static_cast<float>(load_real(in[1].dtype, in[1].data, at));
    store_real(out[0].dtype, out[0].data, i,
               static_cast<double>(std::nearbyint(scaled)) + static_cast<double>(zero_point(in, at)));
  }
  return {};
}

Status dequantize(const Node& node, Inputs in, Outputs out) {
  SYSTOLE_ASSIGN_OR_RETURN(ScaleIndex index, scale_index(node, in));
  int64_t count = element_count(out[0].shape);
  for (int64_t i = 0; i < count; ++i) {
    int64_t at = index.of(i);
    float difference = static_cast<float>(load_int(in[0].dtype, in[0].data, i) - zero_point(in, at));
    store_real(out[0].dtype, out[0].data, i, difference * static_cast<float>(load_real(in[1].dtype, in[1].data, at)));
  }
  return {};
}

}  // namespace

void add_quantize_kernels(HostKernels& kernels) {
  kernels["QuantizeLinear"] = quantize;
  kernels["DequantizeLinear"] = dequantize;
}

}  // namespace systole::graph
