// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/lower/lowering.h"

#include <algorithm>

#include "graph/host_ops/host_op.h"
#include "graph/lower/rules.h"
#include "graph/quant/quantized_operands.h"
#include "graph/topology.h"

namespace systole::graph {
namespace {

const LowerRules& all_rules() {
  static const LowerRules rules = [] {
    LowerRules made;
    add_elementwise_lowering(made);
    add_window_lowering(made);
    add_matmul_lowering(made);
    add_movement_lowering(made);
    add_resize_lowering(made);
    add_reduce_lowering(made);
    return made;
  }();
  return rules;
}

// Every HAL op agrees with its definition before anything plans on it.
Status check_ops(const Graph& graph) {
  for (const auto& node : graph.nodes) {
    if (!node.op || node.type == "Transpose" || node.type == "Slice" || node.type == "Expand") continue;
    OpDesc desc{*node.op, {}, {}, node.name};
    for (ValueId id : node.inputs)
      desc.inputs.push_back(row_major(graph.at(id).dtype, graph.at(id).shape, graph.at(id).quant));
    for (ValueId id : node.outputs)
      desc.outputs.push_back(row_major(graph.at(id).dtype, graph.at(id).shape, graph.at(id).quant));
    Status valid = validate(desc);
    if (!valid.ok()) return node_error(node, valid.code(), valid.message());
  }
  return {};
}

}  // namespace

ValueId Lowering::temporary(const std::string& suffix, DType dtype, Shape shape) {
  Value value;
  value.name = node.name + "/" + suffix;
  value.dtype = dtype;
  value.shape = std::move(shape);
  value.shape_known = true;
  return graph.add_value(std::move(value));
}

Result<ValueId> Lowering::constant(const std::string& suffix, DType dtype, Shape shape,
                                   const std::vector<double>& values) {
  SYSTOLE_ASSIGN_OR_RETURN(Value value, real_constant(node.name + "/" + suffix, dtype, std::move(shape), values));
  return graph.add_value(std::move(value));
}

Node& Lowering::emit(const std::string& suffix, const std::string& type, std::vector<ValueId> inputs, ValueId output) {
  Node made;
  made.name = suffix.empty() ? node.name : node.name + "/" + suffix;
  made.type = type;
  made.inputs = std::move(inputs);
  made.outputs = {output};
  if (suffix.empty()) made.fused = node.fused;
  out.push_back(std::move(made));
  return out.back();
}

Node& Lowering::emit_op(const std::string& suffix, Op op, std::vector<ValueId> inputs, ValueId output) {
  Node& made = emit(suffix, node.type, std::move(inputs), output);
  made.op = std::move(op);
  return made;
}

void Lowering::emit_reshape(const std::string& suffix, ValueId input, ValueId output) {
  emit(suffix, "Reshape", {input}, output);
}

void Lowering::pass_through() {
  ValueId from = node.inputs[0], to = node.outputs[0];
  bool requantized = !equal_quant(graph.at(from).quant, graph.at(to).quant);
  if (requantized || std::count(graph.outputs.begin(), graph.outputs.end(), to) > 0)
    emit_reshape("", from, to);
  else
    aliases[to] = from;
}

Result<ValueId> Lowering::float_bias(ValueId bias) {
  const Value value = graph.at(bias);
  if (value.dtype == DType::kF32 || !is_float(value.dtype)) return bias;
  if (value.is_constant()) return constant("bias", DType::kF32, value.shape, constant_reals(value));
  ValueId converted = temporary("bias", DType::kF32, value.shape);
  emit_op("cast_bias", Cast{}, {bias}, converted);
  return converted;
}

Status lower(Graph& graph, PassReport* report) {
  std::vector<Node> source = std::move(graph.nodes), out;
  graph.nodes.clear();
  std::map<ValueId, ValueId> aliases;
  for (auto& node : source) {
    for (auto& id : node.inputs) {
      if (auto found = aliases.find(id); found != aliases.end()) id = found->second;
    }
    if (node.op) {
      out.push_back(std::move(node));
      continue;
    }
    Lowering context{graph, node, out, aliases, report};
    if (auto rule = all_rules().find(node.type); rule != all_rules().end()) {
      SYSTOLE_RETURN_IF_ERROR(rule->second(context));
    } else if (runs_on_host(node.type)) {
      out.push_back(node);
    } else {
      return node_error(node, Code::kUnsupported, "no HAL op for it (opset " + std::to_string(graph.opset) + ")");
    }
  }
  graph.nodes = std::move(out);
  remove_unused_nodes(graph);
  return check_ops(graph);
}

}  // namespace systole::graph
