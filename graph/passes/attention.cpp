// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The fused op works on the leading axes that the masks see.
#include <algorithm>

#include "graph/passes/attention_match.h"
#include "graph/passes/passes.h"

namespace systole::graph {
namespace {

// Makes the nodes of one fused attention.
class Maker {
 public:
  Maker(Pattern& pattern, const AttentionMatch& match)
      : graph_(pattern.graph()),
        pattern_(pattern),
        match_(match),
        first_(graph_.nodes[match.first]),
        second_(graph_.nodes[match.second]) {}

  // Empty where the operands have no place in the fused op.
  std::vector<Node> make() {
    double scale = match_.scale;
    const ValueId q = peel(first_.inputs[0], scale), k = peel(first_.inputs[1], scale), v = second_.inputs[1];
    const Shape lead = lead_of(graph_.at(first_.outputs[0]).shape), result = graph_.at(second_.outputs[0]).shape;
    if (lead_of(graph_.at(q).shape) != lead || element_count(lead) != element_count(match_.wide) ||
        element_count(lead_of(result)) != element_count(match_.wide))
      return {};
    const ValueId keys = std::get<Matmul>(*first_.op).transpose_b ? k : transposed(k);
    Attention op;
    op.scale = static_cast<float>(scale);
    op.causal = match_.causal;
    std::vector<ValueId> inputs;
    for (ValueId id : {q, keys, v}) {
      const ValueId wide = widened(id);
      if (wide == kAbsent) return {};
      inputs.push_back(wide);
    }
    if (!match_.masks.empty()) {
      const ValueId mask = joint_mask();
      if (mask == kAbsent) return {};
      op.mask = true;
      inputs.push_back(mask);
    }
    Shape shape = match_.wide;
    shape.insert(shape.end(), result.end() - 2, result.end());
    const ValueId y = shape == result ? second_.outputs[0] : pattern_.value_like(second_.outputs[0], ".wide", shape);
    nodes_.push_back(op_node("Attention", second_.name + (shape == result ? "" : "/wide"), op, inputs, y));
    if (shape != result) nodes_.push_back(reshape_node(second_.name, y, second_.outputs[0]));
    return std::move(nodes_);
  }

 private:
  // Without the products with constants that stand ahead of it.
  ValueId peel(ValueId id, double& scale) {
    while (true) {
      const Node* product = pattern_.binary(id, BinaryKind::kMul);
      const Node* quotient = pattern_.binary(id, BinaryKind::kDiv);
      const Node* node = product ? product : quotient;
      ValueId other = kAbsent;
      const auto number = node ? pattern_.scalar_side(*node, other) : std::nullopt;
      if (!number || (quotient && other != node->inputs[0])) return id;
      scale *= product ? *number : 1.0 / *number;
      id = other;
    }
  }

  std::string name(const std::string& suffix) const { return second_.name + "/" + suffix; }

  ValueId transposed(ValueId id) {
    Shape shape = graph_.at(id).shape;
    std::vector<int64_t> perm(shape.size());
    for (size_t i = 0; i < perm.size(); ++i) perm[i] = static_cast<int64_t>(i);
    std::swap(shape.end()[-1], shape.end()[-2]);
    std::swap(perm.end()[-1], perm.end()[-2]);
    const ValueId made = pattern_.value_like(id, ".keys", shape);
    nodes_.push_back(op_node("Transpose", name("keys"), Copy{}, {id}, made));
    nodes_.back().attributes["perm"] = perm;
    return made;
  }

  ValueId reshaped(ValueId id, const Shape& shape, const std::string& suffix) {
    if (graph_.at(id).shape == shape) return id;
    const ValueId made = pattern_.value_like(id, "." + suffix, shape);
    if (graph_.at(id).is_constant()) {
      graph_.at(made).data = graph_.at(id).data;
      return made;
    }
    nodes_.push_back(reshape_node(name(suffix + std::to_string(nodes_.size())), id, made));
    return made;
  }

  // With the fused op's leading axes; as it is where those of the product are the same.
  ValueId widened(ValueId id) {
    const Shape& shape = graph_.at(id).shape;
    if (lead_of(graph_.at(first_.outputs[0]).shape) == match_.wide &&
        lead_of(graph_.at(second_.outputs[0]).shape) == match_.wide)
      return id;
    if (element_count(lead_of(shape)) != element_count(match_.wide)) return kAbsent;
    Shape wide = match_.wide;
    wide.insert(wide.end(), shape.end() - 2, shape.end());
    return reshaped(id, wide, "wide");
  }

