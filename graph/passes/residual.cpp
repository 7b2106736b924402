// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/passes.h"

namespace systole::graph {
namespace {

Epilogue* open_epilogue(Graph& graph, Node& node) {
  if (!node.op || !is_float(graph.at(node.outputs[0]).dtype)) return nullptr;
  Epilogue* epilogue = nullptr;
  if (auto* conv = std::get_if<Conv2d>(&*node.op)) epilogue = &conv->epilogue;
  if (auto* matmul = std::get_if<Matmul>(&*node.op)) epilogue = &matmul->epilogue;
  if (!epilogue || epilogue->residual || epilogue->activation != Activation::kNone) return nullptr;
  return epilogue;
}

bool is_plain_add(const Node& node) {
  const auto* binary = node.op ? std::get_if<Binary>(&*node.op) : nullptr;
  return binary && binary->kind == BinaryKind::kAdd;
}

// Tries to put the add at `sum` into the producer of its operand `side`; true when done.
bool fuse_into(Graph& graph, size_t sum, size_t side, const Uses& uses, PassReport& report) {
  Node& add = graph.nodes[sum];
  const ValueId mine = add.inputs[side], other = add.inputs[1 - side];
  const int producer = uses.producer[static_cast<size_t>(mine)];
  if (mine == other || producer < 0 || sole_consumer(uses, mine) < 0) return false;
  Node& node = graph.nodes[static_cast<size_t>(producer)];
  Epilogue* epilogue = open_epilogue(graph, node);
  const Value& residual = graph.at(other);
  const Value& result = graph.at(add.outputs[0]);
  if (!epilogue || residual.is_constant() || residual.shape != result.shape || residual.shape != graph.at(mine).shape ||
      residual.dtype != result.dtype || residual.dtype != graph.at(mine).dtype)
    return false;
  if (uses.producer[static_cast<size_t>(other)] >= producer) return false;
  node.inputs.resize(epilogue->bias ? 3 : 2);
  node.inputs.push_back(other);
  epilogue->residual = true;
  const auto& binary = std::get<Binary>(*add.op);
  epilogue->activation = binary.activation;
  epilogue->clip_lo = binary.clip_lo;
  epilogue->clip_hi = binary.clip_hi;
  node.outputs = add.outputs;
  absorb(node, add);
  note(&report, "fuse_residuals: " + node.name + " + " + add.name + " (residual " + residual.name + ")");
  add.inputs.clear();
  add.outputs.clear();
  add.op.reset();
  return true;
}

}  // namespace

Status fuse_residuals(Graph& graph, PassReport& report) {
  std::vector<bool> dead(graph.nodes.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!is_plain_add(graph.nodes[n])) continue;
    const Uses uses = uses_of(graph);
    dead[n] = fuse_into(graph, n, 0, uses, report) || fuse_into(graph, n, 1, uses, report);
  }
  erase_nodes(graph, dead);
  return {};
}

}  // namespace systole::graph
