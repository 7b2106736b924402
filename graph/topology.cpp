// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/topology.h"

#include <map>
#include <queue>
#include <set>

#include "graph/node_access.h"

namespace systole::graph {
namespace {

void name_nodes(Graph& graph) {
  std::set<std::string> taken;
  for (auto& node : graph.nodes) {
    if (node.name.empty()) {
      node.name = node.outputs.empty() || node.outputs[0] == kAbsent ? node.type : graph.at(node.outputs[0]).name;
    }
    std::string wanted = node.name;
    for (int i = 2; !taken.insert(node.name).second; ++i) node.name = wanted + "#" + std::to_string(i);
    if (node.name != wanted) {
      graph.warnings.push_back("node name '" + wanted + "' is used twice: the later one is called '" + node.name + "'");
    }
  }
}

// The producing node of each value: -1 for inputs and constants, -2 where nothing makes it.
Result<std::vector<int>> find_producers(const Graph& graph) {
  std::vector<int> producer(graph.values.size(), -2);
  for (size_t i = 0; i < graph.values.size(); ++i) {
    if (graph.values[i].is_constant()) producer[i] = -1;
  }
  for (ValueId id : graph.inputs) producer[static_cast<size_t>(id)] = -1;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    for (ValueId id : graph.nodes[n].outputs) {
      if (id == kAbsent) continue;
      int& slot = producer[static_cast<size_t>(id)];
      if (slot != -2) {
        std::string first =
            slot >= 0 ? "node '" + graph.nodes[static_cast<size_t>(slot)].name + "'" : "an input or initializer";
        return node_error(graph.nodes[n], Code::kInvalidArgument,
                          "duplicate name: output '" + graph.at(id).name + "' is already made by " + first);
      }
      slot = static_cast<int>(n);
    }
  }
  return producer;
}

// Follows unplaced producers from `start` until a node repeats.
std::string describe_cycle(const Graph& graph, const std::vector<int>& producer, const std::vector<bool>& placed,
                           size_t start) {
  std::vector<size_t> path;
  std::map<size_t, size_t> position;
  size_t at = start;
  while (!position.contains(at)) {
    position[at] = path.size();
    path.push_back(at);
    for (ValueId id : graph.nodes[at].inputs) {
      if (id == kAbsent) continue;
      int from = producer[static_cast<size_t>(id)];
      if (from >= 0 && !placed[static_cast<size_t>(from)]) {
        at = static_cast<size_t>(from);
        break;
      }
    }
  }
  std::string text;
  for (size_t i = path.size(); i-- > position[at];) text += "'" + graph.nodes[path[i]].name + "' -> ";
  return text + "'" + graph.nodes[path.back()].name + "'";
}

Status check_origins(const Graph& graph, const std::vector<int>& producer) {
  for (const auto& node : graph.nodes) {
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      ValueId id = node.inputs[i];
      if (id != kAbsent && producer[static_cast<size_t>(id)] == -2) {
        return node_error(
            node, Code::kInvalidArgument,
            "input " + std::to_string(i) + " '" + graph.at(id).name + "' is made by no node, input or initializer");
      }
    }
  }
  for (ValueId id : graph.outputs) {
    if (producer[static_cast<size_t>(id)] == -2) {
      return Status(Code::kInvalidArgument,
                    "graph output '" + graph.at(id).name + "' is made by no node, input or initializer");
    }
  }
  return {};
}

}  // namespace

Status sort_and_check(Graph& graph) {
  name_nodes(graph);
  SYSTOLE_ASSIGN_OR_RETURN(std::vector<int> producer, find_producers(graph));
  SYSTOLE_RETURN_IF_ERROR(check_origins(graph, producer));
  size_t count = graph.nodes.size();
  std::vector<int> missing(count, 0);
  std::vector<std::vector<size_t>> users(count);
  for (size_t n = 0; n < count; ++n) {
    for (ValueId id : graph.nodes[n].inputs) {
      int from = id == kAbsent ? -1 : producer[static_cast<size_t>(id)];
      if (from < 0) continue;
      ++missing[n];
      users[static_cast<size_t>(from)].push_back(n);
    }
  }
  std::priority_queue<size_t, std::vector<size_t>, std::greater<>> ready;
  for (size_t n = 0; n < count; ++n) {
    if (missing[n] == 0) ready.push(n);
  }
  std::vector<size_t> order;
  std::vector<bool> placed(count, false);
  while (!ready.empty()) {
    size_t n = ready.top();
    ready.pop();
    placed[n] = true;
    order.push_back(n);
    for (size_t user : users[n]) {
      if (--missing[user] == 0) ready.push(user);
    }
  }
  if (order.size() < count) {
    size_t stuck = 0;
    while (placed[stuck]) ++stuck;
    return Status(Code::kInvalidArgument, "the graph is cyclic: " + describe_cycle(graph, producer, placed, stuck));
  }
  std::vector<Node> sorted;
  sorted.reserve(count);
  for (size_t n : order) sorted.push_back(std::move(graph.nodes[n]));
  graph.nodes = std::move(sorted);
  return {};
}

void remove_unused_nodes(Graph& graph) {
  std::vector<bool> needed(graph.values.size(), false);
  for (ValueId id : graph.outputs) needed[static_cast<size_t>(id)] = true;
  std::vector<Node> kept;
  for (size_t n = graph.nodes.size(); n-- > 0;) {
    Node& node = graph.nodes[n];
    bool used = false;
    for (ValueId id : node.outputs) used = used || (id != kAbsent && needed[static_cast<size_t>(id)]);
    if (!used) continue;
    for (ValueId id : node.inputs) {
      if (id != kAbsent) needed[static_cast<size_t>(id)] = true;
    }
    kept.push_back(std::move(node));
  }
  graph.nodes.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
}

void compact_values(Graph& graph) {
  std::vector<ValueId> renamed(graph.values.size(), kAbsent);
  std::vector<Value> kept;
  auto keep = [&](ValueId& id) {
    if (id == kAbsent) return;
    ValueId& target = renamed[static_cast<size_t>(id)];
    if (target == kAbsent) {
      target = static_cast<ValueId>(kept.size());
      kept.push_back(std::move(graph.at(id)));
    }
    id = target;
  };
  for (auto& id : graph.inputs) keep(id);
  for (auto& node : graph.nodes) {
    for (auto& id : node.inputs) keep(id);
    for (auto& id : node.outputs) keep(id);
  }
  for (auto& id : graph.outputs) keep(id);
  graph.values = std::move(kept);
}

}  // namespace systole::graph
