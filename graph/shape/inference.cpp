// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/shape/inference.h"

#include "graph/constants.h"
#include "graph/shape/rules.h"

namespace systole::graph {
namespace {

const ShapeRules& all_rules() {
  static const ShapeRules rules = [] {
    ShapeRules made;
    add_elementwise_rules(made);
    add_window_rules(made);
    add_movement_rules(made);
    return made;
  }();
  return rules;
}

}  // namespace

Status Infer::set(size_t i, DType dtype, Shape shape) const {
  if (i >= node.outputs.size() || node.outputs[i] == kAbsent) return {};
  Value& value = graph.at(node.outputs[i]);
  SYSTOLE_RETURN_IF_ERROR(
      checked_elements(shape, node.type + " '" + node.name + "': output '" + value.name + "'").status());
  value.dtype = dtype;
  value.shape = std::move(shape);
  value.shape_known = true;
  return {};
}

Status infer_shapes(Graph& graph, const Node& node) {
  auto rule = all_rules().find(node.type);
  if (rule == all_rules().end()) {
    return node_error(node, Code::kUnsupported,
                      "operator " + node.type + " (opset " + std::to_string(graph.opset) + ") is not supported");
  }
  SYSTOLE_RETURN_IF_ERROR(check_inputs(node, rule->second.least, rule->second.most));
  for (ValueId id : node.inputs) {
    if (id != kAbsent && !graph.at(id).shape_known) {
      return node_error(node, Code::kInvalidArgument, "input '" + graph.at(id).name + "' has no shape");
    }
  }
  return rule->second.infer(Infer{graph, node});
}

Result<Shape> broadcast_shapes(const Node& node, const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()));
  for (size_t i = 0; i < result.size(); ++i) {
    int64_t x = i < result.size() - a.size() ? 1 : a[i - (result.size() - a.size())];
    int64_t y = i < result.size() - b.size() ? 1 : b[i - (result.size() - b.size())];
    if (x != y && x != 1 && y != 1) {
      return node_error(node, Code::kInvalidArgument,
                        "shapes " + to_string(a) + " and " + to_string(b) + " do not broadcast");
    }
    result[i] = x == 1 ? y : x;
  }
  return result;
}

}  // namespace systole::graph
