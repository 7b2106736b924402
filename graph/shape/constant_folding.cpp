// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/shape/constant_folding.h"

#include <algorithm>

#include "graph/constants.h"
#include "graph/host_ops/host_op.h"
#include "graph/node_access.h"
#include "graph/shape/inference.h"

namespace systole::graph {
namespace {

bool is_identity(const Graph& graph, const Node& node) {
  if (node.type == "Identity") return true;
  if (node.type != "Dropout") return false;
  ValueId training = input_of(node, 2);
  return training == kAbsent ||
         (graph.at(training).is_constant() && constant_ints(graph.at(training)) == std::vector<int64_t>{0});
}

bool is_view(const Node& node) {
  return node.type == "Reshape" || node.type == "Flatten" || node.type == "Squeeze" || node.type == "Unsqueeze";
}

bool can_fold(const Graph& graph, const Node& node, bool dequantize) {
  if (node.outputs.empty() || !find_host_op(node.type)) return false;
  if (node.type == "DequantizeLinear" && !dequantize) return false;
  if (node.type == "Shape" || node.type == "Size") return true;
  for (ValueId id : node.inputs) {
    if (id != kAbsent && !graph.at(id).is_constant()) return false;
  }
  return true;
}

Status evaluate(Graph& graph, const Node& node) {
  std::vector<HostInput> inputs;
  std::vector<HostOutput> outputs;
  std::vector<Value> wide;  // 4-bit operands of a DequantizeLinear
  wide.reserve(node.inputs.size());
  for (ValueId id : node.inputs) {
    HostInput input;
    if (id != kAbsent) {
      const Value* given = &graph.at(id);
      if (bit_width(given->dtype) < 8 && node.type == "DequantizeLinear") {
        SYSTOLE_ASSIGN_OR_RETURN(Value widened, widened_constant(*given));
        wide.push_back(std::move(widened));
        given = &wide.back();
      }
      const Value& value = *given;
      input = {value.dtype, value.shape, value.is_constant() ? constant_bytes(value).data() : nullptr};
      static const std::byte nothing{};
      if (value.is_constant() && !input.data) input.data = &nothing;  // an empty constant is given all the same
    }
    inputs.push_back(std::move(input));
  }
  std::vector<Value> made(node.outputs.size());
  for (size_t i = 0; i < made.size(); ++i) {
    HostOutput output;
    if (node.outputs[i] != kAbsent) {
      const Value& value = graph.at(node.outputs[i]);
      SYSTOLE_ASSIGN_OR_RETURN(made[i], make_constant(value.name, value.dtype, value.shape));
      output = {value.dtype, value.shape, mutable_bytes(made[i]).data()};
    }
    outputs.push_back(std::move(output));
  }
  SYSTOLE_RETURN_IF_ERROR(run_host_op(node, inputs, outputs));
  for (size_t i = 0; i < made.size(); ++i) {
    if (node.outputs[i] == kAbsent) continue;
    made[i].data->freeze();
    graph.at(node.outputs[i]) = std::move(made[i]);
  }
  return {};
}

// The output's value shares the input's buffer; other rows of 4-bit elements begin on other bytes.
Status alias(Graph& graph, const Node& node) {
  const Value& source = graph.at(node.inputs[0]);
  Value& target = graph.at(node.outputs[0]);
  target.data = source.data;
  if (bit_width(source.dtype) < 8 && source.shape != target.shape) {
    SYSTOLE_ASSIGN_OR_RETURN(Value packed,
                             real_constant(target.name, source.dtype, target.shape, constant_reals(source)));
    target.data = packed.data;
  }
  target.quant = source.quant;
  return {};
}

}  // namespace

Status infer_and_fold(Graph& graph, PassReport* report, bool dequantize) {
  std::vector<Node> kept;
  size_t folded = 0, aliased = 0;
  for (auto& node : graph.nodes) {
    if (!dequantize) SYSTOLE_RETURN_IF_ERROR(infer_shapes(graph, node));
    bool from_constant = !node.inputs.empty() && node.inputs[0] != kAbsent && graph.at(node.inputs[0]).is_constant();
    bool one_output =
        std::count_if(node.outputs.begin(), node.outputs.end(), [](ValueId id) { return id != kAbsent; }) == 1;
    if (from_constant && one_output && node.outputs[0] != kAbsent && (is_identity(graph, node) || is_view(node))) {
      SYSTOLE_RETURN_IF_ERROR(alias(graph, node));
      ++aliased;
    } else if (can_fold(graph, node, dequantize) && (node.type != "Dropout" || is_identity(graph, node))) {
      SYSTOLE_RETURN_IF_ERROR(evaluate(graph, node));
      ++folded;
    } else {
      kept.push_back(std::move(node));
    }
  }
  graph.nodes = std::move(kept);
  if (folded > 0) note(report, "folded " + std::to_string(folded) + " nodes of constants");
  if (aliased > 0) note(report, "aliased " + std::to_string(aliased) + " identities and views of constants");
  return {};
}

}  // namespace systole::graph
