// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/passes.h"

namespace systole::graph {
namespace {

bool is_identity(const Graph& graph, const Node& node) {
  if (node.inputs.empty() || node.outputs.empty() || node.inputs[0] == kAbsent) return false;
  const Value& from = graph.at(node.inputs[0]);
  const Value& to = graph.at(node.outputs[0]);
  const bool same_quant = (!from.quant && !to.quant) || (from.quant && to.quant && *from.quant == *to.quant);
  if (from.dtype != to.dtype || from.shape != to.shape || !same_quant) return false;
  if (node.type == "Identity" || node.type == "Dropout") return true;
  return node.op && std::holds_alternative<Cast>(*node.op);
}

}  // namespace

Status remove_identities(Graph& graph, PassReport& report) {
  std::vector<bool> dead(graph.nodes.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!is_identity(graph, graph.nodes[n])) continue;
    const ValueId from = graph.nodes[n].inputs[0], to = graph.nodes[n].outputs[0];
    const Uses uses = uses_of(graph);
    const bool handed_out = uses.is_output[static_cast<size_t>(to)];
    if (handed_out) {
      // The source's producer writes the output itself, unless the source is itself seen from outside.
      const int producer = uses.producer[static_cast<size_t>(from)];
      if (producer < 0 || uses.is_output[static_cast<size_t>(from)]) {
        if (!graph.nodes[n].op) graph.nodes[n].op = Copy{};
        continue;
      }
      for (ValueId& id : graph.nodes[static_cast<size_t>(producer)].outputs)
        if (id == from) id = to;
      replace_reads(graph, from, to);
    } else {
      replace_reads(graph, to, from);
    }
    dead[n] = true;
    graph.nodes[n].inputs.clear();
    graph.nodes[n].outputs.clear();
    note(&report, "remove_identities: " + graph.nodes[n].name);
  }
  erase_nodes(graph, dead);
  return {};
}

}  // namespace systole::graph
