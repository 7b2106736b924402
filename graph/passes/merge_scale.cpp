// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/passes.h"

namespace systole::graph {
namespace {

// The constant side of a float `kind`, or kAbsent. `variable` receives the other side.
ValueId constant_side(const Graph& graph, const Node& node, BinaryKind kind, ValueId& variable) {
  const auto* binary = node.op ? std::get_if<Binary>(&*node.op) : nullptr;
  if (!binary || binary->kind != kind || binary->activation != Activation::kNone) return kAbsent;
  if (graph.at(node.outputs[0]).dtype != DType::kF32) return kAbsent;
  for (size_t i = 0; i < 2; ++i) {
    const ValueId constant = node.inputs[i], other = node.inputs[1 - i];
    if (!graph.at(constant).is_constant() || graph.at(other).is_constant()) continue;
    if (graph.at(other).shape != graph.at(node.outputs[0]).shape) continue;
    variable = other;
    return constant;
  }
  return kAbsent;
}

Result<bool> merge(Graph& graph, size_t first, BinaryKind kind, PassReport& report) {
  ValueId source = kAbsent, middle = kAbsent;
  const ValueId a = constant_side(graph, graph.nodes[first], kind, source);
  if (a == kAbsent) return false;
  const int next = sole_consumer(uses_of(graph), graph.nodes[first].outputs[0]);
  if (next < 0) return false;
  Node& second = graph.nodes[static_cast<size_t>(next)];
  const ValueId b = constant_side(graph, second, kind, middle);
  if (b == kAbsent) return false;
  const Shape& target = graph.at(second.outputs[0]).shape;
  if (target.size() < 2) return false;
  const auto fa = per_channel_floats(graph.at(a), target, 1);
  const auto fb = per_channel_floats(graph.at(b), target, 1);
  if (fa.empty() || fb.empty()) return false;
  std::vector<float> merged(fa.size());
  for (size_t i = 0; i < fa.size(); ++i) merged[i] = kind == BinaryKind::kMul ? fa[i] * fb[i] : fa[i] + fb[i];
  Shape shape(target.size(), 1);
  shape[1] = static_cast<int64_t>(merged.size());
  SYSTOLE_ASSIGN_OR_RETURN(Value constant, make_float_constant(graph.at(b).name + ".merged", shape, merged));
  const ValueId id = graph.add_value(std::move(constant));
  Node& kept = graph.nodes[static_cast<size_t>(next)];
  kept.inputs = {source, id};
  absorb(kept, graph.nodes[first]);
  note(&report, "merge_scales: " + kept.name + " + " + graph.nodes[first].name);
  return true;
}

}  // namespace

Status merge_scales(Graph& graph, PassReport& report) {
  std::vector<bool> dead(graph.nodes.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    for (BinaryKind kind : {BinaryKind::kMul, BinaryKind::kAdd}) {
      SYSTOLE_ASSIGN_OR_RETURN(const bool merged, merge(graph, n, kind, report));
      if (!merged) continue;
      dead[n] = true;
      graph.nodes[n].inputs.clear();
      break;
    }
  }
  erase_nodes(graph, dead);
  return {};
}

}  // namespace systole::graph
