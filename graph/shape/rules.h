// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The rules of each file, for shape_inference.cpp alone.
#pragma once

#include <map>
#include <string>

#include "graph/ir.h"
#include "graph/node_access.h"
#include "hal/status.h"

namespace systole::graph {

struct Infer {
  Graph& graph;
  const Node& node;

  const Value& in(size_t i) const { return graph.at(node.inputs[i]); }
  bool has(size_t i) const { return input_of(node, i) != kAbsent; }
  Status set(size_t i, DType dtype, Shape shape) const;  // nothing where the output is absent
  Status error(const std::string& message) const { return node_error(node, Code::kInvalidArgument, message); }
};

struct ShapeRule {
  size_t least, most;  // inputs
  Status (*infer)(const Infer&);
};
using ShapeRules = std::map<std::string, ShapeRule>;
inline constexpr size_t kAnyNumber = 1 << 20;

void add_elementwise_rules(ShapeRules& rules);
void add_window_rules(ShapeRules& rules);    // convolution, pooling, matrix products
void add_movement_rules(ShapeRules& rules);  // reshape, concat, slice...

}  // namespace systole::graph
