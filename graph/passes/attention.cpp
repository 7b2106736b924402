// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Between the two products of attention stand scales, masks and reshapes of the leading axes (windows, beams); the
// fused op works on the leading axes that the masks see.
#include <algorithm>

#include "graph/passes/attention_mask.h"
#include "graph/passes/passes.h"
#include "graph/passes/pattern.h"

namespace systole::graph {
namespace {

struct Mask {
  ValueId value = kAbsent;      // added; or, with `condition`, the fill
  ValueId condition = kAbsent;  // where it is `seen`, the score stays
  bool seen = true;
  Shape lead;  // of the scores it meets
};

struct Match {
  size_t first = 0, second = 0;  // the two matmuls
  double scale = 1;
  bool causal = false;
  std::vector<Mask> masks;
  Shape wide;  // leading axes of the fused op
};

Shape lead_of(const Shape& shape) { return Shape(shape.begin(), shape.end() - 2); }

bool is_plain_matmul(const Node& node) {
  const auto* op = node.op ? std::get_if<Matmul>(&*node.op) : nullptr;
  return op && !op->transpose_a && op->epilogue == Epilogue{};
}

// Only the axes ahead of the last two change.
bool keeps_matrices(const Shape& a, const Shape& b) {
  return a.size() >= 2 && b.size() >= 2 && std::equal(a.end() - 2, a.end(), b.end() - 2);
}

class Finder {
 public:
  Finder(Pattern& pattern, const Node& softmax) : pattern_(pattern), softmax_(softmax) {}

  std::optional<Match> find() {
    const auto* op = softmax_.op ? std::get_if<Softmax>(&*softmax_.op) : nullptr;
    if (!op || op->log) return {};
    const Shape& shape = graph().at(softmax_.outputs[0]).shape;
    const int rank = static_cast<int>(shape.size());
    if (rank < 2 || (op->axis != -1 && op->axis != rank - 1) || !is_float(graph().at(softmax_.outputs[0]).dtype))
      return {};
    if (!find_second() || !find_first(softmax_.inputs[0])) return {};
    if (match_.wide.empty()) match_.wide = lead_of(shape);
    return match_;
  }

 private:
  Graph& graph() { return pattern_.graph(); }
  int64_t queries() { return graph().at(softmax_.inputs[0]).shape.end()[-2]; }
  int64_t keys() { return graph().at(softmax_.inputs[0]).shape.back(); }

  bool find_second() {
    ValueId id = softmax_.outputs[0];
    int next = sole_consumer(pattern_.uses(), id);
    while (next >= 0 && graph().nodes[static_cast<size_t>(next)].type == "Reshape" &&
           !graph().nodes[static_cast<size_t>(next)].op) {
      const ValueId to = graph().nodes[static_cast<size_t>(next)].outputs[0];
      if (!keeps_matrices(graph().at(id).shape, graph().at(to).shape)) return false;
      id = to;
      next = sole_consumer(pattern_.uses(), id);
    }
    if (next < 0) return false;
    const Node& node = graph().nodes[static_cast<size_t>(next)];
    match_.second = static_cast<size_t>(next);
    return is_plain_matmul(node) && node.inputs[0] == id && node.inputs[1] != id && !transposes_b(node);
  }

  static bool transposes_b(const Node& node) { return std::get<Matmul>(*node.op).transpose_b; }

  // Backwards from the softmax to the product that makes the scores.
  bool find_first(ValueId id) {
    for (int steps = 0; steps < 10; ++steps) {
      const int index = pattern_.producer_index(id);
      if (index < 0 || sole_consumer(pattern_.uses(), id) < 0) return false;
      const Node& node = graph().nodes[static_cast<size_t>(index)];
      if (is_plain_matmul(node)) {
        match_.first = static_cast<size_t>(index);
        return true;
      }
      if (!step(node, id)) return false;
    }
    return false;
  }

