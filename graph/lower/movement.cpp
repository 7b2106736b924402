// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Data movement: what lowering.h's table calls Reshape, Transpose, Slice, Expand, Concat, Pad.
#include <algorithm>

#include "graph/lower/rules.h"
#include "graph/shape/slicing.h"

namespace systole::graph {
namespace {

Status reshape(Lowering& l) {
  l.emit_reshape("", l.node.inputs[0], l.node.outputs[0]);
  return {};
}

Status transpose(Lowering& l) {
  SYSTOLE_ASSIGN_OR_RETURN(auto perm, transpose_perm(l.node, l.in(0).shape.size()));
  Node& made = l.emit("", "Transpose", {l.node.inputs[0]}, l.node.outputs[0]);
  made.op = Copy{};
  made.attributes["perm"] = perm;
  return {};
}

Status emit_slice(Lowering& l, const std::string& suffix, const Slicing& slicing, ValueId output) {
  if (std::any_of(slicing.steps.begin(), slicing.steps.end(), [](int64_t step) { return step < 1; })) {
    return l.unsupported("a negative step on data");
  }
  if (slicing.output == l.in(0).shape && suffix.empty()) {
    l.pass_through();
    return {};
  }
  Node& made = l.emit(suffix, "Slice", {l.node.inputs[0]}, output);
  made.op = Copy{};
  made.attributes["starts"] = slicing.starts;
  made.attributes["steps"] = slicing.steps;
  return {};
}

Status slice(Lowering& l) {
  SYSTOLE_ASSIGN_OR_RETURN(Slicing slicing, resolve_slice(l.graph, l.node));
  return emit_slice(l, "", slicing, l.node.outputs[0]);
}

Status split(Lowering& l) {
  SYSTOLE_ASSIGN_OR_RETURN(auto parts, resolve_split(l.graph, l.node));
  for (size_t i = 0; i < parts.size(); ++i) {
    if (l.node.outputs[i] != kAbsent)
      SYSTOLE_RETURN_IF_ERROR(emit_slice(l, "part" + std::to_string(i), parts[i], l.node.outputs[i]));
  }
  return {};
}

Status expand(Lowering& l) {
  if (l.in(0).shape == l.result().shape) {
    l.pass_through();
    return {};
  }
  l.emit("", "Expand", {l.node.inputs[0]}, l.node.outputs[0]).op = Copy{};
  return {};
}

// Empty operands take no part.
Status concat(Lowering& l) {
  SYSTOLE_ASSIGN_OR_RETURN(int axis,
                           normal_axis(l.node, int_attr(l.node, "axis", 0), static_cast<int>(l.result().shape.size())));
  std::vector<ValueId> inputs;
  for (ValueId id : l.node.inputs) {
    if (element_count(l.graph.at(id).shape) > 0) inputs.push_back(id);
  }
  if (inputs.size() == 1 && l.node.inputs.size() == 1) {
    l.pass_through();
    return {};
  }
  l.emit("", "Concat", std::move(inputs), l.node.outputs[0]).attributes["axis"] = static_cast<int64_t>(axis);
  return {};
}

// Crops (negative pads) are a Slice ahead of the Pad.
Status pad(Lowering& l) {
  std::string mode = string_attr(l.node, "mode", "constant");
  if (mode != "constant") return l.unsupported("mode '" + mode + "'");
  SYSTOLE_ASSIGN_OR_RETURN(auto pads, ints_argument(l.graph, l.node, "pads", 1));
  SYSTOLE_ASSIGN_OR_RETURN(auto value, real_argument(l.graph, l.node, "value", 2));
  ValueId x = l.node.inputs[0];
  const Shape shape = l.in(0).shape;
  size_t rank = shape.size();
  if (std::any_of(pads->begin(), pads->end(), [](int64_t p) { return p < 0; })) {
    Slicing crop{std::vector<int64_t>(rank, 0), std::vector<int64_t>(rank, 1), shape};
    for (size_t i = 0; i < rank; ++i) {
      crop.starts[i] = std::max<int64_t>(0, -(*pads)[i]);
      crop.output[i] -= crop.starts[i] + std::max<int64_t>(0, -(*pads)[i + rank]);
      (*pads)[i] = std::max<int64_t>(0, (*pads)[i]);
      (*pads)[i + rank] = std::max<int64_t>(0, (*pads)[i + rank]);
    }
    x = l.temporary("cropped", l.in(0).dtype, crop.output);
    SYSTOLE_RETURN_IF_ERROR(emit_slice(l, "crop", crop, x));
  }
  if (std::all_of(pads->begin(), pads->end(), [](int64_t p) { return p == 0; })) {
    if (x == l.node.inputs[0])
      l.pass_through();
    else
      l.emit_reshape("", x, l.node.outputs[0]);
    return {};
  }
  Node& made = l.emit("", "Pad", {x}, l.node.outputs[0]);
  made.attributes["pads"] = *pads;
  made.attributes["value"] = value ? static_cast<float>(*value) : 0.0f;
  return {};
}

// The table row `Gather`: the host looks up; a single constant index is a Slice.
Status gather(Lowering& l) {
  SYSTOLE_ASSIGN_OR_RETURN(int axis,
                           normal_axis(l.node, int_attr(l.node, "axis", 0), static_cast<int>(l.in(0).shape.size())));
  const Value indices = l.in(1);
  if (!indices.is_constant() || element_count(indices.shape) != 1) {
    Node& made = l.emit("", "Gather", l.node.inputs, l.node.outputs[0]);
    made.attributes["axis"] = static_cast<int64_t>(axis);
    return {};
  }
  const Shape x = l.in(0).shape;
  size_t a = static_cast<size_t>(axis);
  int64_t index = constant_ints(indices)[0];
  if (index < -x[a] || index >= x[a]) {
    return node_error(l.node, Code::kOutOfRange,
                      "index " + std::to_string(index) + " on an axis of " + std::to_string(x[a]));
  }
  Slicing slicing{std::vector<int64_t>(x.size(), 0), std::vector<int64_t>(x.size(), 1), x};
  slicing.starts[a] = index < 0 ? index + x[a] : index;
  slicing.output[a] = 1;
  ValueId cut = l.temporary("cut", l.in(0).dtype, slicing.output);
  l.graph.at(cut).quant = l.in(0).quant;
  SYSTOLE_RETURN_IF_ERROR(emit_slice(l, "slice", slicing, cut));
  l.emit_reshape("", cut, l.node.outputs[0]);
  return {};
}

}  // namespace

void add_movement_lowering(LowerRules& rules) {
  for (const char* type : {"Reshape", "Flatten", "Squeeze", "Unsqueeze"}) rules[type] = reshape;
  rules["Transpose"] = transpose;
  rules["Slice"] = slice;
  rules["Split"] = split;
  rules["Expand"] = expand;
  rules["Concat"] = concat;
  rules["Pad"] = pad;
  rules["Gather"] = gather;
}

}  // namespace systole::graph
