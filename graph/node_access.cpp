// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/node_access.h"

#include <algorithm>
#include <array>

#include "graph/constants.h"

namespace systole::graph {
namespace {

template <typename T>
const T* get(const Node& node, const std::string& name) {
  auto found = node.attributes.find(name);
  return found == node.attributes.end() ? nullptr : std::get_if<T>(&found->second);
}

struct KnownAttribute {
  const char* name;
  size_t kind;  // index in Attribute
};
constexpr const char* kKindNames[] = {"an int", "a float", "a string", "ints", "floats", "strings", "a tensor"};
constexpr std::array kKnown = {KnownAttribute{"axis", 0},          KnownAttribute{"group", 0},
                               KnownAttribute{"keepdims", 0},      KnownAttribute{"to", 0},
                               KnownAttribute{"transA", 0},        KnownAttribute{"transB", 0},
                               KnownAttribute{"ceil_mode", 0},     KnownAttribute{"count_include_pad", 0},
                               KnownAttribute{"training_mode", 0}, KnownAttribute{"epsilon", 1},
                               KnownAttribute{"alpha", 1},         KnownAttribute{"beta", 1},
                               KnownAttribute{"auto_pad", 2},      KnownAttribute{"mode", 2},
                               KnownAttribute{"kernel_shape", 3},  KnownAttribute{"pads", 3},
                               KnownAttribute{"strides", 3},       KnownAttribute{"dilations", 3},
                               KnownAttribute{"perm", 3},          KnownAttribute{"axes", 3},
                               KnownAttribute{"split", 3},         KnownAttribute{"starts", 3},
                               KnownAttribute{"ends", 3},          KnownAttribute{"steps", 3},
                               KnownAttribute{"shape", 3}};

}  // namespace

bool has_attr(const Node& node, const std::string& name) { return node.attributes.contains(name); }

int64_t int_attr(const Node& node, const std::string& name, int64_t otherwise) {
  const auto* value = get<int64_t>(node, name);
  return value ? *value : otherwise;
}

float float_attr(const Node& node, const std::string& name, float otherwise) {
  const auto* value = get<float>(node, name);
  return value ? *value : otherwise;
}

std::string string_attr(const Node& node, const std::string& name, const std::string& otherwise) {
  const auto* value = get<std::string>(node, name);
  return value ? *value : otherwise;
}

std::optional<std::vector<int64_t>> ints_attr(const Node& node, const std::string& name) {
  const auto* value = get<std::vector<int64_t>>(node, name);
  if (!value) return std::nullopt;
  return *value;
}

Status check_attributes(const Node& node) {
  if (node.type.find('.') != std::string::npos) return {};  // another domain's words
  for (const auto& known : kKnown) {
    auto found = node.attributes.find(known.name);
    if (found == node.attributes.end() || found->second.index() == known.kind) continue;
    return node_error(node, Code::kInvalidArgument,
                      std::string("attribute '") + known.name + "': expected " + kKindNames[known.kind] + ", got " +
                          kKindNames[found->second.index()]);
  }
  return {};
}

ValueId input_of(const Node& node, size_t index) { return index < node.inputs.size() ? node.inputs[index] : kAbsent; }

Status check_inputs(const Node& node, size_t least, size_t most) {
  size_t given = node.inputs.size();
  if (given < least || given > most) {
    std::string expected =
        least == most ? std::to_string(least) : std::to_string(least) + " to " + std::to_string(most);
    return node_error(node, Code::kInvalidArgument, "expected " + expected + " inputs, got " + std::to_string(given));
  }
  for (size_t i = 0; i < least; ++i) {
    if (node.inputs[i] == kAbsent)
      return node_error(node, Code::kInvalidArgument, "input " + std::to_string(i) + " is missing");
  }
  return {};
}

Result<std::optional<std::vector<int64_t>>> ints_argument(const Graph& graph, const Node& node, const std::string& name,
                                                          size_t input) {
  if (auto given = ints_attr(node, name)) return given;
  ValueId id = input_of(node, input);
  if (id == kAbsent) return std::optional<std::vector<int64_t>>();
  const Value& value = graph.at(id);
  if (!value.is_constant()) {
    return node_error(
        node, Code::kUnsupported,
        name + " (input '" + value.name + "') depends on data: it must be known when the model is loaded");
  }
  if (value.dtype != DType::kI64 && value.dtype != DType::kI32) {
    return node_error(node, Code::kInvalidArgument,
                      name + " (input '" + value.name + "'): expected i64 or i32, got " + dtype_name(value.dtype));
  }
  return std::optional(constant_ints(value));
}

Result<std::optional<double>> real_argument(const Graph& graph, const Node& node, const std::string& name,
                                            size_t input) {
  if (const auto* given = get<float>(node, name)) return std::optional<double>(*given);
  ValueId id = input_of(node, input);
  if (id == kAbsent) return std::optional<double>();
  const Value& value = graph.at(id);
  if (!value.is_constant()) {
    return node_error(node, Code::kUnsupported, name + " (input '" + value.name + "') is not constant");
  }
  auto reals = constant_reals(value);
  if (reals.size() != 1) {
    return node_error(node, Code::kInvalidArgument,
                      name + " (input '" + value.name + "'): expected one number, got " + to_string(value.shape));
  }
  return std::optional(reals[0]);
}

Result<int> normal_axis(const Node& node, int64_t axis, int rank) {
  if (axis < -rank || axis >= rank) {
    return node_error(node, Code::kInvalidArgument,
                      "axis " + std::to_string(axis) + " is outside rank " + std::to_string(rank));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Result<std::vector<int>> normal_axes(const Node& node, const std::vector<int64_t>& axes, int rank) {
  std::vector<int> result;
  for (int64_t axis : axes) {
    SYSTOLE_ASSIGN_OR_RETURN(int normal, normal_axis(node, axis, rank));
    result.push_back(normal);
  }
  std::sort(result.begin(), result.end());
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) {
    return node_error(node, Code::kInvalidArgument, "an axis is given twice");
  }
  return result;
}

Status node_error(const Node& node, Code code, const std::string& message) {
  return Status(code, node.type + " '" + node.name + "': " + message);
}

}  // namespace systole::graph
