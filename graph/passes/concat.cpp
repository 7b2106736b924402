// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graph/edit.h"
#include "graph/node_access.h"
#include "graph/plan/plan.h"

namespace systole::graph {
namespace {

Node moving_node(const Plan& plan, const std::string& name, ValueId from, ValueId to) {
  const auto &a = plan.graph.at(from).quant, &b = plan.graph.at(to).quant;
  const bool same = (!a && !b) || (a && b && *a == *b);
  Node node;
  node.name = name;
  node.type = same ? "Copy" : "Cast";
  node.inputs = {from};
  node.outputs = {to};
  if (same)
    node.op = Copy{};
  else
    node.op = Cast{};
  return node;
}

// What every node that touches `id` directly says of its device now.
std::vector<int> places_around(const Plan& plan, const Uses& uses, ValueId id) {
  std::vector<int> places;
  const int producer = uses.producer[static_cast<size_t>(id)];
  std::vector<int> nodes = uses.consumers[static_cast<size_t>(id)];
  if (producer >= 0) nodes.push_back(producer);
  for (int n : nodes)
    if (plan.graph.nodes[static_cast<size_t>(n)].op)
      places.push_back(choose_place(plan, plan.graph.nodes[static_cast<size_t>(n)]).place);
  return places;
}

// Its maker may write into the concat's memory itself: an op, or a concat whose makers then do.
bool may_move(const Plan& plan, const Uses& uses, const Node& concat, size_t index) {
  const ValueId id = concat.inputs[index];
  const int producer = uses.producer[static_cast<size_t>(id)];
  const bool cache = plan.graph.at(id).resident && index == 0;
  if ((producer < 0 && !cache) || plan.graph.at(id).is_constant()) return false;
  if (plan.storage[static_cast<size_t>(id)].root != id) return false;
  if (std::count(concat.inputs.begin(), concat.inputs.end(), id) != 1) return false;
  const auto &mine = plan.graph.at(id).quant, &joint = plan.graph.at(concat.outputs[0]).quant;
  if ((mine != nullptr) != (joint != nullptr) || (mine && !(*mine == *joint))) return false;
  if (cache) return sole_consumer(uses, id) >= 0;
  const Node& node = plan.graph.nodes[static_cast<size_t>(producer)];
  return node.op.has_value() || node.type == "Concat";
}

Storage slice_of(const Plan& plan, ValueId whole, size_t axis, int64_t start) {
  Storage storage = plan.storage[static_cast<size_t>(whole)];
  storage.offset += start * storage.strides[axis];
  return storage;
}

// Where operand i of a Concat lies in what it joins: behind the one before it, or where `starts` says.
Storage place_in(const Plan& plan, const Node& concat, size_t i, int64_t start) {
  const ValueId whole = concat.outputs[0];
  const auto starts = ints_attr(concat, "starts");
  if (!starts) return slice_of(plan, whole, static_cast<size_t>(int_attr(concat, "axis", 1)), start);
  Storage storage = plan.storage[static_cast<size_t>(whole)];
  const size_t rank = storage.strides.size();
  for (size_t a = 0; a < rank; ++a) storage.offset += (*starts)[i * rank + a] * storage.strides[a];
  return storage;
}

void expand_concat(Plan& plan, const Uses& uses, size_t n, std::vector<Insertion>& moves) {
  const ValueId whole = plan.graph.nodes[n].outputs[0];
  const auto axis = static_cast<size_t>(int_attr(plan.graph.nodes[n], "axis", 1));
  const std::string name = plan.graph.nodes[n].name;
  int64_t start = 0;
  size_t written = 0;
  const size_t count = plan.graph.nodes[n].inputs.size();
  for (size_t i = 0; i < count; ++i) {
    const ValueId id = plan.graph.nodes[n].inputs[i];
    const Storage slice = place_in(plan, plan.graph.nodes[n], i, start);
    start += plan.graph.at(id).shape[axis];
    if (may_move(plan, uses, plan.graph.nodes[n], i)) {
      Storage& mine = plan.storage[static_cast<size_t>(id)];
      const Storage before = mine;
      const auto dense = places_around(plan, uses, id);
      mine = slice;
      if (places_around(plan, uses, id) == dense) {
        ++written;
        continue;
      }
      mine = before;
    }
    Value value = plan.graph.at(id);
    value.name = name + ".part" + std::to_string(i);
    value.data = nullptr;
    value.quant = plan.graph.at(whole).quant;
    const ValueId part = plan.add_slice(value, slice);
    moves.push_back({static_cast<int>(n), moving_node(plan, "copy(" + value.name + ")", id, part)});
    plan.graph.nodes[n].inputs[i] = part;
  }
  note(&plan.report, "concat: " + name + ": " + std::to_string(written) + " of " + std::to_string(count) +
                         " operands written in place, " + std::to_string(count - written) + " copied");
}

void expand_pad(Plan& plan, size_t n, std::vector<Insertion>& moves) {
  const ValueId whole = plan.graph.nodes[n].outputs[0], source = plan.graph.nodes[n].inputs[0];
  const auto pads = ints_attr(plan.graph.nodes[n], "pads").value_or(std::vector<int64_t>{});
  const std::string name = plan.graph.nodes[n].name;
  const Fill fill{float_attr(plan.graph.nodes[n], "value", 0.0f)};
  Value value = plan.graph.at(whole);
  value.name = name + ".filled";
  const ValueId filled = plan.add_slice(value, plan.storage[static_cast<size_t>(whole)]);
  Storage inside = plan.storage[static_cast<size_t>(whole)];
  for (size_t a = 0; a < inside.strides.size(); ++a) inside.offset += pads[a] * inside.strides[a];
  value = plan.graph.at(source);
  value.name = name + ".inside";
  value.data = nullptr;
  value.quant = plan.graph.at(whole).quant;
  const ValueId part = plan.add_slice(value, inside);
  Node fill_node;
  fill_node.name = "fill(" + name + ")";
  fill_node.type = "Fill";
  fill_node.outputs = {filled};
  fill_node.op = fill;
  moves.push_back({static_cast<int>(n), std::move(fill_node)});
  moves.push_back({static_cast<int>(n), moving_node(plan, "copy(" + name + ")", source, part)});
  plan.graph.nodes[n].inputs = {filled, part};
}

}  // namespace

Status expand_concats(Plan& plan) {
  std::vector<Insertion> moves;
  const Uses uses = uses_of(plan.graph);  // an expansion changes the uses of new values only
  // The last first: a concat inside another takes its final place before its own operands look at it.
  for (size_t n = plan.graph.nodes.size(); n-- > 0;) {
    if (plan.graph.nodes[n].op) continue;
    std::vector<Insertion> mine;
    if (plan.graph.nodes[n].type == "Concat") expand_concat(plan, uses, n, mine);
    if (plan.graph.nodes[n].type == "Pad") expand_pad(plan, n, mine);
    moves.insert(moves.end(), std::make_move_iterator(mine.begin()), std::make_move_iterator(mine.end()));
  }
  insert_nodes(plan.graph, std::move(moves));
  return {};
}

}  // namespace systole::graph
