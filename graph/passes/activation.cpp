// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/passes.h"

namespace systole::graph {
namespace {

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

Status fuse_activations(Graph& graph, PassReport& report) {
  std::vector<bool> dead(graph.nodes.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    Node& node = graph.nodes[n];
    const Slot slot = slot_of(node);
    if (!slot.activation || *slot.activation != Activation::kNone) continue;
    const Value& value = graph.at(node.outputs[0]);
    const int next = sole_consumer(uses_of(graph), node.outputs[0]);
    if (next < 0 || !is_float(value.dtype)) continue;
    Node& after = graph.nodes[static_cast<size_t>(next)];
    const auto* unary = after.op ? std::get_if<Unary>(&*after.op) : nullptr;
    if (!unary || (unary->kind != UnaryKind::kRelu && unary->kind != UnaryKind::kClip)) continue;
    *slot.activation = unary->kind == UnaryKind::kRelu ? Activation::kRelu : Activation::kClip;
    *slot.lo = unary->kind == UnaryKind::kClip ? unary->alpha : 0.0f;
    *slot.hi = unary->kind == UnaryKind::kClip ? unary->beta : 0.0f;
    absorb(node, after);
    note(&report, "fuse_activations: " + node.name + " + " + after.name);
    node.outputs = after.outputs;
    after.inputs.clear();
    after.outputs.clear();
    after.op.reset();
    dead[static_cast<size_t>(next)] = true;
  }
  erase_nodes(graph, dead);
  return {};
}

}  // namespace systole::graph
