// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a node's attributes and constant inputs say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

bool has_attr(const Node& node, const std::string& name);
int64_t int_attr(const Node& node, const std::string& name, int64_t otherwise);
float float_attr(const Node& node, const std::string& name, float otherwise);
std::string string_attr(const Node& node, const std::string& name, const std::string& otherwise);
std::optional<std::vector<int64_t>> ints_attr(const Node& node, const std::string& name);

// kInvalidArgument where an attribute of a well-known name has another type than ONNX gives it.
Status check_attributes(const Node& node);

ValueId input_of(const Node& node, size_t index);  // kAbsent beyond the end
// Inputs `least` to `most` are given and optional ones may be absent; `node` is named otherwise.
Status check_inputs(const Node& node, size_t least, size_t most);

// A list that older opsets give as attribute and newer ones as input: empty when neither is there; an error when the
// input is not constant.
Result<std::optional<std::vector<int64_t>>> ints_argument(const Graph& graph, const Node& node, const std::string& name,
                                                          size_t input);
// The same for one real number.
Result<std::optional<double>> real_argument(const Graph& graph, const Node& node, const std::string& name,
                                            size_t input);

// 0 <= axis < rank, counted from the end when negative; an error names the node.
Result<int> normal_axis(const Node& node, int64_t axis, int rank);
Result<std::vector<int>> normal_axes(const Node& node, const std::vector<int64_t>& axes,
                                     int rank);  // ascending, unique

Status node_error(const Node& node, Code code, const std::string& message);  // "Conv 'conv1': message"

}  // namespace systole::graph
