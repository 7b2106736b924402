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

Result<Precision> parse_precision(const std::string& name) {
  if (name == "native") return Precision::kNative;
  if (name == "model") return Precision::kKeep;
  if (name == "bf16") return Precision::kBf16;
  if (name == "f16") return Precision::kF16;
  return Status(Code::kInvalidArgument, "precision: expected native, model, bf16 or f16, got '" + name + "'");
}

std::optional<DType> narrow_type(Precision precision) {
  if (precision == Precision::kKeep) return std::nullopt;
  return precision == Precision::kF16 ? DType::kF16 : DType::kBF16;
}

OpDesc dense_description(const Graph& graph, const std::vector<bool>& image, const Node& node,
                         std::optional<DType> narrow) {
  OpDesc desc{*node.op, {}, {}, node.name};
  const auto operand = [&](ValueId id, bool keep) {
    Value value = graph.at(id);
    if (narrow && !keep && value.dtype == DType::kF32) value.dtype = *narrow;
    const bool known = static_cast<size_t>(id) < image.size();
    return dense_desc(value, known && image[static_cast<size_t>(id)]);
  };
  for (size_t i = 0; i < node.inputs.size(); ++i) desc.inputs.push_back(operand(node.inputs[i], keeps_f32(node, i)));
  for (ValueId id : node.outputs) desc.outputs.push_back(operand(id, false));
  return desc;
}

int rank_of(const Target& target, const Graph& graph, const std::vector<bool>& image, const Node& node) {
  const OpDesc as_is = dense_description(graph, image, node, std::nullopt);
  if (target.main->supports(as_is).yes) return kTakenByMain;
  const auto narrow = narrow_type(target.precision);
  if (narrow && target.main->supports(dense_description(graph, image, node, narrow)).yes) return kTakenByMain;
  return target.fallback && target.fallback->supports(as_is).yes ? kTakenByFallback : kTakenByNobody;
}

int rank_of(const Target& target, const Graph& graph, const Node& node) {
  return rank_of(target, graph, image_values(graph), node);
}

}  // namespace systole::graph
