// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Data movement.
#include "graph/verify/emulation.h"

namespace systole::graph::emulation {

void copy(Machine& machine, const Node& node) {
  const Shape& xs = machine.shape(node.inputs[0]);
  const Array& x = machine.in(node, 0);
  Array& y = machine.out(node);
  const auto perm = ints_attr(node, "perm").value_or(std::vector<int64_t>{});
  const auto starts = ints_attr(node, "starts").value_or(std::vector<int64_t>{});
  const auto steps = ints_attr(node, "steps").value_or(std::vector<int64_t>{});
  for_each_index(machine.shape(node.outputs[0]), [&](size_t i, const std::vector<int64_t>& index) {
    std::vector<int64_t> from = index;
    if (node.type == "Transpose")
      for (size_t a = 0; a < perm.size(); ++a) from[static_cast<size_t>(perm[a])] = index[a];
    if (node.type == "Slice")
      for (size_t a = 0; a < starts.size(); ++a) from[a] = starts[a] + index[a] * (a < steps.size() ? steps[a] : 1);
    y[i] = x[broadcast_position(xs, from)];
  });
}

void join(Machine& machine, const Node& node) {
  Array& y = machine.out(node);
  const Shape& ys = machine.shape(node.outputs[0]);
  const auto place = [&](const Array& part, const Shape& shape, const std::vector<int64_t>& at) {
    for_each_index(shape, [&](size_t i, const std::vector<int64_t>& index) {
      int64_t position = 0;
      for (size_t a = 0; a < ys.size(); ++a) position = position * ys[a] + index[a] + at[a];
      y[static_cast<size_t>(position)] = part[i];
    });
  };
  std::vector<int64_t> at(ys.size(), 0);
  if (node.type == "Pad") {
    y = machine.in(node, 0);
    const auto pads = ints_attr(node, "pads").value_or(std::vector<int64_t>(2 * ys.size(), 0));
    place(machine.in(node, 1), machine.shape(node.inputs[1]),
          {pads.begin(), pads.begin() + static_cast<int64_t>(ys.size())});
    return;
  }
  const auto axis = static_cast<size_t>(int_attr(node, "axis", 1));
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    place(machine.in(node, i), machine.shape(node.inputs[i]), at);
    at[axis] += machine.shape(node.inputs[i])[axis];
  }
}

// Rows of the first operand by the indices in the second; negative ones count from the end.
Status gather(Machine& machine, const Node& node) {
  const Shape& xs = machine.shape(node.inputs[0]);
  const Array &x = machine.in(node, 0), &indices = machine.in(node, 1);
  const auto axis = static_cast<size_t>(int_attr(node, "axis", 0));
  Array& y = machine.out(node);
  size_t inner = 1;
  for (size_t a = axis + 1; a < xs.size(); ++a) inner *= static_cast<size_t>(xs[a]);
  const int64_t rows = xs[axis];
  for (size_t i = 0; i < y.size(); ++i) {
    const size_t outer = i / (inner * indices.size());
    const auto index = static_cast<int64_t>(indices[i / inner % indices.size()]);
    const int64_t row = index < 0 ? index + rows : index;
    if (row < 0 || row >= rows) return node_error(node, Code::kOutOfRange, "an index beyond the axis");
    y[i] = x[(outer * static_cast<size_t>(rows) + static_cast<size_t>(row)) * inner + i % inner];
  }
  return {};
}

}  // namespace systole::graph::emulation
