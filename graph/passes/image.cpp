// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/image.h"

namespace systole::graph {
namespace {

// The node works on images whatever their order, so its operands share one.
bool keeps_order(const Node& node) {
  if (!node.op) return node.type == "Concat" || node.type == "Pad";
  return (std::holds_alternative<Copy>(*node.op) && node.type != "Transpose") ||
         std::holds_alternative<Cast>(*node.op) || std::holds_alternative<Unary>(*node.op) ||
         std::holds_alternative<Binary>(*node.op);
}

bool wants_images(const Node& node) {
  return node.op && (std::holds_alternative<Conv2d>(*node.op) || std::holds_alternative<Pool>(*node.op));
}

}  // namespace

std::vector<bool> image_values(const Graph& graph) {
  std::vector<bool> image(graph.values.size(), false);
  const auto mark = [&](ValueId id) {
    if (id == kAbsent || image[static_cast<size_t>(id)]) return false;
    const Value& value = graph.at(id);
    if (value.is_constant() || value.shape.size() != 4) return false;
    image[static_cast<size_t>(id)] = true;
    return true;
  };
  for (const Node& node : graph.nodes) {
    if (!wants_images(node)) continue;
    for (ValueId id : node.inputs) mark(id);
    for (ValueId id : node.outputs) mark(id);
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (const Node& node : graph.nodes) {
      if (!keeps_order(node)) continue;
      bool any = false;
      for (ValueId id : node.inputs) any = any || (id != kAbsent && image[static_cast<size_t>(id)]);
      for (ValueId id : node.outputs) any = any || image[static_cast<size_t>(id)];
      if (!any) continue;
      for (ValueId id : node.inputs) changed = mark(id) || changed;
      for (ValueId id : node.outputs) changed = mark(id) || changed;
    }
  }
  return image;
}

TensorDesc dense_desc(const Value& value, bool image) {
  return image ? channels_last(value.dtype, value.shape, value.quant)
               : row_major(value.dtype, value.shape, value.quant);
}

bool same_order(const Shape& shape, const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  for (size_t i = 0; i < shape.size(); ++i)
    if (shape[i] != 1 && a[i] != b[i]) return false;
  return true;
}

}  // namespace systole::graph
