// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/edit.h"
#include "graph/passes/image.h"
#include "graph/plan/plan.h"

namespace systole::graph {
namespace {

Node copy_node(const std::string& name, ValueId from, ValueId to) {
  Node node;
  node.name = name;
  node.type = "Copy";
  node.inputs = {from};
  node.outputs = {to};
  node.op = Copy{};
  return node;
}

// Every reader of `id` is a cast: it changes the order on its way.
bool only_cast(const Plan& plan, const Uses& uses, ValueId id) {
  const auto& readers = uses.consumers[static_cast<size_t>(id)];
  for (int reader : readers) {
    const Node& node = plan.graph.nodes[static_cast<size_t>(reader)];
    if (!node.op || !std::holds_alternative<Cast>(*node.op)) return false;
  }
  return !readers.empty();
}

void order_inputs(Plan& plan, const Uses& uses) {
  std::vector<Insertion> copies;
  for (ValueId id : plan.graph.inputs) {
    const Value value = plan.graph.at(id);
    Storage& storage = plan.storage[static_cast<size_t>(id)];
    const auto rows = row_major_strides(value.dtype, value.shape);
    if (same_order(value.shape, storage.strides, rows)) continue;
    const auto image_strides = storage.strides;
    storage.strides = rows;
    if (only_cast(plan, uses, id)) continue;
    Value ordered = value;
    ordered.name += ".nhwc";
    const ValueId to = plan.add_value(ordered, image_strides);
    replace_reads(plan.graph, id, to);
    copies.push_back({0, copy_node("copy(" + value.name + " to nhwc)", id, to)});
    note(&plan.report, "layout: " + copies.back().node.name);
  }
  insert_nodes(plan.graph, std::move(copies));
}

void order_outputs(Plan& plan) {
  for (ValueId id : plan.graph.outputs) {
    const Value value = plan.graph.at(id);
    const Uses uses = uses_of(plan.graph);
    const int producer = uses.producer[static_cast<size_t>(id)];
    Storage& storage = plan.storage[static_cast<size_t>(id)];
    const auto rows = row_major_strides(value.dtype, value.shape);
    if (producer < 0 || same_order(value.shape, storage.strides, rows)) continue;
    const auto image_strides = storage.strides;
    storage.strides = rows;
    Node& node = plan.graph.nodes[static_cast<size_t>(producer)];
    if (node.op && std::holds_alternative<Cast>(*node.op) && uses.consumers[static_cast<size_t>(id)].empty()) continue;
    Value ordered = value;
    ordered.name += ".nhwc";
    const ValueId from = plan.add_value(ordered, image_strides);
    replace_reads(plan.graph, id, from);
    for (ValueId& output : plan.graph.nodes[static_cast<size_t>(producer)].outputs)
      if (output == id) output = from;
    const std::string name = "copy(" + value.name + " to rows)";
    insert_nodes(plan.graph, {{producer + 1, copy_node(name, from, id)}});
    note(&plan.report, "layout: " + name);
  }
}

}  // namespace

Status assign_layout(Plan& plan) {
  const auto image = image_values(plan.graph);
  plan.storage.resize(plan.graph.values.size());
  for (size_t v = 0; v < plan.graph.values.size(); ++v) {
    const auto id = static_cast<ValueId>(v);
    plan.storage[v] = {id, 0, dense_desc(plan.graph.at(id), image[v]).strides};
  }
  order_inputs(plan, uses_of(plan.graph));
  order_outputs(plan);
  return {};
}

}  // namespace systole::graph
