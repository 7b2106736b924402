// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/pattern.h"

#include "graph/passes/passes.h"

namespace systole::graph {

Node op_node(const std::string& type, const std::string& name, Op op, std::vector<ValueId> inputs, ValueId output) {
  Node node;
  node.name = name;
  node.type = type;
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  node.outputs = {output};
  return node;
}

Node reshape_node(const std::string& name, ValueId from, ValueId to) {
  Node node;
  node.name = name;
  node.type = "Reshape";
  node.inputs = {from};
  node.outputs = {to};
  return node;
}

Pattern::Pattern(Graph& graph, PassReport& report, std::string pass)
    : graph_(graph), report_(report), pass_(std::move(pass)), uses_(uses_of(graph)) {}

int Pattern::producer_index(ValueId id) const {
  const auto slot = static_cast<size_t>(id);
  return id == kAbsent || slot >= uses_.producer.size() ? -1 : uses_.producer[slot];
}

const Node* Pattern::producer(ValueId id) const {
  const int index = producer_index(id);
  return index < 0 ? nullptr : &graph_.nodes[static_cast<size_t>(index)];
}

const Node* Pattern::binary(ValueId id, BinaryKind kind) const {
  const Node* node = producer(id);
  const auto* op = node && node->op ? std::get_if<Binary>(&*node->op) : nullptr;
  return op && op->kind == kind && op->activation == Activation::kNone ? node : nullptr;
}

const Node* Pattern::unary(ValueId id, UnaryKind kind) const {
  const Node* node = producer(id);
  const auto* op = node && node->op ? std::get_if<Unary>(&*node->op) : nullptr;
  return op && op->kind == kind ? node : nullptr;
}

std::optional<double> Pattern::scalar(ValueId id) const {
  if (id == kAbsent) return {};
  const Value& value = graph_.at(id);
  if (!value.is_constant() || element_count(value.shape) != 1) return {};
  if (value.dtype == DType::kF64) {
    auto bytes = value.data->map(0, 8, MapAccess::kRead);
    if (!bytes.ok()) return {};
    const double number = *reinterpret_cast<const double*>(bytes->data());
    value.data->unmap();
    return number;
  }
  if (value.dtype != DType::kF32) return {};
  const auto numbers = constant_floats(value);
  if (!numbers.ok()) return {};
  return (*numbers)[0];
}

std::optional<double> Pattern::scalar_side(const Node& node, ValueId& other) const {
  for (size_t i = 0; i < 2; ++i) {
    const auto number = scalar(node.inputs[1 - i]);
    if (!number || graph_.at(node.inputs[i]).shape != graph_.at(node.outputs[0]).shape) continue;
    other = node.inputs[i];
    return number;
  }
  return {};
}

bool Pattern::same(ValueId a, ValueId b) const {
  if (a == b) return true;
  if (a == kAbsent || b == kAbsent) return false;
  const Node *left = producer(a), *right = producer(b);
  if (!left || !right || !left->op || !right->op || left->op->index() != right->op->index()) return false;
  bool equal = false;
  if (const auto* binary = std::get_if<Binary>(&*left->op)) {
    const auto& other = std::get<Binary>(*right->op);
    equal =
        binary->kind == other.kind && binary->activation == Activation::kNone && other.activation == Activation::kNone;
  } else if (const auto* reduce = std::get_if<Reduce>(&*left->op)) {
    const auto& other = std::get<Reduce>(*right->op);
    equal = reduce->kind == other.kind && reduce->axes == other.axes;
  } else if (const auto* unary = std::get_if<Unary>(&*left->op)) {
    const auto& other = std::get<Unary>(*right->op);
    equal = unary->kind == other.kind && unary->alpha == other.alpha && unary->beta == other.beta;
  }
  if (!equal || left->inputs.size() != right->inputs.size()) return false;
  for (size_t i = 0; i < left->inputs.size(); ++i)
    if (!same(left->inputs[i], right->inputs[i])) return false;
  return true;
}

ValueId Pattern::value_like(ValueId like, const std::string& suffix, Shape shape) {
  Value value = graph_.at(like);
  value.name += suffix;
  value.shape = std::move(shape);
  value.data = nullptr;
  return graph_.add_value(std::move(value));
}

void Pattern::sweep(Node& into) {
  std::vector<bool> needed(graph_.values.size(), false);
  for (ValueId id : graph_.outputs) needed[static_cast<size_t>(id)] = true;
  std::vector<Node*> unread;
  for (size_t n = graph_.nodes.size(); n-- > 0;) {
    Node& node = graph_.nodes[n];
    if (node.outputs.empty()) continue;
    bool live = false;
    for (ValueId id : node.outputs) live = live || (id != kAbsent && needed[static_cast<size_t>(id)]);
    if (!live) {
      unread.push_back(&node);
      continue;
    }
    for (ValueId id : node.inputs)
      if (id != kAbsent) needed[static_cast<size_t>(id)] = true;
  }
  for (size_t i = unread.size(); i-- > 0;) {
    absorb(into, *unread[i]);
    unread[i]->inputs.clear();
    unread[i]->outputs.clear();
    unread[i]->op.reset();
  }
}

void Pattern::replace(size_t root, std::vector<Node> nodes, std::string what) {
  Node old = graph_.nodes[root];
  Node& last = nodes.back();
  last.name = old.name;
  last.outputs = old.outputs;
  last.fused = old.fused;
  graph_.nodes[root] = std::move(last);
  nodes.pop_back();
  std::vector<Insertion> added;
  for (Node& node : nodes) added.push_back({static_cast<int>(root), std::move(node)});
  const size_t moved = root + added.size();
  insert_nodes(graph_, std::move(added));
  Node& kept = graph_.nodes[moved];
  const size_t before = kept.fused.size();
  sweep(kept);
  std::vector<std::string> names{kept.name};
  names.insert(names.end(), kept.fused.begin() + static_cast<std::ptrdiff_t>(before), kept.fused.end());
  if (what.empty()) what = kept.op ? op_name(*kept.op) : kept.type;
  note(&report_, pass_ + ": " + what + " " + joined(names));
  uses_ = uses_of(graph_);
}

void Pattern::finish() {
  std::vector<bool> dead;
  for (const Node& node : graph_.nodes) dead.push_back(node.outputs.empty());
  erase_nodes(graph_, dead);
}

}  // namespace systole::graph
