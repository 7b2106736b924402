// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/tensors.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "graph/files/tensor_file.h"
#include "graph/node_access.h"
#include "hal/numeric/bf16.h"
#include "hal/numeric/f16.h"

namespace systole::cli {
namespace {

// splitmix64 (Steele, Lea, Flood 2014): a counter-based stream, the same everywhere.
uint64_t mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

// Uniform over +-sqrt(3): mean 0, variance 1.
double unit_variance(uint64_t bits) {
  return (static_cast<double>(bits >> 11) * 0x1p-53 * 2.0 - 1.0) * 1.7320508075688772;
}

template <typename T>
void put(std::byte* data, int64_t index, T value) {
  std::memcpy(data + index * static_cast<int64_t>(sizeof(T)), &value, sizeof(T));
}

// Integers from 0 to below this: 100, or what every table has that the input looks things up in.
uint64_t integer_limit(const graph::Graph& graph, graph::ValueId id) {
  int64_t limit = 100;
  for (const graph::Node& node : graph.nodes) {
    if (node.type != "Gather" || node.inputs.size() < 2 || node.inputs[1] != id) continue;
    const Shape& table = graph.at(node.inputs[0]).shape;
    const auto rank = static_cast<int64_t>(table.size());
    const int64_t axis = graph::int_attr(node, "axis", 0), index = axis < 0 ? axis + rank : axis;
    if (index >= 0 && index < rank) limit = std::min(limit, table[static_cast<size_t>(index)]);
  }
  return static_cast<uint64_t>(std::max<int64_t>(limit, 1));
}

Status fill(graph::HostTensor& tensor, const std::string& name, uint64_t seed, uint64_t limit) {
  for (int64_t i = 0; i < element_count(tensor.shape); ++i) {
    const uint64_t bits = mix(seed + static_cast<uint64_t>(i));
    const float real = static_cast<float>(unit_variance(bits));
    std::byte* data = tensor.data.data();
    switch (tensor.dtype) {
      case DType::kF64:
        put(data, i, unit_variance(bits));
        break;
      case DType::kF32:
        put(data, i, real);
        break;
      case DType::kF16:
        put(data, i, numeric::to_f16(real));
        break;
      case DType::kBF16:
        put(data, i, numeric::to_bf16(real));
        break;
      case DType::kI8:
      case DType::kU8:
        put(data, i, static_cast<uint8_t>(bits));
        break;
      case DType::kBool:
        put(data, i, static_cast<uint8_t>(bits & 1));
        break;
      case DType::kI64:
        put(data, i, static_cast<int64_t>(bits % limit));
        break;
      case DType::kI32:
        put(data, i, static_cast<int32_t>(bits % limit));
        break;
      default:
        return Status(Code::kUnsupported, "input '" + name + "': no seeded values of type " + dtype_name(tensor.dtype) +
                                              "; give --inputs " + name + "=FILE");
    }
  }
  return {};
}

std::string describe(DType dtype, const Shape& shape) {
  return std::string(dtype_name(dtype)) + "[" + to_string(shape) + "]";
}

}  // namespace

Result<graph::TensorMap> make_inputs(const graph::Graph& graph, const std::vector<std::string>& files, uint64_t seed,
                                     bool values) {
  graph::TensorMap inputs;
  std::vector<std::string> names;
  for (graph::ValueId id : graph.inputs) names.push_back(graph.at(id).name);
  for (const std::string& text : files) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos)
      return Status(Code::kInvalidArgument, "--inputs: expected name=FILE, got '" + text + "'");
    const std::string name = text.substr(0, equals);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const std::string near = nearest_name(name, names.data(), names.size());
      return Status(Code::kInvalidArgument, "--inputs: the model has no input '" + name + "'" +
                                                (near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
    SYSTOLE_ASSIGN_OR_RETURN(inputs[name], graph::read_tensor_file(text.substr(equals + 1)));
  }
  uint64_t stream = seed;
  for (graph::ValueId id : graph.inputs) {
    const graph::Value& value = graph.at(id);
    stream = mix(stream + 1);
    const auto given = inputs.find(value.name);
    if (given == inputs.end() && value.resident && !values) continue;
    if (given == inputs.end()) {
      graph::HostTensor tensor = graph::make_host_tensor(value.dtype, value.shape);
      SYSTOLE_RETURN_IF_ERROR(fill(tensor, value.name, stream, integer_limit(graph, id)));
      inputs[value.name] = std::move(tensor);
    } else if (given->second.dtype != value.dtype || given->second.shape != value.shape) {
      return Status(Code::kInvalidArgument, "input '" + value.name + "': expected " +
                                                describe(value.dtype, value.shape) + ", got " +
                                                describe(given->second.dtype, given->second.shape));
    }
  }
  return inputs;
}

Status dump_outputs(const graph::TensorMap& outputs, const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Status(Code::kInvalidArgument, "cannot create " + directory + ": " + error.message());
  for (const auto& [name, tensor] : outputs) {
    std::string file = name;
    for (char& c : file) {
      if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '_') c = '_';
    }
    SYSTOLE_RETURN_IF_ERROR(graph::write_npy(tensor, directory + "/" + file + ".npy"));
  }
  return {};
}

}  // namespace systole::cli
