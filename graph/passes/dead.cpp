// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/passes.h"

namespace systole::graph {

Status remove_dead(Graph& graph, PassReport& report) {
  std::vector<bool> needed(graph.values.size(), false), dead(graph.nodes.size(), false);
  for (ValueId id : graph.outputs) needed[static_cast<size_t>(id)] = true;
  for (size_t n = graph.nodes.size(); n-- > 0;) {
    Node& node = graph.nodes[n];
    bool live = false;
    for (ValueId id : node.outputs) live = live || (id != kAbsent && needed[static_cast<size_t>(id)]);
    if (!live) {
      dead[n] = true;
      note(&report, "remove_dead: " + node.name);
      continue;
    }
    for (ValueId id : node.inputs)
      if (id != kAbsent) needed[static_cast<size_t>(id)] = true;
  }
  erase_nodes(graph, dead);
  return {};
}

}  // namespace systole::graph