  // A mask of scores with leading axes `lead`, seen with the fused op's.
  ValueId fitted(ValueId id, const Shape& lead) {
    Shape shape = graph_.at(id).shape;
    while (shape.size() < 2) shape.insert(shape.begin(), 1);
    if (lead != match_.wide) {
      Shape full = shape;
      while (full.size() < lead.size() + 2) full.insert(full.begin(), 1);
      Shape wide;
      size_t at = 0;
      for (size_t axis = 0; axis < lead.size(); ++axis) {  // each axis of `lead` is a run of axes of `wide`
        int64_t run = 1;
        do {
          if (at == match_.wide.size()) return kAbsent;
          wide.push_back(full[axis] == 1 ? 1 : match_.wide[at]);
          run *= match_.wide[at++];
        } while (run < lead[axis]);
        if (run != lead[axis]) return kAbsent;
      }
      for (; at < match_.wide.size(); ++at) {
        if (match_.wide[at] != 1) return kAbsent;
        wide.push_back(1);
      }
      wide.insert(wide.end(), full.end() - 2, full.end());
      shape = wide;
    }
    return reshaped(id, shape, "mask");
  }

  // fill where the condition hides, zero elsewhere.
  ValueId as_sum(const AttentionMask& mask) {
    if (mask.condition == kAbsent) return mask.value;
    const ValueId like = mask.value;
    auto zero = make_float_constant(name("zero"), {}, {0.0f});
    if (!zero.ok() || graph_.at(like).dtype != DType::kF32) return kAbsent;
    const ValueId none = graph_.add_value(std::move(*zero));
    const ValueId made = pattern_.value_like(like, ".where", graph_.at(mask.condition).shape);
    graph_.at(made).name = name("where");
    const ValueId fill = reshaped(mask.value, {}, "fill");
    nodes_.push_back(op_node("Where", name("where" + std::to_string(nodes_.size())), Select{},
                             {mask.condition, mask.seen ? none : fill, mask.seen ? fill : none}, made));
    return made;
  }

  ValueId joint_mask() {
    ValueId sum = kAbsent;
    for (const AttentionMask& mask : match_.masks) {
      const ValueId number = as_sum(mask);
      const ValueId one = number == kAbsent ? kAbsent : fitted(number, mask.lead);
      if (one == kAbsent) return kAbsent;
      if (sum == kAbsent) {
        sum = one;
        continue;
      }
      const Shape a = graph_.at(sum).shape, b = graph_.at(one).shape;
      Shape shape(std::max(a.size(), b.size()), 1);
      for (const Shape* side : {&a, &b})
        for (size_t i = 0; i < side->size(); ++i) {
          int64_t& extent = shape[shape.size() - side->size() + i];
          extent = std::max(extent, (*side)[i]);
        }
      const ValueId made = pattern_.value_like(sum, ".sum", shape);
      nodes_.push_back(
          op_node("Add", name("mask_sum" + std::to_string(nodes_.size())), Binary{BinaryKind::kAdd}, {sum, one}, made));
      sum = made;
    }
    return sum;
  }

  Graph& graph_;
  Pattern& pattern_;
  const AttentionMatch& match_;
  const Node first_, second_;
  std::vector<Node> nodes_;
};

void fuse_one(Pattern& pattern, const Target& target, size_t n) {
  Graph& graph = pattern.graph();
  const auto match = match_attention(pattern, graph.nodes[n]);
  if (!match) return;
  std::vector<Node> nodes = Maker(pattern, *match).make();
  if (nodes.empty()) return;
  const Node& fused = nodes.back().op ? nodes.back() : nodes[nodes.size() - 2];
  const int products =
      std::min(rank_of(target, graph, graph.nodes[match->first]), rank_of(target, graph, graph.nodes[match->second]));
  if (rank_of(target, graph, fused) > products) return;
  pattern.replace(match->second, std::move(nodes));
}

}  // namespace

Status fuse_attention(Graph& graph, const Target& target, PassReport& report) {
  Pattern pattern(graph, report, "fuse_attention");
  for (size_t n = 0; n < graph.nodes.size(); ++n) fuse_one(pattern, target, n);
  pattern.finish();
  return {};
}

}  // namespace systole::graph
