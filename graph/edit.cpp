// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/edit.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "graph/constants.h"
#include "hal/numeric/bf16.h"

namespace systole::graph {

Uses uses_of(const Graph& graph) {
  Uses uses;
  uses.producer.assign(graph.values.size(), -1);
  uses.consumers.resize(graph.values.size());
  uses.is_output.assign(graph.values.size(), false);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    for (ValueId id : graph.nodes[n].outputs)
      if (id != kAbsent) uses.producer[static_cast<size_t>(id)] = static_cast<int>(n);
    for (ValueId id : graph.nodes[n].inputs)
      if (id != kAbsent) uses.consumers[static_cast<size_t>(id)].push_back(static_cast<int>(n));
  }
  for (ValueId id : graph.outputs) uses.is_output[static_cast<size_t>(id)] = true;
  return uses;
}

int sole_consumer(const Uses& uses, ValueId value) {
  const auto& readers = uses.consumers[static_cast<size_t>(value)];
  if (readers.size() != 1 || uses.is_output[static_cast<size_t>(value)]) return -1;
  return readers[0];
}

void replace_reads(Graph& graph, ValueId from, ValueId to) {
  for (Node& node : graph.nodes) std::replace(node.inputs.begin(), node.inputs.end(), from, to);
}

void erase_nodes(Graph& graph, const std::vector<bool>& dead) {
  size_t kept = 0;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (dead[n]) continue;
    if (kept != n) graph.nodes[kept] = std::move(graph.nodes[n]);
    ++kept;
  }
  graph.nodes.resize(kept);
}

void insert_nodes(Graph& graph, std::vector<Insertion> added) {
  if (added.empty()) return;
  std::stable_sort(added.begin(), added.end(),
                   [](const Insertion& a, const Insertion& b) { return a.before < b.before; });
  std::vector<Node> nodes;
  nodes.reserve(graph.nodes.size() + added.size());
  size_t next = 0;
  for (size_t n = 0; n <= graph.nodes.size(); ++n) {
    while (next < added.size() && added[next].before == static_cast<int>(n))
      nodes.push_back(std::move(added[next++].node));
    if (n < graph.nodes.size()) nodes.push_back(std::move(graph.nodes[n]));
  }
  graph.nodes = std::move(nodes);
}

namespace {

template <typename T>
void widen(const std::byte* from, std::vector<float>& to) {
  for (size_t i = 0; i < to.size(); ++i) {
    T element;
    std::memcpy(&element, from + i * sizeof(T), sizeof(T));
    to[i] = static_cast<float>(element);
  }
}

}  // namespace

Result<std::vector<float>> constant_floats(const Value& value) {
  if (!value.is_constant()) return Status(Code::kInvalidArgument, "'" + value.name + "' is not a constant");
  std::vector<float> out(static_cast<size_t>(element_count(value.shape)));
  if (out.empty()) return out;
  auto mapped = value.data->map(0, bytes_for(value.dtype, element_count(value.shape)), MapAccess::kRead);
  if (!mapped.ok()) return mapped.status();
  const std::byte* data = mapped->data();
  Status status;
  switch (value.dtype) {
    case DType::kF32:
      widen<float>(data, out);
      break;
    case DType::kF64:
      widen<double>(data, out);
      break;
    case DType::kI64:
      widen<int64_t>(data, out);
      break;
    case DType::kI32:
      widen<int32_t>(data, out);
      break;
    case DType::kI8:
      widen<int8_t>(data, out);
      break;
    case DType::kU8:
      widen<uint8_t>(data, out);
      break;
    case DType::kBF16:
      for (size_t i = 0; i < out.size(); ++i) {
        uint16_t bits;
        std::memcpy(&bits, data + 2 * i, 2);
        out[i] = numeric::to_f32(numeric::BF16{bits});
      }
      break;
    default:
      status =
          Status(Code::kUnsupported, "constant '" + value.name + "' of " + dtype_name(value.dtype) + " as numbers");
  }
  value.data->unmap();
  if (!status.ok()) return status;
  return out;
}

Result<Value> make_constant(std::string name, DType dtype, Shape shape, const void* data) {
  Value value;
  value.name = std::move(name);
  value.dtype = dtype;
  value.shape = std::move(shape);
  value.shape_known = true;
  const int64_t bytes = dense_bytes(dtype, value.shape);
  SYSTOLE_ASSIGN_OR_RETURN(value.data,
                           allocate_host({std::max<int64_t>(bytes, 1), 64, MemoryKind::kConstant, value.name}));
  SYSTOLE_ASSIGN_OR_RETURN(std::span<std::byte> target,
                           value.data->map(0, std::max<int64_t>(bytes, 1), MapAccess::kWrite));
  if (bytes > 0) std::memcpy(target.data(), data, static_cast<size_t>(bytes));
  value.data->unmap();
  value.data->freeze();
  return value;
}

Result<Value> make_withheld_constant(std::string name, DType dtype, Shape shape) {
  SYSTOLE_ASSIGN_OR_RETURN(Value value, make_constant(std::move(name), dtype, std::move(shape)));
  value.data->freeze();
  value.withheld = true;
  return value;
}

Result<Value> make_float_constant(std::string name, Shape shape, const std::vector<float>& data) {
  return make_constant(std::move(name), DType::kF32, std::move(shape), data.data());
}

std::vector<float> per_channel_floats(const Value& constant, const Shape& target, int axis) {
  if (!constant.is_constant() || constant.dtype != DType::kF32) return {};
  const auto channels = static_cast<size_t>(target[static_cast<size_t>(axis)]);
  const int shift = static_cast<int>(target.size()) - static_cast<int>(constant.shape.size());
  if (shift < 0) return {};
  for (int a = 0; a < static_cast<int>(constant.shape.size()); ++a) {
    const int64_t extent = constant.shape[static_cast<size_t>(a)];
    if (extent != 1 && a + shift != axis) return {};
  }
  auto numbers = constant_floats(constant);
  if (!numbers.ok() || numbers->empty()) return {};
  if (numbers->size() == 1) return std::vector<float>(channels, (*numbers)[0]);
  return numbers->size() == channels ? std::move(*numbers) : std::vector<float>{};
}

}  // namespace systole::graph
