// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/attention_match.h"

#include <algorithm>

#include "graph/passes/attention_mask.h"

namespace systole::graph {
namespace {

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

  std::optional<AttentionMatch> find() {
    const auto* op = softmax_.op ? std::get_if<Softmax>(&*softmax_.op) : nullptr;
    if (!op || op->log) return {};
    const Shape& shape = graph().at(softmax_.outputs[0]).shape;
    const int rank = static_cast<int>(shape.size());
    if (rank < 2 || (op->axis != -1 && op->axis != rank - 1) || !is_float(graph().at(softmax_.outputs[0]).dtype))
      return {};
    if (!find_second() || !find_first(softmax_.inputs[0])) return {};
    if (match_.wide.empty()) match_.wide = split_lead();
    return match_;
  }

 private:
  Graph& graph() { return pattern_.graph(); }

  // Heads that were taken into the batch ahead of the product are an axis of their own again.
  Shape split_lead() {
    ValueId id = graph().nodes[match_.first].inputs[0];
    for (ValueId other = kAbsent; pattern_.binary(id, BinaryKind::kMul) || pattern_.binary(id, BinaryKind::kDiv);
         id = other)
      if (!pattern_.scalar_side(*pattern_.producer(id), other)) break;
    const Node* node = pattern_.producer(id);
    const Shape& shape = graph().at(id).shape;
    if (!node || node->op || node->type != "Reshape") return lead_of(shape);
    const Shape& source = graph().at(node->inputs[0]).shape;
    if (!keeps_matrices(source, shape)) return lead_of(shape);
    const auto axes = [](const Shape& of) {
      return std::count_if(of.begin(), of.end() - 2, [](int64_t extent) { return extent != 1; });
    };
    return axes(source) > axes(shape) ? lead_of(source) : lead_of(shape);
  }

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

  void add_mask(AttentionMask mask) {
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
  AttentionMatch match_;
};

}  // namespace

std::optional<AttentionMatch> match_attention(Pattern& pattern, const Node& softmax) {
  return Finder(pattern, softmax).find();
}

}  // namespace systole::graph