  bool step(const Node& node, ValueId& id) {
    const Shape& shape = graph().at(id).shape;
    if (!node.op) {
      if (node.type != "Reshape" || !keeps_matrices(graph().at(node.inputs[0]).shape, shape)) return false;
      id = node.inputs[0];
      return true;
    }
    if (std::holds_alternative<Select>(*node.op)) return take_select(node, id);
    ValueId other = kAbsent;
    if (pattern_.binary(id, BinaryKind::kMul) || pattern_.binary(id, BinaryKind::kDiv)) {
      const auto number = pattern_.scalar_side(node, other);
      const bool product = pattern_.binary(id, BinaryKind::kMul) != nullptr;
      if (!number || (!product && other != node.inputs[0])) return false;
      match_.scale *= product ? *number : 1.0 / *number;
      id = other;
      return true;
    }
    if (pattern_.binary(id, BinaryKind::kMax)) {  // exporters keep masked scores finite this way
      const auto number = pattern_.scalar_side(node, other);
      if (!number || *number > kSwallows) return false;
      id = other;
      return true;
    }
    return pattern_.binary(id, BinaryKind::kAdd) && take_sum(node, id);
  }

  // The scores are the operand that comes from a product through steps like these; it has the sum's whole shape.
  bool take_sum(const Node& node, ValueId& id) {
    const Shape shape = graph().at(id).shape;
    if (match_.scale != 1) return false;  // the mask would be scaled, too
    for (size_t i = 0; i < 2; ++i) {
      const ValueId scores = node.inputs[i], mask = node.inputs[1 - i];
      if (graph().at(scores).shape != shape || !leads_to_product(scores, 8)) continue;
      if (graph().at(mask).is_constant()) {
        const MaskKind kind = kind_of_added(graph().at(mask), queries(), keys());
        if (kind == MaskKind::kCausal) match_.causal = true;
        if (kind == MaskKind::kOther) add_mask({mask, kAbsent, true, lead_of(shape)});
      } else {
        add_mask({mask, kAbsent, true, lead_of(shape)});
      }
      id = scores;
      return true;
    }
    return false;
  }

  bool take_select(const Node& node, ValueId& id) {
    const Shape shape = graph().at(id).shape;
    if (match_.scale != 1) return false;
    for (size_t i = 1; i < 3; ++i) {
      const ValueId scores = node.inputs[i], fill = node.inputs[3 - i], condition = node.inputs[0];
      const bool seen = i == 1;
      const auto number = pattern_.scalar(fill);
      if (!number || graph().at(scores).shape != shape) continue;
      const Value& known = graph().at(condition);
      const bool constant = known.is_constant() && *number <= kHidden && every_row_sees(known, seen, keys());
      if (!constant && *number > kSwallows) return false;
      const MaskKind kind = constant ? kind_of_condition(known, seen, queries(), keys()) : MaskKind::kOther;
      if (kind == MaskKind::kCausal) match_.causal = true;
      if (kind == MaskKind::kOther) add_mask({fill, condition, seen, lead_of(shape)});
      id = scores;
      return true;
    }
    return false;
  }

  void add_mask(Mask mask) {
    if (mask.lead.size() > match_.wide.size()) match_.wide = mask.lead;
    match_.masks.push_back(std::move(mask));
  }

  bool leads_to_product(ValueId id, int depth) {
    const Node* node = pattern_.producer(id);
    if (!node || depth == 0 || sole_consumer(pattern_.uses(), id) < 0) return false;
    if (is_plain_matmul(*node)) return true;
    for (ValueId input : node->inputs)
      if (input != kAbsent && leads_to_product(input, depth - 1)) return true;
    return false;
  }

  Pattern& pattern_;
  const Node& softmax_;
  Match match_;
};

// Makes the nodes of one fused attention.
class Maker {
 public:
  Maker(Pattern& pattern, const Match& match)
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
  ValueId as_sum(const Mask& mask) {
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
    for (const Mask& mask : match_.masks) {
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
  const Match& match_;
  const Node first_, second_;
  std::vector<Node> nodes_;
};

void fuse_one(Pattern& pattern, const Target& target, size_t n) {
  Graph& graph = pattern.graph();
  const auto match = Finder(pattern, graph.nodes[n]).find();
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
