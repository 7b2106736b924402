// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/plan/soundness.h"

#include "graph/constants.h"
#include "graph/host_ops/host_op.h"
#include "graph/node_access.h"
#include "graph/shape/inference.h"
#include "graph/shape/slicing.h"

namespace systole::graph {
namespace {

constexpr int64_t kMostBytes = int64_t{1} << 48;
constexpr size_t kMostAxes = 16;

Status wrong(const std::string& what) { return Status(Code::kDataLoss, what); }

bool known(const Value& value) {
  for (int64_t extent : value.shape)
    if (extent < 0) return false;
  return value.shape_known || value.is_constant();
}

// Bytes from the first to the last element of strides over a shape; -1 where that is no sensible number.
int64_t span_of(const Value& value, const std::vector<int64_t>& strides) {
  const bool packed = bit_width(value.dtype) < 8 && !value.shape.empty();  // along the last axis
  int64_t span = packed ? bytes_for(value.dtype, value.shape.back()) : std::max(1, bit_width(value.dtype) / 8);
  for (size_t i = 0; i < strides.size(); ++i) {
    if (value.shape[i] == 0) return 0;
    if (strides[i] < 0 || strides[i] > kMostBytes) return -1;
    const int64_t steps = value.shape[i] - 1;
    if (steps > 0 && strides[i] > (kMostBytes - span) / steps) return -1;
    span += steps * strides[i];
  }
  return span;
}

// A Copy that reads through a view says which by its type and attributes.
Status check_view(const Plan& plan, const Node& node) {
  const Shape &from = plan.graph.at(node.inputs[0]).shape, &to = plan.graph.at(node.outputs[0]).shape;
  const auto bad = [&] { return wrong("node '" + node.name + "': a view that doesn't fit its source"); };
  if (node.type == "Transpose") {
    const auto perm = transpose_perm(node, from.size());
    return perm.ok() && ints_attr(node, "perm").value_or(std::vector<int64_t>{}).size() == from.size() ? Status()
                                                                                                       : bad();
  }
  if (node.type == "Expand") return to.size() >= from.size() ? Status() : bad();
  if (node.type != "Slice") return {};
  const auto starts = ints_attr(node, "starts").value_or(std::vector<int64_t>{}),
             steps = ints_attr(node, "steps").value_or(std::vector<int64_t>{});
  if (starts.size() > from.size() || to.size() != from.size()) return bad();
  for (size_t i = 0; i < starts.size(); ++i)
    if (starts[i] < 0 || starts[i] > from[i] || (i < steps.size() && (steps[i] < 0 || steps[i] > kMostBytes)))
      return bad();
  return {};
}

// Every operand as its node sees it lies in the bytes of its root.
Status check_operands(const Plan& plan, const Node& node) {
  const auto check = [&](const Operand& operand) -> Status {
    const Value& root = plan.graph.at(operand.root);
    const Storage& storage = plan.storage[static_cast<size_t>(operand.root)];
    Value seen{root.name, operand.desc.dtype, operand.desc.shape};
    const int64_t span = operand.desc.elements() == 0 ? 0 : span_of(seen, operand.desc.strides);
    const int64_t dense = dense_bytes(root.dtype, root.shape);
    const int64_t room = root.is_constant() ? dense : std::max(dense, span_of(root, storage.strides));
    if (span < 0 || operand.offset < 0 || operand.offset > room || span > room - operand.offset)
      return wrong("node '" + node.name + "': an operand leaves '" + root.name + "'");
    return {};
  };
  for (size_t i = 0; i < node.inputs.size(); ++i)
    if (node.inputs[i] != kAbsent) SYSTOLE_RETURN_IF_ERROR(check(input_operand(plan, node, i)));
  for (size_t i = 0; i < node.outputs.size(); ++i)
    if (node.outputs[i] != kAbsent) SYSTOLE_RETURN_IF_ERROR(check(output_operand(plan, node, i)));
  return {};
}

// The host computes in row-major order, and trusts shapes to be what its operators make of their inputs.
Status check_host_node(const Plan& plan, const Node& node) {
  if (node.type == "DeviceCopy") {
    const bool one = node.inputs.size() == 1 && node.outputs.size() == 1 && node.inputs[0] != kAbsent;
    if (!one || plan.graph.at(node.inputs[0]).shape != plan.graph.at(node.outputs[0]).shape ||
        plan.graph.at(node.inputs[0]).dtype != plan.graph.at(node.outputs[0]).dtype)
      return wrong("node '" + node.name + "': a copy between devices changes nothing but the place");
    return {};
  }
  if (!runs_on_host(node.type)) return wrong("node '" + node.name + "': the host has no " + node.type);
  for (const auto* ids : {&node.inputs, &node.outputs})
    for (ValueId id : *ids)
      if (id != kAbsent && !desc_of(plan, id).is_row_major())
        return wrong("node '" + node.name + "': a host operator's operand is not row-major");
  Graph inferred = plan.graph;
  SYSTOLE_RETURN_IF_ERROR(infer_shapes(inferred, node));
  for (ValueId id : node.outputs)
    if (id != kAbsent &&
        (inferred.at(id).shape != plan.graph.at(id).shape || inferred.at(id).dtype != plan.graph.at(id).dtype))
      return wrong("node '" + node.name + "': its outputs don't follow from its inputs");
  return {};
}

}  // namespace

Status check_shape(const Value& value) {
  if (value.shape.size() > kMostAxes) return wrong("value '" + value.name + "' has more than 16 axes");
  int64_t elements = 1;
  for (int64_t extent : value.shape) {
    if (extent < -1) return wrong("value '" + value.name + "': an extent of " + std::to_string(extent));
    if (extent > 0 && elements > kMostBytes / 8 / extent)
      return wrong("value '" + value.name + "': more elements than memory has");
    elements *= std::max<int64_t>(extent, extent == -1 ? 1 : 0);
    if (extent > kMostBytes / 8) return wrong("value '" + value.name + "': an extent of " + std::to_string(extent));
  }
  return {};
}

Status check_quantization(const Value& value, const Quantization& quant) {
  const bool fits = quant.axis == -1
                        ? quant.scale.size() == 1
                        : quant.axis >= 0 && quant.axis < static_cast<int>(value.shape.size()) &&
                              static_cast<int64_t>(quant.scale.size()) == value.shape[static_cast<size_t>(quant.axis)];
  if (!fits || quant.zero_point.size() != quant.scale.size())
    return wrong("value '" + value.name + "': scales and zero points that don't fit its shape");
  return {};
}

Status check_graph(const Graph& graph) {
  const auto count = static_cast<ValueId>(graph.values.size());
  std::vector<bool> made(graph.values.size());
  for (size_t v = 0; v < graph.values.size(); ++v) made[v] = graph.values[v].is_constant();
  const auto make = [&](ValueId id, const std::string& by) -> Status {
    if (id < 0 || id >= count) return wrong(by + " makes value " + std::to_string(id) + " of " + std::to_string(count));
    if (made[static_cast<size_t>(id)]) return wrong(by + " makes '" + graph.at(id).name + "', which is there already");
    made[static_cast<size_t>(id)] = true;
    return known(graph.at(id)) ? Status() : wrong("the shape of '" + graph.at(id).name + "' is not known");
  };
  const auto read = [&](ValueId id, const std::string& by) -> Status {
    if (id < 0 || id >= count) return wrong(by + " reads value " + std::to_string(id) + " of " + std::to_string(count));
    return made[static_cast<size_t>(id)] ? Status()
                                         : wrong(by + " reads '" + graph.at(id).name + "' before it is made");
  };
  for (ValueId id : graph.inputs) SYSTOLE_RETURN_IF_ERROR(make(id, "an input"));
  for (const Node& node : graph.nodes) {
    const std::string by = "node '" + node.name + "'";
    for (ValueId id : node.inputs) {
      if (id == kAbsent && !node.op) continue;
      SYSTOLE_RETURN_IF_ERROR(read(id, by));
    }
    if (node.outputs.empty()) return wrong(by + " makes nothing");
    for (ValueId id : node.outputs) {
      if (id == kAbsent && !node.op && node.outputs.size() > 1) continue;
      SYSTOLE_RETURN_IF_ERROR(make(id, by));
    }
  }
  for (ValueId id : graph.outputs) SYSTOLE_RETURN_IF_ERROR(read(id, "an output"));
  return {};
}

Status check_plan(const Plan& plan) {
  const Graph& graph = plan.graph;
  if (plan.storage.size() != graph.values.size() || plan.home.size() != graph.values.size() ||
      plan.place.size() != graph.nodes.size())
    return wrong("plan: expected a storage and a home for each of " + std::to_string(graph.values.size()) +
                 " values and a place for each of " + std::to_string(graph.nodes.size()) + " nodes");
  for (size_t v = 0; v < plan.storage.size(); ++v) {
    const Storage& storage = plan.storage[v];
    const Value& value = graph.values[v];
    const auto here = "storage of '" + value.name + "'";
    if (!known(value)) {
      if (storage.root == kAbsent) continue;
      return wrong(here + " of a shape that is not known");
    }
    if (storage.root < 0 || storage.root >= static_cast<ValueId>(graph.values.size()))
      return wrong(here + ": no such root");
    if (plan.home[v] < kHost || plan.home[v] > kFallback) return wrong(here + ": no such home");
    const Storage& root = plan.storage[static_cast<size_t>(storage.root)];
    if (root.root != storage.root || root.offset != 0) return wrong(here + ": its root is no root");
    if (storage.strides.size() != value.shape.size()) return wrong(here + ": as many strides as axes are expected");
    const int64_t span = element_count(value.shape) == 0 ? 0 : span_of(value, storage.strides);
    const Value& whole = graph.at(storage.root);
    const int64_t room = known(whole) && root.strides.size() == whole.shape.size() ? span_of(whole, root.strides) : -1;
    const int64_t dense = std::max<int64_t>(0, dense_bytes(whole.dtype, whole.shape));
    if (span < 0 || storage.offset < 0 || storage.offset > kMostBytes ||
        storage.offset + span > (whole.is_constant() ? dense : std::max(room, dense)))
      return wrong(here + ": it leaves its root");
  }
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    const int place = plan.place[n];
    if (place < kHost || place > kFallback || (node.op && place == kHost))
      return wrong("node '" + node.name + "': place " + std::to_string(place) + " can't run it");
    if (is_alias(node)) continue;
    if (node.op && std::holds_alternative<Copy>(*node.op)) {
      if (node.inputs.size() != 1 || node.outputs.size() != 1)
        return wrong("node '" + node.name + "': a copy of one tensor");
      SYSTOLE_RETURN_IF_ERROR(check_view(plan, node));
    }
    if (!node.op) SYSTOLE_RETURN_IF_ERROR(check_host_node(plan, node));
    SYSTOLE_RETURN_IF_ERROR(check_operands(plan, node));
  }
  return {};
}

}  // namespace systole::graph
