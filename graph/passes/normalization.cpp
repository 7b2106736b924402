// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graph/passes/passes.h"
#include "graph/passes/pattern.h"

namespace systole::graph {
namespace {

// mean over the last axes of `of`.
struct Mean {
  ValueId of = kAbsent;
  int axes = 0;
};

std::optional<Mean> mean_of(const Pattern& pattern, const Graph& graph, ValueId id) {
  const Node* node = pattern.producer(id);
  const auto* op = node && node->op ? std::get_if<Reduce>(&*node->op) : nullptr;
  if (!op || op->kind != ReduceKind::kMean) return {};
  const int rank = static_cast<int>(graph.at(node->inputs[0]).shape.size()), count = static_cast<int>(op->axes.size());
  for (int i = 0; i < count; ++i)
    if (op->axes[static_cast<size_t>(i)] != rank - count + i) return {};
  return Mean{node->inputs[0], count};
}

// The square root of what is returned, or its reciprocal, is `id`.
ValueId under_root(const Pattern& pattern, ValueId id) {
  if (const Node* root = pattern.unary(id, UnaryKind::kSqrt)) return root->inputs[0];
  const Node* power = pattern.binary(id, BinaryKind::kPow);
  return power && pattern.scalar(power->inputs[1]) == 0.5 ? power->inputs[0] : kAbsent;
}

ValueId under_inverse_root(const Pattern& pattern, ValueId id) {
  if (const Node* inverse = pattern.unary(id, UnaryKind::kReciprocal)) return under_root(pattern, inverse->inputs[0]);
  if (const Node* quotient = pattern.binary(id, BinaryKind::kDiv))
    return pattern.scalar(quotient->inputs[0]) == 1.0 ? under_root(pattern, quotient->inputs[1]) : kAbsent;
  const Node* power = pattern.binary(id, BinaryKind::kPow);
  return power && pattern.scalar(power->inputs[1]) == -0.5 ? power->inputs[0] : kAbsent;
}

struct Match {
  ValueId x = kAbsent;
  Normalize op;
};

// `numerator` over the root of `safe`, which is mean(d * d) + epsilon.
std::optional<Match> match_quotient(const Pattern& pattern, const Graph& graph, ValueId numerator, ValueId safe) {
  Match match;
  const Node* sum = safe == kAbsent ? nullptr : pattern.binary(safe, BinaryKind::kAdd);
  ValueId variance = kAbsent;
  const auto epsilon = sum ? pattern.scalar_side(*sum, variance) : std::nullopt;
  if (!epsilon || *epsilon < 0) return {};
  const auto mean_square = mean_of(pattern, graph, variance);
  const Node* square = mean_square ? pattern.binary(mean_square->of, BinaryKind::kMul) : nullptr;
  if (!square || !pattern.same(square->inputs[0], square->inputs[1])) return {};
  const ValueId deviation = square->inputs[0];
  if (!pattern.same(numerator, deviation)) return {};
  match.op.axes = mean_square->axes;
  match.op.epsilon = static_cast<float>(*epsilon);
  match.op.kind = NormKind::kRms;
  match.x = numerator;
  const Node* centred = pattern.binary(numerator, BinaryKind::kSub);
  const auto mean = centred ? mean_of(pattern, graph, centred->inputs[1]) : std::nullopt;
  if (mean && mean->of == centred->inputs[0] && mean->axes == match.op.axes) {
    match.op.kind = NormKind::kLayer;
    match.x = centred->inputs[0];
  }
  return match;
}

std::optional<Match> match_core(const Pattern& pattern, const Graph& graph, const Node& node) {
  const auto* op = node.op ? std::get_if<Binary>(&*node.op) : nullptr;
  if (!op || op->activation != Activation::kNone || !is_float(graph.at(node.outputs[0]).dtype)) return {};
  if (op->kind == BinaryKind::kDiv)
    return match_quotient(pattern, graph, node.inputs[0], under_root(pattern, node.inputs[1]));
  if (op->kind != BinaryKind::kMul) return {};
  for (size_t i = 0; i < 2; ++i)
    if (auto match = match_quotient(pattern, graph, node.inputs[i], under_inverse_root(pattern, node.inputs[1 - i])))
      return match;
  return {};
}

// The worst place that the parts have, which stand between x and `root`.
int rank_of_parts(const Pattern& pattern, const Target& target, const Graph& graph, ValueId x, const Node& root) {
  int worst = rank_of(target, graph, root);
  for (ValueId id : root.inputs) {
    const Node* node = id == x ? nullptr : pattern.producer(id);
    if (node && node->op) worst = std::max(worst, rank_of_parts(pattern, target, graph, x, *node));
  }
  return worst;
}

bool fuse_core(Pattern& pattern, const Target& target, size_t n) {
  Graph& graph = pattern.graph();
  const Node& root = graph.nodes[n];
  const auto match = match_core(pattern, graph, root);
  if (!match || graph.at(match->x).shape != graph.at(root.outputs[0]).shape) return false;
  Node made = op_node(match->op.kind == NormKind::kLayer ? "LayerNormalization" : "RMSNormalization", root.name,
                      match->op, {match->x}, root.outputs[0]);
  if (rank_of(target, graph, made) > rank_of_parts(pattern, target, graph, match->x, root)) return false;
  pattern.replace(n, {std::move(made)});
  return true;
}

// `id` as an operand of shape `last`; kAbsent where it has other numbers.
ValueId as_parameter(Graph& graph, ValueId id, const Shape& last) {
  const Value value = graph.at(id);
  if (!is_float(value.dtype)) return kAbsent;
  if (value.shape == last) return id;
  Shape trimmed = value.shape;
  while (trimmed.size() > last.size() && trimmed.front() == 1) trimmed.erase(trimmed.begin());
  if (!value.is_constant() || trimmed != last) return kAbsent;
  Value flat = value;
  flat.shape = last;
  return graph.add_value(std::move(flat));
}

// A product, then a sum, with numbers of the normalized axes' shape.
bool fuse_parameter(Pattern& pattern, const Target& target, size_t n) {
  Graph& graph = pattern.graph();
  const auto* norm = graph.nodes[n].op ? std::get_if<Normalize>(&*graph.nodes[n].op) : nullptr;
  if (!norm || norm->bias) return false;
  const ValueId y = graph.nodes[n].outputs[0];
  const int next = sole_consumer(pattern.uses(), y);
  if (next < 0) return false;
  const Node& after = graph.nodes[static_cast<size_t>(next)];
  const bool scales = pattern.binary(after.outputs[0], BinaryKind::kMul) != nullptr && !norm->scale;
  const bool shifts = pattern.binary(after.outputs[0], BinaryKind::kAdd) != nullptr;
  if (!scales && !shifts) return false;
  const ValueId other = after.inputs[after.inputs[0] == y ? 1 : 0];
  const Shape shape = graph.at(y).shape;
  if (other == y || graph.at(after.outputs[0]).shape != shape) return false;
  const ValueId parameter = as_parameter(graph, other, Shape(shape.end() - norm->axes, shape.end()));
  if (parameter == kAbsent) return false;
  Node made = graph.nodes[n];
  auto& op = std::get<Normalize>(*made.op);
  (scales ? op.scale : op.bias) = true;
  made.inputs.push_back(parameter);
  made.outputs = graph.nodes[static_cast<size_t>(next)].outputs;
  if (rank_of(target, graph, made) > rank_of(target, graph, graph.nodes[n])) return false;
  pattern.replace(static_cast<size_t>(next), {std::move(made)});
  return true;
}

// Groups of an image's channels that were flattened into rows get their channels and pixels back as axes, which have
// strides whatever the image's order.
bool unflatten_groups(Pattern& pattern, const Target& target, size_t n) {
  Graph& graph = pattern.graph();
  const auto* norm = graph.nodes[n].op ? std::get_if<Normalize>(&*graph.nodes[n].op) : nullptr;
  if (!norm || norm->axes != 1 || norm->scale || norm->bias) return false;
  const Node* before = pattern.producer(graph.nodes[n].inputs[0]);
  const int next = sole_consumer(pattern.uses(), graph.nodes[n].outputs[0]);
  if (!before || before->op || before->type != "Reshape" || next < 0) return false;
  const Node& after = graph.nodes[static_cast<size_t>(next)];
  const Shape image = graph.at(before->inputs[0]).shape, rows = graph.at(graph.nodes[n].inputs[0]).shape;
  if (after.op || after.type != "Reshape" || graph.at(after.outputs[0]).shape != image) return false;
  if (image.size() != 4 || rows.size() != 3 || rows[0] != image[0] || rows[1] < 1 || image[1] % rows[1] != 0)
    return false;
  const Shape groups{rows[0], rows[1], image[1] / rows[1], image[2] * image[3]};
  const ValueId source = before->inputs[0];
  const ValueId seen = pattern.value_like(source, ".groups", groups);
  const ValueId normal = pattern.value_like(graph.nodes[n].outputs[0], ".groups", groups);
  std::vector<Node> nodes{reshape_node(graph.nodes[n].name + "/groups", source, seen), graph.nodes[n],
                          graph.nodes[static_cast<size_t>(next)]};
  nodes[1].inputs = {seen};
  nodes[1].outputs = {normal};
  nodes[2].inputs = {normal};
  std::get<Normalize>(*nodes[1].op).axes = 2;
  if (rank_of(target, graph, nodes[1]) > rank_of(target, graph, graph.nodes[n])) return false;
  nodes[1].name += "/normalize";
  pattern.replace(static_cast<size_t>(next), std::move(nodes));
  return true;
}

}  // namespace

Status fuse_normalizations(Graph& graph, const Target& target, PassReport& report) {
  Pattern pattern(graph, report, "fuse_normalizations");
  for (size_t n = 0; n < graph.nodes.size(); ++n) fuse_core(pattern, target, n);
  // A normalization moves to where its scale was, so that its bias is found there.
  for (size_t n = 0; n < graph.nodes.size(); ++n) fuse_parameter(pattern, target, n);
  for (size_t n = 0; n < graph.nodes.size(); ++n) unflatten_groups(pattern, target, n);
  pattern.finish();
  return {};
}

}  // namespace systole::graph
