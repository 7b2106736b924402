// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/constants.h"
#include "graph/edit.h"
#include "graph/plan/plan.h"

namespace systole::graph {
namespace {

struct Copies {
  Plan& plan;
  std::vector<std::vector<ValueId>> instance;  // by value, by place
  std::vector<Insertion> added;
};

// The value's bytes at `place`; makes the copy when it is the first time. A copy to the main device sits right after
// the value's producer and one away from it right before its first reader, so that the main device's lists stay whole.
ValueId instance_at(Copies& copies, const Uses& uses, ValueId id, int place, int reader) {
  Plan& plan = copies.plan;
  const int home = plan.home[static_cast<size_t>(id)];
  if (home == place) return id;
  ValueId& known = copies.instance[static_cast<size_t>(id)][static_cast<size_t>(place)];
  if (known != kAbsent) return known;
  Value value = plan.graph.at(id);
  const std::string from = plan.place_name(home), to = plan.place_name(place);
  Node node;
  node.name = "move(" + value.name + " to " + to + ")";
  node.type = "DeviceCopy";
  node.device = "host";
  value.name += "@" + to;
  const TensorDesc source = desc_of(plan, id);
  const bool rows = source.rank() != 4 || source.is_row_major() || source.strides[1] != byte_size(source.dtype);
  known = plan.add_value(
      value, rows ? row_major_strides(value.dtype, value.shape) : channels_last_strides(value.dtype, value.shape));
  plan.home.push_back(place);
  node.inputs = {id};
  node.outputs = {known};
  const int producer = uses.producer[static_cast<size_t>(id)];
  const int before = home == kMain ? reader : producer + 1;
  copies.added.push_back({before, node});
  note(&plan.report, "copy: " + plan.graph.at(id).name + " from " + from + " to " + to + ", " +
                         std::to_string(dense_bytes(value.dtype, value.shape)) + " bytes");
  return known;
}

}  // namespace

Status insert_device_copies(Plan& plan) {
  const Uses uses = uses_of(plan.graph);
  Copies copies{plan, {}, {}};
  copies.instance.assign(plan.graph.values.size(), std::vector<ValueId>(3, kAbsent));
  const int count = static_cast<int>(plan.graph.nodes.size());
  for (int n = 0; n < count; ++n) {
    Node& node = plan.graph.nodes[static_cast<size_t>(n)];
    if (is_alias(node)) continue;  // an alias is where its source is
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id == kAbsent || plan.graph.at(id).is_constant()) continue;
      const ValueId here = instance_at(copies, uses, id, plan.place[static_cast<size_t>(n)], n);
      plan.graph.nodes[static_cast<size_t>(n)].inputs[i] = here;
    }
  }
  for (ValueId& id : plan.graph.outputs)
    if (!plan.graph.at(id).is_constant() && !plan.graph.at(id).resident) {
      const std::string name = plan.graph.at(id).name;
      const ValueId host = instance_at(copies, uses, id, kHost, count);
      if (host == id) continue;
      plan.graph.at(host).name = name;
      plan.graph.at(id).name = name + "@" + plan.place_name(plan.home[static_cast<size_t>(id)]);
      id = host;
    }
  std::vector<Insertion> added = std::move(copies.added);
  // Places follow their nodes through the insertion.
  const std::vector<int> places = plan.place;
  insert_nodes(plan.graph, std::move(added));
  std::vector<int> place;
  size_t next = 0;
  for (const Node& node : plan.graph.nodes)
    place.push_back(node.type == "DeviceCopy" && !node.op ? kHost : places[next++]);
  plan.place = std::move(place);
  return {};
}

}  // namespace systole::graph
