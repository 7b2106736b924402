// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Looking at a lowered graph backwards from a value, and putting one node where several were.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/edit.h"
#include "graph/pass_report.h"

namespace systole::graph {

// The graph with its uses. A node that was taken in is left without op, inputs and outputs until `finish`.
class Pattern {
 public:
  Pattern(Graph& graph, PassReport& report, std::string pass);

  Graph& graph() { return graph_; }
  const Uses& uses() const { return uses_; }
  const Node* producer(ValueId id) const;  // null for inputs and constants
  int producer_index(ValueId id) const;    // -1 for these, and for values added since the last replacement
  // The producer's op if it is of that kind; binaries and products with an activation or residual are not plain.
  const Node* binary(ValueId id, BinaryKind kind) const;
  const Node* unary(ValueId id, UnaryKind kind) const;
  // The number in a float constant of one element.
  std::optional<double> scalar(ValueId id) const;
  // The side of `node` that is such a constant; `other` receives the other side.
  std::optional<double> scalar_side(const Node& node, ValueId& other) const;
  // Both are computed alike from the same values (exporters repeat subtractions and reductions).
  bool same(ValueId a, ValueId b) const;

  // A value of the type and shape of `like`.
  ValueId value_like(ValueId like, const std::string& suffix, Shape shape);
  // Puts `nodes` in the place of node `root`; the last keeps its name and makes its outputs. Whatever nothing reads any
  // more is taken in and listed in one line of the report, which begins with `what`, the op's name where it is empty.
  void replace(size_t root, std::vector<Node> nodes, std::string what = "");
  // Removes what was taken in. To be called once, at the end.
  void finish();

 private:
  void sweep(Node& into);

  Graph& graph_;
  PassReport& report_;
  std::string pass_;
  Uses uses_;
};

Node op_node(const std::string& type, const std::string& name, Op op, std::vector<ValueId> inputs, ValueId output);
Node reshape_node(const std::string& name, ValueId from, ValueId to);

}  // namespace systole::graph
