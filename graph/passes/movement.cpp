// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/constants.h"
#include "graph/host_ops/host_op.h"
#include "graph/node_access.h"
#include "graph/passes/passes.h"

namespace systole::graph {
namespace {

bool is_transpose(const Node& node) { return node.op && node.type == "Transpose"; }
bool is_reshape(const Node& node) { return !node.op && node.type == "Reshape"; }

bool moves_nothing(const Graph& graph, const Node& node) {
  const Value &from = graph.at(node.inputs[0]), &to = graph.at(node.outputs[0]);
  if (from.quant || to.quant) return false;
  if (is_reshape(node)) return from.shape == to.shape;
  const auto perm = ints_attr(node, "perm").value_or(std::vector<int64_t>{});
  int64_t last = -1;
  for (size_t i = 0; i < perm.size(); ++i) {  // axes of extent 1 may go anywhere
    if (from.shape[static_cast<size_t>(perm[i])] == 1) continue;
    if (perm[i] < last) return false;
    last = perm[i];
  }
  return true;
}

void merge(Graph& graph, const Uses& uses, Node& node, PassReport& report) {
  const int index = uses.producer[static_cast<size_t>(node.inputs[0])];
  if (index < 0) return;
  const Node& before = graph.nodes[static_cast<size_t>(index)];
  if (is_reshape(node) && is_reshape(before)) {
    const auto &from = graph.at(before.inputs[0]).quant, &to = graph.at(node.outputs[0]).quant;
    if (from || to) return;
  } else if (is_transpose(node) && is_transpose(before)) {
    const auto first = ints_attr(before, "perm").value_or(std::vector<int64_t>{});
    auto perm = ints_attr(node, "perm").value_or(std::vector<int64_t>{});
    for (int64_t& axis : perm) axis = first[static_cast<size_t>(axis)];
    node.attributes["perm"] = perm;
  } else {
    return;
  }
  note(&report, "merge_movement: " + node.name + " + " + before.name);
  node.fused.push_back(before.name);
  node.inputs[0] = before.inputs[0];
}

Status fold_transpose(Graph& graph, const Node& node) {
  const Value& source = graph.at(node.inputs[0]);
  const Value& target = graph.at(node.outputs[0]);
  SYSTOLE_ASSIGN_OR_RETURN(Value made, make_constant(target.name, target.dtype, target.shape));
  const HostInput input{source.dtype, source.shape, constant_bytes(source).data()};
  const HostOutput output{target.dtype, target.shape, mutable_bytes(made).data()};
  SYSTOLE_RETURN_IF_ERROR(run_host_op(node, {&input, 1}, {&output, 1}));
  made.data->freeze();
  graph.at(node.outputs[0]) = std::move(made);
  return {};
}

}  // namespace

Status merge_movement(Graph& graph, PassReport& report) {
  std::vector<bool> dead(graph.nodes.size(), false);
  const Uses uses = uses_of(graph);  // producers and outputs of what is still read don't change below
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    Node& node = graph.nodes[n];
    if (!is_transpose(node) && !is_reshape(node)) continue;
    merge(graph, uses, node, report);
    const ValueId from = node.inputs[0], to = node.outputs[0];
    const bool handed_out = uses.is_output[static_cast<size_t>(to)];
    const Value& source = graph.at(from);
    if (is_transpose(node) && source.is_constant() && !source.quant && !handed_out && bit_width(source.dtype) >= 8) {
      SYSTOLE_RETURN_IF_ERROR(fold_transpose(graph, node));
      note(&report, "merge_movement: " + node.name + " of a constant");
    } else if (moves_nothing(graph, node) && !handed_out && source.shape == graph.at(to).shape) {
      replace_reads(graph, to, from);
      note(&report, "merge_movement: " + node.name + " moves nothing");
    } else if (is_transpose(node) && moves_nothing(graph, node)) {
      node.op.reset();  // the same elements in the same order
      node.type = "Reshape";
      node.attributes.clear();
      continue;
    } else {
      continue;
    }
    node.inputs.clear();
    node.outputs.clear();
    node.op.reset();
    node.type = "Reshape";
    dead[n] = true;
  }
  erase_nodes(graph, dead);
  return remove_dead(graph, report);
}

}  // namespace systole::graph
