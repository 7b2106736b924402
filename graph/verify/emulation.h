// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The loops of the bf16 emulation, for the graph/verify/emulate_*.cpp files alone.
#pragma once

#include <vector>

#include "graph/ir.h"
#include "graph/node_access.h"
#include "hal/status.h"

namespace systole::graph::emulation {

using Array = std::vector<float>;

struct Machine {
  const Graph& graph;
  std::vector<Array> arrays;  // by value, row-major; integers and bools as floats, which are exact below 2^24

  Array& out(const Node& node) {
    Array& array = arrays[static_cast<size_t>(node.outputs[0])];
    array.assign(static_cast<size_t>(element_count(shape(node.outputs[0]))), 0.0f);
    return array;
  }
  const Array& in(const Node& node, size_t i) const { return arrays[static_cast<size_t>(node.inputs[i])]; }
  const Shape& shape(ValueId id) const { return graph.at(id).shape; }
};

float to_bf16(float x);  // to nearest even; infinities and NaN stay
float activate(float v, Activation activation, float lo, float hi);
inline Status not_emulated(const Node& node) { return node_error(node, Code::kUnsupported, "not emulated"); }

void convolve(Machine& machine, const Node& node, const Conv2d& conv);
void multiply(Machine& machine, const Node& node, const Matmul& matmul);
void attend(Machine& machine, const Node& node, const Attention& op);
void pool(Machine& machine, const Node& node, const Pool& op);
Status unary(Machine& machine, const Node& node, const Unary& op);
Status binary(Machine& machine, const Node& node, const Binary& op);
void select(Machine& machine, const Node& node);
Status reduce(Machine& machine, const Node& node, const Reduce& op);
void softmax(Machine& machine, const Node& node, const Softmax& op);
void normalize(Machine& machine, const Node& node, const Normalize& op);
void copy(Machine& machine, const Node& node);  // Transpose, Slice, Expand and plain copies
void join(Machine& machine, const Node& node);  // Concat and Pad
Status gather(Machine& machine, const Node& node);

// Calls visit(linear index of the output, index of it along every axis).
template <typename Visit>
void for_each_index(const Shape& shape, Visit visit) {
  std::vector<int64_t> index(shape.size(), 0);
  const int64_t count = element_count(shape);
  for (int64_t i = 0; i < count; ++i) {
    visit(static_cast<size_t>(i), index);
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

// Position in a row-major array of `shape` under broadcasting to the index's rank.
inline size_t broadcast_position(const Shape& shape, const std::vector<int64_t>& index) {
  const size_t shift = index.size() - shape.size();
  int64_t position = 0;
  for (size_t a = 0; a < shape.size(); ++a) position = position * shape[a] + (shape[a] == 1 ? 0 : index[a + shift]);
  return static_cast<size_t>(position);
}

}  // namespace systole::graph::emulation
