// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/target.h"

#include "graph/passes/image.h"

namespace systole::graph {

bool keeps_f32(const Node& node, size_t operand) {
  if (!node.op) return false;
  if (const auto* conv = std::get_if<Conv2d>(&*node.op)) return operand == 2 && conv->epilogue.bias;
  if (const auto* matmul = std::get_if<Matmul>(&*node.op)) return operand == 2 && matmul->epilogue.bias;
  if (std::holds_alternative<Normalize>(*node.op)) return operand > 0;
  return std::holds_alternative<Attention>(*node.op) && operand == 3;
}

OpDesc dense_description(const Graph& graph, const std::vector<bool>& image, const Node& node, bool bf16) {
  OpDesc desc{*node.op, {}, {}, node.name};
  const auto operand = [&](ValueId id, bool keep) {
    Value value = graph.at(id);
    if (bf16 && !keep && value.dtype == DType::kF32) value.dtype = DType::kBF16;
    const bool known = static_cast<size_t>(id) < image.size();
    return dense_desc(value, known && image[static_cast<size_t>(id)]);
  };
  for (size_t i = 0; i < node.inputs.size(); ++i) desc.inputs.push_back(operand(node.inputs[i], keeps_f32(node, i)));
  for (ValueId id : node.outputs) desc.outputs.push_back(operand(id, false));
  return desc;
}

int rank_of(const Target& target, const Graph& graph, const std::vector<bool>& image, const Node& node) {
  const OpDesc as_is = dense_description(graph, image, node, false);
  if (target.main->supports(as_is).yes) return kTakenByMain;
  if (target.precision == Precision::kNative && target.main->supports(dense_description(graph, image, node, true)).yes)
    return kTakenByMain;
  return target.fallback && target.fallback->supports(as_is).yes ? kTakenByFallback : kTakenByNobody;
}

int rank_of(const Target& target, const Graph& graph, const Node& node) {
  return rank_of(target, graph, image_values(graph), node);
}

}  // namespace systole::graph
