// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// DequantizeLinear of a constant, then a float matrix product: the product reads the integers.
#include <algorithm>

#include "graph/node_access.h"
#include "graph/quant/qdq.h"

namespace systole::graph {
namespace {

// "" where a product whose columns lie along `axis` of w may read w as it is stored.
std::string refusal(const Graph& graph, const Node& node, const Value& w, int axis) {
  const DType x = graph.at(node.inputs[0]).dtype;
  if (w.dtype != DType::kI8 && w.dtype != DType::kI4) return std::string("weights of ") + dtype_name(w.dtype);
  if (x != DType::kF32 && x != DType::kF16 && x != DType::kBF16) return std::string("an operand of ") + dtype_name(x);
  if (w.shape.size() < 2) return "weights of rank " + std::to_string(w.shape.size());
  if (std::any_of(w.quant->zero_point.begin(), w.quant->zero_point.end(), [](int32_t zero) { return zero != 0; }))
    return "a zero point that is not 0";
  if (!w.quant->per_channel()) return "";
  if (w.quant->axis != axis) return "scales along axis " + std::to_string(w.quant->axis) + " instead of columns";
  const auto columns = static_cast<size_t>(w.shape[static_cast<size_t>(axis)]);
  return w.quant->scale.size() == columns ? "" : std::to_string(w.quant->scale.size()) + " scales";
}

}  // namespace

void fuse_integer_weights(Graph& graph, PassReport* report) {
  std::vector<int> producer(graph.values.size(), -1);
  for (size_t n = 0; n < graph.nodes.size(); ++n)
    for (ValueId id : graph.nodes[n].outputs)
      if (id != kAbsent) producer[static_cast<size_t>(id)] = static_cast<int>(n);
  for (Node& node : graph.nodes) {
    if ((node.type != "MatMul" && node.type != "Gemm") || node.inputs.size() < 2) continue;
    const int from = producer[static_cast<size_t>(node.inputs[1])];
    if (from < 0 || graph.nodes[static_cast<size_t>(from)].type != "DequantizeLinear") continue;
    const Node& dequantize = graph.nodes[static_cast<size_t>(from)];
    const Value& w = graph.at(dequantize.inputs[0]);
    if (!w.is_constant() || !w.quant) continue;
    const bool transposed = node.type == "Gemm" && int_attr(node, "transB", 0) != 0;
    const std::string why = refusal(graph, node, w, static_cast<int>(w.shape.size()) - (transposed ? 2 : 1));
    if (!why.empty()) {
      note(report, node.type + " '" + node.name + "' takes its weights dequantized: " + why);
      continue;
    }
    note(report, node.type + " '" + node.name + "' takes " + dtype_name(w.dtype) + " weights, without '" +
                     dequantize.name + "'");
    node.inputs[1] = dequantize.inputs[0];
    node.fused.push_back(dequantize.name);
  }
}

}  // namespace systole::graph
