// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graph/constants.h"
#include "graph/passes/passes.h"
#include "graph/passes/pattern.h"

namespace systole::graph {
namespace {

// The parts of one Normalize, as hal/op.h states them.
class Parts {
 public:
  Parts(Graph& graph, const Node& node)
      : graph_(graph), node_(node), op_(std::get<Normalize>(*node.op)), shape_(graph.at(node.inputs[0]).shape) {}

  Result<std::vector<Node>> make() {
    std::vector<int> axes;
    Shape row = shape_;
    for (int i = 0; i < op_.axes; ++i) {
      const int axis = static_cast<int>(shape_.size()) - op_.axes + i;
      axes.push_back(axis);
      row[static_cast<size_t>(axis)] = 1;
    }
    SYSTOLE_ASSIGN_OR_RETURN(
        Value epsilon, real_constant(node_.name + "/epsilon", graph_.at(node_.inputs[0]).dtype, {}, {op_.epsilon}));
    const ValueId small = graph_.add_value(std::move(epsilon));
    ValueId x = node_.inputs[0];
    if (op_.kind == NormKind::kLayer) {
      const ValueId mean = add("mean", Reduce{ReduceKind::kMean, axes}, {x}, row);
      x = add("centre", Binary{BinaryKind::kSub}, {x, mean}, shape_);
    }
    const ValueId squares = add("square", Binary{BinaryKind::kMul}, {x, x}, shape_);
    const ValueId variance = add("variance", Reduce{ReduceKind::kMean, axes}, {squares}, row);
    const ValueId safe = add("add_epsilon", Binary{BinaryKind::kAdd}, {variance, small}, row);
    const ValueId deviation = add("deviation", Unary{UnaryKind::kSqrt}, {safe}, row);
    x = add("normalize", Binary{BinaryKind::kDiv}, {x, deviation}, shape_);
    if (op_.scale) x = add("scale", Binary{BinaryKind::kMul}, {x, node_.inputs[1]}, shape_);
    if (op_.bias) add("shift", Binary{BinaryKind::kAdd}, {x, node_.inputs.back()}, shape_);
    Node& last = nodes_.back();
    last.outputs = node_.outputs;
    last.name = node_.name;
    last.fused = node_.fused;
    return std::move(nodes_);
  }

 private:
  ValueId add(const std::string& suffix, Op op, std::vector<ValueId> inputs, const Shape& shape) {
    Value value = graph_.at(node_.outputs[0]);
    value.name = node_.name + "/" + suffix;
    value.shape = shape;
    const ValueId id = graph_.add_value(std::move(value));
    nodes_.push_back(op_node(node_.type, node_.name + "/" + suffix, std::move(op), std::move(inputs), id));
    return id;
  }

  Graph& graph_;
  const Node node_;
  const Normalize op_;
  const Shape shape_;
  std::vector<Node> nodes_;
};

bool same_types(const Graph& graph, const Node& node) {
  for (ValueId id : node.inputs)
    if (graph.at(id).dtype != graph.at(node.outputs[0]).dtype) return false;
  return true;
}

}  // namespace

Status decompose(Graph& graph, const Target& target, PassReport& report) {
  std::vector<Node> nodes;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node node = graph.nodes[n];
    if (!node.op || !std::holds_alternative<Normalize>(*node.op) || !same_types(graph, node) ||
        rank_of(target, graph, node) == kTakenByMain) {
      nodes.push_back(node);
      continue;
    }
    SYSTOLE_ASSIGN_OR_RETURN(std::vector<Node> parts, Parts(graph, node).make());
    int worst = kTakenByMain;
    for (const Node& part : parts) worst = std::max(worst, rank_of(target, graph, part));
    if (worst >= rank_of(target, graph, node)) {
      nodes.push_back(node);
      continue;
    }
    note(&report, "decompose: " + node.name + " into " + std::to_string(parts.size()) + " ops");
    std::move(parts.begin(), parts.end(), std::back_inserter(nodes));
  }
  graph.nodes = std::move(nodes);
  return {};
}

}  // namespace systole::graph
