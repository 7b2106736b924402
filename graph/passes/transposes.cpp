// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/node_access.h"
#include "graph/passes/passes.h"
#include "graph/passes/pattern.h"

namespace systole::graph {
namespace {

bool swaps_last_two(const Node& node) {
  if (node.type != "Transpose" || !node.op) return false;
  const auto perm = ints_attr(node, "perm").value_or(std::vector<int64_t>{});
  const auto rank = static_cast<int64_t>(perm.size());
  for (int64_t i = 0; i < rank; ++i) {
    const int64_t wanted = i < rank - 2 ? i : 2 * rank - 3 - i;
    if (perm[static_cast<size_t>(i)] != wanted) return false;
  }
  return rank >= 2;
}

bool fuse_operand(Pattern& pattern, const Target& target, size_t n, size_t operand) {
  Graph& graph = pattern.graph();
  const auto* matmul = graph.nodes[n].op ? std::get_if<Matmul>(&*graph.nodes[n].op) : nullptr;
  if (!matmul) return false;
  const Node* transpose = pattern.producer(graph.nodes[n].inputs[operand]);
  if (!transpose || !swaps_last_two(*transpose)) return false;
  Node made = graph.nodes[n];
  auto& op = std::get<Matmul>(*made.op);
  bool& flag = operand == 0 ? op.transpose_a : op.transpose_b;
  flag = !flag;
  made.inputs[operand] = transpose->inputs[0];
  if (rank_of(target, graph, made) > rank_of(target, graph, graph.nodes[n])) return false;
  pattern.replace(n, {std::move(made)});
  return true;
}

}  // namespace

Status fuse_transposes(Graph& graph, const Target& target, PassReport& report) {
  Pattern pattern(graph, report, "fuse_transposes");
  for (size_t n = 0; n < graph.nodes.size(); ++n)
    for (size_t operand : {0, 1}) fuse_operand(pattern, target, n, operand);
  pattern.finish();
  return {};
}

}  // namespace systole::graph
