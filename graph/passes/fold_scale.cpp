// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/passes.h"

namespace systole::graph {
namespace {

Epilogue* epilogue_of(Node& node) {
  if (!node.op) return nullptr;
  if (auto* conv = std::get_if<Conv2d>(&*node.op)) return &conv->epilogue;
  if (auto* matmul = std::get_if<Matmul>(&*node.op)) return &matmul->epilogue;
  return nullptr;
}

// Scale and shift of one binary node by output channel; empty when it is something else.
struct Affine {
  std::vector<float> scale, shift;
};
Affine affine_of(const Graph& graph, const Node& node, ValueId variable, int axis) {
  const auto* binary = node.op ? std::get_if<Binary>(&*node.op) : nullptr;
  if (!binary || binary->activation != Activation::kNone) return {};
  const Shape& shape = graph.at(node.outputs[0]).shape;
  if (shape != graph.at(variable).shape) return {};
  const bool left = node.inputs[0] == variable;
  const ValueId other = node.inputs[left ? 1 : 0];
  if (other == variable) return {};
  const auto numbers = per_channel_floats(graph.at(other), shape, axis);
  if (numbers.empty()) return {};
  const std::vector<float> ones(numbers.size(), 1.0f), zeros(numbers.size(), 0.0f);
  if (binary->kind == BinaryKind::kMul) return {numbers, zeros};
  if (binary->kind == BinaryKind::kAdd) return {ones, numbers};
  if (binary->kind == BinaryKind::kSub && left) {
    Affine affine{ones, numbers};
    for (float& value : affine.shift) value = -value;
    return affine;
  }
  return {};
}

bool is_identity_scale(const std::vector<float>& scale) {
  for (float value : scale)
    if (value != 1.0f) return false;
  return true;
}

// A copy of the weights with output channel c multiplied by scale[c].
Result<ValueId> scaled_weights(Graph& graph, const Node& node, const std::vector<float>& scale) {
  const Value& old = graph.at(node.inputs[1]);
  if (old.withheld) {
    SYSTOLE_ASSIGN_OR_RETURN(Value value, make_withheld_constant(old.name + ".folded", old.dtype, old.shape));
    return graph.add_value(std::move(value));
  }
  SYSTOLE_ASSIGN_OR_RETURN(std::vector<float> weights, constant_floats(old));
  const size_t channels = scale.size();
  if (std::holds_alternative<Conv2d>(*node.op)) {
    const size_t each = weights.size() / channels;
    for (size_t c = 0; c < channels; ++c)
      for (size_t i = 0; i < each; ++i) weights[c * each + i] *= scale[c];
  } else {
    const bool transposed = std::get<Matmul>(*node.op).transpose_b;
    const size_t depth = weights.size() / channels;
    for (size_t c = 0; c < channels; ++c)
      for (size_t k = 0; k < depth; ++k) weights[transposed ? c * depth + k : k * channels + c] *= scale[c];
  }
  SYSTOLE_ASSIGN_OR_RETURN(Value value, make_float_constant(old.name + ".folded", old.shape, weights));
  return graph.add_value(std::move(value));
}

Result<ValueId> folded_bias(Graph& graph, const Node& node, const Epilogue& epilogue, const Affine& affine) {
  std::vector<float> bias(affine.scale.size(), 0.0f);
  std::string name = node.name + ".bias";
  if (epilogue.bias) {
    name = graph.at(node.inputs[2]).name;
    SYSTOLE_ASSIGN_OR_RETURN(bias, constant_floats(graph.at(node.inputs[2])));
  }
  for (size_t c = 0; c < bias.size(); ++c) bias[c] = bias[c] * affine.scale[c] + affine.shift[c];
  const auto channels = static_cast<int64_t>(bias.size());
  SYSTOLE_ASSIGN_OR_RETURN(Value value, make_float_constant(name + ".folded", {channels}, bias));
  return graph.add_value(std::move(value));
}

bool foldable(const Graph& graph, const Node& node, const Epilogue& epilogue) {
  if (epilogue.residual || epilogue.activation != Activation::kNone) return false;
  const Value& weights = graph.at(node.inputs[1]);
  if (graph.at(node.outputs[0]).dtype != DType::kF32 || weights.dtype != DType::kF32 || !weights.is_constant())
    return false;
  if (std::holds_alternative<Matmul>(*node.op) && weights.shape.size() != 2) return false;
  return !epilogue.bias || graph.at(node.inputs[2]).is_constant();
}

// Folds the node after `n` into it if it can; returns that node's index or -1.
Result<int> fold_next(Graph& graph, size_t n) {
  Node& node = graph.nodes[n];
  Epilogue* epilogue = epilogue_of(node);
  if (!epilogue || !foldable(graph, node, *epilogue)) return -1;
  const ValueId output = node.outputs[0];
  const int next = sole_consumer(uses_of(graph), output);
  if (next < 0) return -1;
  const int axis = std::holds_alternative<Conv2d>(*node.op) ? 1 : static_cast<int>(graph.at(output).shape.size()) - 1;
  const Affine affine = affine_of(graph, graph.nodes[static_cast<size_t>(next)], output, axis);
  if (affine.scale.empty()) return -1;
  if (!is_identity_scale(affine.scale)) {
    SYSTOLE_ASSIGN_OR_RETURN(node.inputs[1], scaled_weights(graph, node, affine.scale));
  }
  SYSTOLE_ASSIGN_OR_RETURN(const ValueId bias, folded_bias(graph, node, *epilogue, affine));
  node.inputs.resize(2);
  node.inputs.push_back(bias);
  epilogue->bias = true;
  return next;
}

}  // namespace

Status fold_scales(Graph& graph, PassReport& report) {
  std::vector<bool> dead(graph.nodes.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (dead[n]) continue;
    while (true) {
      SYSTOLE_ASSIGN_OR_RETURN(const int next, fold_next(graph, n));
      if (next < 0) break;
      Node& taken = graph.nodes[static_cast<size_t>(next)];
      absorb(graph.nodes[n], taken);
      note(&report, "fold_scales: " + graph.nodes[n].name + " + " + taken.name);
      graph.nodes[n].outputs = taken.outputs;
      taken.inputs.clear();
      taken.outputs.clear();
      taken.op.reset();
      dead[static_cast<size_t>(next)] = true;
    }
  }
  erase_nodes(graph, dead);
  return {};
}

}  // namespace systole::graph
