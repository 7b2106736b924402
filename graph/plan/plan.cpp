// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/plan/plan.h"

#include <set>

#include "graph/edit.h"
#include "graph/node_access.h"

namespace systole::graph {

ValueId Plan::add_value(Value value, std::vector<int64_t> strides) {
  const ValueId id = graph.add_value(std::move(value));
  storage.push_back({id, 0, std::move(strides)});
  return id;
}

ValueId Plan::add_slice(Value value, Storage where) {
  const ValueId id = graph.add_value(std::move(value));
  storage.push_back(std::move(where));
  return id;
}

std::string Plan::place_name(int index) const {
  if (index == kHost || !devices[index]) return "host";
  const std::string& uri = devices[index]->info().uri;
  return uri.substr(0, uri.find_first_of(":?"));
}

bool is_alias(const Node& node) {
  static const std::set<std::string> types = {"Reshape", "Concat", "Pad", "Transpose", "Slice", "Expand"};
  return !node.op && types.contains(node.type);
}

TensorDesc desc_of(const Plan& plan, ValueId id) {
  const Value& value = plan.graph.at(id);
  return {value.dtype, value.shape, plan.storage[static_cast<size_t>(id)].strides, value.quant};
}

namespace {

void transpose_view(const Node& node, TensorDesc& desc) {
  const TensorDesc source = desc;
  const auto perm = ints_attr(node, "perm").value_or(std::vector<int64_t>{});
  for (size_t i = 0; i < perm.size(); ++i) {
    desc.shape[i] = source.shape[static_cast<size_t>(perm[i])];
    desc.strides[i] = source.strides[static_cast<size_t>(perm[i])];
  }
}

void slice_view(const Node& node, const Shape& target, Operand& operand) {
  const auto starts = ints_attr(node, "starts").value_or(std::vector<int64_t>{}),
             steps = ints_attr(node, "steps").value_or(std::vector<int64_t>{});
  for (size_t i = 0; i < starts.size(); ++i) {
    operand.offset += starts[i] * operand.desc.strides[i];
    operand.desc.strides[i] *= i < steps.size() ? steps[i] : 1;
  }
  operand.desc.shape = target;
}

void broadcast_view(const Shape& target, TensorDesc& desc) {
  const size_t shift = target.size() - desc.shape.size();
  std::vector<int64_t> strides(target.size(), 0);
  for (size_t i = 0; i < desc.shape.size(); ++i)
    if (desc.shape[i] != 1 || target[i + shift] == 1) strides[i + shift] = desc.strides[i];
  desc.shape = target;
  desc.strides = strides;
}

}  // namespace

Operand input_operand(const Plan& plan, const Node& node, size_t index) {
  const ValueId id = node.inputs[index];
  const Storage& storage = plan.storage[static_cast<size_t>(id)];
  Operand operand{storage.root, storage.offset, desc_of(plan, id)};
  if (!node.op || !std::holds_alternative<Copy>(*node.op)) return operand;
  const Shape& target = plan.graph.at(node.outputs[0]).shape;
  if (node.type == "Transpose") transpose_view(node, operand.desc);
  if (node.type == "Slice") slice_view(node, target, operand);
  if (node.type == "Expand") broadcast_view(target, operand.desc);
  return operand;
}

Operand output_operand(const Plan& plan, const Node& node, size_t index) {
  const ValueId id = node.outputs[index];
  const Storage& storage = plan.storage[static_cast<size_t>(id)];
  return {storage.root, storage.offset, desc_of(plan, id)};
}

OpDesc describe(const Plan& plan, const Node& node) {
  OpDesc desc{*node.op, {}, {}, node.name};
  for (size_t i = 0; i < node.inputs.size(); ++i) desc.inputs.push_back(input_operand(plan, node, i).desc);
  for (size_t i = 0; i < node.outputs.size(); ++i) desc.outputs.push_back(output_operand(plan, node, i).desc);
  return desc;
}

}  // namespace systole::graph
