// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/passes.h"
#include "graph/passes/pattern.h"

namespace systole::graph {
namespace {

const Node* reshape_of(const Pattern& pattern, ValueId id) {
  const Node* node = pattern.producer(id);
  return node && !node->op && node->type == "Reshape" ? node : nullptr;
}

bool unflatten(Pattern& pattern, const Target& target, size_t n) {
  Graph& graph = pattern.graph();
  const Node& node = graph.nodes[n];
  const auto* op = node.op ? std::get_if<Matmul>(&*node.op) : nullptr;
  if (!op || op->transpose_a || op->epilogue.residual || graph.at(node.outputs[0]).quant) return false;
  const Shape flat = graph.at(node.inputs[0]).shape, weights = graph.at(node.inputs[1]).shape;
  const Node* before = reshape_of(pattern, node.inputs[0]);
  const int next = sole_consumer(pattern.uses(), node.outputs[0]);
  if (!before || next < 0 || flat.size() != 2 || weights.size() != 2) return false;
  const Node& after = graph.nodes[static_cast<size_t>(next)];
  if (after.op || after.type != "Reshape") return false;
  Shape rows = graph.at(after.outputs[0]).shape;
  if (rows.size() < 2 || rows.back() != graph.at(node.outputs[0]).shape.back()) return false;
  rows.back() = flat.back();
  std::vector<Node> nodes;
  ValueId source = before->inputs[0];
  if (graph.at(source).quant) return false;
  if (graph.at(source).shape != rows) {  // of rank 4, say, where heads were joined and flattened at once
    const ValueId seen = pattern.value_like(source, ".rows", rows);
    nodes.push_back(reshape_node(graph.nodes[n].name + "/rows", source, seen));
    source = seen;
  }
  nodes.push_back(graph.nodes[n]);
  nodes.back().inputs[0] = source;
  nodes.back().outputs = graph.nodes[static_cast<size_t>(next)].outputs;
  if (rank_of(target, graph, nodes.back()) > rank_of(target, graph, graph.nodes[n])) return false;
  pattern.replace(static_cast<size_t>(next), std::move(nodes));
  return true;
}

}  // namespace

Status unflatten_products(Graph& graph, const Target& target, PassReport& report) {
  Pattern pattern(graph, report, "unflatten_products");
  for (size_t n = 0; n < graph.nodes.size(); ++n) unflatten(pattern, target, n);
  pattern.finish();
  return {};
}

}  // namespace systole::graph
