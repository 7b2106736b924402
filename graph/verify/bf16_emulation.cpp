// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/verify/bf16_emulation.h"

#include <algorithm>
#include <cmath>

#include "graph/constants.h"
#include "graph/verify/emulation.h"

namespace systole::graph {
namespace {

using emulation::Array;
using emulation::Machine;

Status step_without_op(Machine& machine, const Node& node) {
  if (node.type == "Concat" || node.type == "Pad")
    emulation::join(machine, node);
  else if (node.type == "Transpose" || node.type == "Slice" || node.type == "Expand")
    emulation::copy(machine, node);
  else if (node.type == "Reshape" || node.type == "DeviceCopy")
    machine.out(node) = machine.in(node, 0);
  else if (node.type == "Gather")
    return emulation::gather(machine, node);
  else
    return node_error(node, Code::kUnsupported, "this host op is not emulated");
  return {};
}

// A float becomes an integer by rules of its own.
Status cast(Machine& machine, const Node& node) {
  if (is_float(machine.graph.at(node.inputs[0]).dtype) && !is_float(machine.graph.at(node.outputs[0]).dtype))
    return emulation::not_emulated(node);
  machine.out(node) = machine.in(node, 0);
  return {};
}

Status step(Machine& machine, const Node& node) {
  if (!node.op) return step_without_op(machine, node);
  const Op& op = *node.op;
  if (const auto* conv = std::get_if<Conv2d>(&op))
    emulation::convolve(machine, node, *conv);
  else if (const auto* matmul = std::get_if<Matmul>(&op))
    emulation::multiply(machine, node, *matmul);
  else if (const auto* window = std::get_if<Pool>(&op))
    emulation::pool(machine, node, *window);
  else if (const auto* one = std::get_if<Unary>(&op))
    return emulation::unary(machine, node, *one);
  else if (const auto* two = std::get_if<Binary>(&op))
    return emulation::binary(machine, node, *two);
  else if (std::holds_alternative<Select>(op))
    emulation::select(machine, node);
  else if (const auto* fold = std::get_if<Reduce>(&op))
    return emulation::reduce(machine, node, *fold);
  else if (const auto* soft = std::get_if<Softmax>(&op))
    emulation::softmax(machine, node, *soft);
  else if (const auto* norm = std::get_if<Normalize>(&op))
    emulation::normalize(machine, node, *norm);
  else if (const auto* attention = std::get_if<Attention>(&op);
           attention && (!attention->pages.empty() || machine.graph.at(node.inputs[1]).quant))
    return emulation::not_emulated(node);
  else if (attention)
    emulation::attend(machine, node, *attention);
  else if (std::holds_alternative<Copy>(op))
    emulation::copy(machine, node);
  else if (std::holds_alternative<Cast>(op))
    return cast(machine, node);
  else if (const auto* fill = std::get_if<Fill>(&op))
    std::fill(machine.out(node).begin(), machine.out(node).end(), static_cast<float>(fill->value));
  else
    return emulation::not_emulated(node);
  return {};
}

// Integers are moved, looked up by and cast; what is computed of them is not emulated.
Status check_types(const Graph& graph, const Node& node) {
  const bool moves = !node.op || std::holds_alternative<Copy>(*node.op) || std::holds_alternative<Cast>(*node.op);
  for (ValueId id : node.outputs) {
    if (id == kAbsent) continue;
    const Value& value = graph.at(id);
    const bool known = value.dtype == DType::kF32 || value.dtype == DType::kBF16 || value.dtype == DType::kBool;
    if (value.quant || (!known && (is_float(value.dtype) || !moves)))
      return node_error(node, Code::kUnsupported, std::string(dtype_name(value.dtype)) + " is not emulated");
  }
  return {};
}

// kUnsupported where an f32 doesn't hold them.
Status load(Machine& machine, ValueId id, const std::byte* data) {
  const Value& value = machine.graph.at(id);
  Array& array = machine.arrays[static_cast<size_t>(id)];
  array.resize(static_cast<size_t>(element_count(value.shape)));
  for (size_t i = 0; i < array.size(); ++i) {
    const double number = load_real(value.dtype, data, static_cast<int64_t>(i));
    if (!is_float(value.dtype) && std::fabs(number) > 0x1p24)
      return Status(Code::kUnsupported, "emulation: integers of '" + value.name + "' beyond 2^24");
    array[i] = static_cast<float>(number);
  }
  return {};
}

bool is_read(const Graph& graph, ValueId id) {
  for (const Node& node : graph.nodes)
    if (std::count(node.inputs.begin(), node.inputs.end(), id) > 0) return true;
  return std::count(graph.outputs.begin(), graph.outputs.end(), id) > 0;
}

Status load_all(Machine& machine, const TensorMap& inputs) {
  for (size_t v = 0; v < machine.graph.values.size(); ++v) {
    const Value& value = machine.graph.values[v];
    const auto id = static_cast<ValueId>(v);
    if (!value.is_constant() || !is_read(machine.graph, id)) continue;
    if (bit_width(value.dtype) < 8) {  // stored numbers, as those of all quantized constants
      const std::vector<double> numbers = constant_reals(value);
      machine.arrays[v].assign(numbers.begin(), numbers.end());
    } else {
      SYSTOLE_RETURN_IF_ERROR(load(machine, id, constant_bytes(value).data()));
    }
  }
  for (ValueId id : machine.graph.inputs) {
    const Value& value = machine.graph.at(id);
    const auto found = inputs.find(value.name);
    if (found == inputs.end() || found->second.dtype != value.dtype || found->second.shape != value.shape)
      return Status(Code::kUnsupported, "emulation needs a value for input '" + value.name + "'");
    SYSTOLE_RETURN_IF_ERROR(load(machine, id, found->second.data.data()));
  }
  return {};
}

}  // namespace

Result<TensorMap> bf16_emulation(const Graph& graph, const TensorMap& inputs) {
  Machine machine{graph, std::vector<Array>(graph.values.size())};
  SYSTOLE_RETURN_IF_ERROR(load_all(machine, inputs));
  for (const Node& node : graph.nodes) {
    SYSTOLE_RETURN_IF_ERROR(check_types(graph, node));
    SYSTOLE_RETURN_IF_ERROR(step(machine, node));
    if (graph.at(node.outputs[0]).dtype == DType::kBF16)
      for (float& value : machine.arrays[static_cast<size_t>(node.outputs[0])]) value = emulation::to_bf16(value);
  }
  TensorMap outputs;
  for (ValueId id : graph.outputs) {
    HostTensor tensor = make_host_tensor(graph.at(id).dtype, graph.at(id).shape);
    const Array& array = machine.arrays[static_cast<size_t>(id)];
    for (size_t i = 0; i < array.size(); ++i)
      store_real(tensor.dtype, tensor.data.data(), static_cast<int64_t>(i), array[i]);
    outputs.emplace(graph.at(id).name, std::move(tensor));
  }
  return outputs;
}

}  // namespace systole::graph
