// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graph/passes/passes.h"
#include "graph/passes/pattern.h"

namespace systole::graph {
namespace {

const Node* reduction(const Pattern& pattern, ValueId id, ReduceKind kind) {
  const Node* node = pattern.producer(id);
  const auto* op = node && node->op ? std::get_if<Reduce>(&*node->op) : nullptr;
  return op && op->kind == kind && op->axes.size() == 1 ? node : nullptr;
}

bool fuse_one(Pattern& pattern, const Target& target, size_t n) {
  Graph& graph = pattern.graph();
  const Node& root = graph.nodes[n];
  if (root.outputs.empty() || pattern.binary(root.outputs[0], BinaryKind::kDiv) != &root) return false;
  const Node* sum = reduction(pattern, root.inputs[1], ReduceKind::kSum);
  const Node* exponential = pattern.unary(root.inputs[0], UnaryKind::kExp);
  if (!sum || !exponential || !pattern.same(sum->inputs[0], root.inputs[0])) return false;
  const auto axes = std::get<Reduce>(*sum->op).axes;
  ValueId x = exponential->inputs[0];
  if (const Node* shifted = pattern.binary(x, BinaryKind::kSub)) {
    const Node* most = reduction(pattern, shifted->inputs[1], ReduceKind::kMax);
    if (most && most->inputs[0] == shifted->inputs[0] && std::get<Reduce>(*most->op).axes == axes)
      x = shifted->inputs[0];
  }
  if (graph.at(x).shape != graph.at(root.outputs[0]).shape) return false;
  Node made = op_node("Softmax", root.name, Softmax{axes[0], false}, {x}, root.outputs[0]);
  const int parts =
      std::max({rank_of(target, graph, root), rank_of(target, graph, *sum), rank_of(target, graph, *exponential)});
  if (rank_of(target, graph, made) > parts) return false;
  pattern.replace(n, {std::move(made)});
  return true;
}

}  // namespace

Status fuse_softmax(Graph& graph, const Target& target, PassReport& report) {
  Pattern pattern(graph, report, "fuse_softmax");
  for (size_t n = 0; n < graph.nodes.size(); ++n) fuse_one(pattern, target, n);
  pattern.finish();
  return {};
}

}  // namespace systole::graph
