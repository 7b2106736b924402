// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "graph/passes/passes.h"

namespace systole::graph {
namespace {

constexpr std::pair<UnaryKind, Activation> kFunctions[] = {
    {UnaryKind::kRelu, Activation::kRelu},       {UnaryKind::kClip, Activation::kClip},
    {UnaryKind::kSigmoid, Activation::kSigmoid}, {UnaryKind::kTanh, Activation::kTanh},
    {UnaryKind::kGeluErf, Activation::kGeluErf}, {UnaryKind::kGeluTanh, Activation::kGeluTanh},
    {UnaryKind::kSilu, Activation::kSilu},       {UnaryKind::kHardSwish, Activation::kHardSwish}};

Activation activation_of(const Node& node) {
  const auto* unary = node.op ? std::get_if<Unary>(&*node.op) : nullptr;
  for (const auto& [kind, activation] : kFunctions)
    if (unary && unary->kind == kind) return activation;
  return Activation::kNone;
}

struct Slot {
  Activation* activation = nullptr;
  float *lo = nullptr, *hi = nullptr;
};

Slot slot_of(Node& node) {
  if (!node.op) return {};
  if (auto* conv = std::get_if<Conv2d>(&*node.op))
    return {&conv->epilogue.activation, &conv->epilogue.clip_lo, &conv->epilogue.clip_hi};
  if (auto* matmul = std::get_if<Matmul>(&*node.op))
    return {&matmul->epilogue.activation, &matmul->epilogue.clip_lo, &matmul->epilogue.clip_hi};
  if (auto* binary = std::get_if<Binary>(&*node.op)) return {&binary->activation, &binary->clip_lo, &binary->clip_hi};
  return {};
}

}  // namespace

namespace {

// `node` with `after` as its activation; empty where that is not to be had at the same place.
std::optional<Node> joined_node(const Graph& graph, const Target& target, const Node& node, const Node& after) {
  Node made = node;
  const Slot slot = slot_of(made);
  const Activation activation = activation_of(after);
  if (!slot.activation || *slot.activation != Activation::kNone || activation == Activation::kNone) return {};
  const auto& unary = std::get<Unary>(*after.op);
  *slot.activation = activation;
  *slot.lo = unary.kind == UnaryKind::kClip ? unary.alpha : 0.0f;
  *slot.hi = unary.kind == UnaryKind::kClip ? unary.beta : 0.0f;
  made.outputs = after.outputs;
  if (rank_of(target, graph, made) > rank_of(target, graph, node)) return {};
  absorb(made, after);
  return made;
}

}  // namespace

Status fuse_activations(Graph& graph, const Target& target, PassReport& report) {
  std::vector<bool> dead(graph.nodes.size(), false);
  const Uses uses = uses_of(graph);  // of values that are still there, they don't change below
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!graph.nodes[n].op || dead[n] || !is_float(graph.at(graph.nodes[n].outputs[0]).dtype)) continue;
    const int next = sole_consumer(uses, graph.nodes[n].outputs[0]);
    if (next < 0) continue;
    Node& after = graph.nodes[static_cast<size_t>(next)];
    auto made = joined_node(graph, target, graph.nodes[n], after);
    if (!made) continue;
    note(&report, "fuse_activations: " + made->name + " + " + after.name);
    graph.nodes[n] = std::move(*made);
    after.inputs.clear();
    after.outputs.clear();
    after.op.reset();
    dead[static_cast<size_t>(next)] = true;
  }
  erase_nodes(graph, dead);
  return {};
}

}  // namespace systole::graph
