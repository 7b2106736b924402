// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What looks along an axis: reductions, softmax, normalizations.
#include <algorithm>
#include <cmath>

#include "graph/verify/emulation.h"

namespace systole::graph::emulation {

Status reduce(Machine& machine, const Node& node, const Reduce& op) {
  const bool sum = op.kind == ReduceKind::kSum || op.kind == ReduceKind::kMean, most = op.kind == ReduceKind::kMax;
  if (!sum && !most && op.kind != ReduceKind::kMin) return not_emulated(node);
  const Shape &xs = machine.shape(node.inputs[0]), &ys = machine.shape(node.outputs[0]);
  const Array& x = machine.in(node, 0);
  Array& y = machine.out(node);
  std::vector<bool> begun(y.size(), false);
  for_each_index(xs, [&](size_t i, const std::vector<int64_t>& index) {
    const size_t at = broadcast_position(ys, index);
    y[at] = !begun[at] ? x[i] : sum ? y[at] + x[i] : most ? std::max(y[at], x[i]) : std::min(y[at], x[i]);
    begun[at] = true;
  });
  if (op.kind == ReduceKind::kMean)
    for (float& value : y) value /= static_cast<float>(x.size() / y.size());
  return {};
}

void softmax(Machine& machine, const Node& node, const Softmax& op) {
  const Shape& shape = machine.shape(node.outputs[0]);
  const auto axis = static_cast<size_t>(op.axis < 0 ? op.axis + static_cast<int>(shape.size()) : op.axis);
  const Array& x = machine.in(node, 0);
  Array& y = machine.out(node);
  size_t inner = 1;
  for (size_t a = axis + 1; a < shape.size(); ++a) inner *= static_cast<size_t>(shape[a]);
  const auto length = static_cast<size_t>(shape[axis]);
  for (size_t outer = 0; outer < x.size() / (length * inner); ++outer)
    for (size_t i = 0; i < inner; ++i) {
      const size_t start = outer * length * inner + i;
      float most = x[start], sum = 0;
      for (size_t k = 1; k < length; ++k) most = std::max(most, x[start + k * inner]);
      for (size_t k = 0; k < length; ++k) sum += std::exp(x[start + k * inner] - most);
      for (size_t k = 0; k < length; ++k) {
        const float shifted = x[start + k * inner] - most;
        y[start + k * inner] = op.log ? shifted - std::log(sum) : std::exp(shifted) / sum;
      }
    }
}

void normalize(Machine& machine, const Node& node, const Normalize& op) {
  const Shape& shape = machine.shape(node.outputs[0]);
  const Array& x = machine.in(node, 0);
  Array& y = machine.out(node);
  size_t n = 1;
  for (int i = 0; i < op.axes; ++i) n *= static_cast<size_t>(shape[shape.size() - 1 - static_cast<size_t>(i)]);
  const auto count = static_cast<float>(n);
  for (size_t first = 0; first < x.size(); first += n) {
    float mean = 0, squares = 0;
    if (op.kind == NormKind::kLayer)
      for (size_t i = 0; i < n; ++i) mean += x[first + i];
    mean /= count;
    for (size_t i = 0; i < n; ++i) squares += (x[first + i] - mean) * (x[first + i] - mean);
    const float deviation = std::sqrt(squares / count + op.epsilon);
    for (size_t i = 0; i < n; ++i) {
      float v = (x[first + i] - mean) / deviation;
      if (op.scale) v *= machine.in(node, 1)[i];
      if (op.bias) v += machine.in(node, op.scale ? 2 : 1)[i];
      y[first + i] = v;
    }
  }
}

}  // namespace systole::graph::emulation
