// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Small graphs of ONNX operators, node by node.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "graph/constants.h"
#include "graph/import.h"

namespace systole::graph {

class Builder {
 public:
  explicit Builder(int opset = 13) { graph.opset = opset, graph.name = "test"; }

  ValueId input(const std::string& name, Shape shape, DType dtype = DType::kF32) {
    ValueId id = value(name, dtype);
    graph.at(id).shape = std::move(shape);
    graph.at(id).shape_known = true;
    graph.inputs.push_back(id);
    return id;
  }
  ValueId value(const std::string& name, DType dtype = DType::kF32) {
    Value made;
    made.name = name;
    made.dtype = dtype;
    return graph.add_value(std::move(made));
  }
  ValueId constant(const std::string& name, Shape shape, const std::vector<double>& numbers,
                   DType dtype = DType::kF32) {
    return graph.add_value(*real_constant(name, dtype, std::move(shape), numbers));
  }
  ValueId ints(const std::string& name, const std::vector<double>& numbers) {
    return constant(name, {static_cast<int64_t>(numbers.size())}, numbers, DType::kI64);
  }
  // One output, named as the node with "_y".
  ValueId node(const std::string& type, const std::string& name, std::vector<ValueId> inputs,
               std::map<std::string, Attribute> attributes = {}) {
    Node made;
    made.type = type;
    made.name = name;
    made.inputs = std::move(inputs);
    made.attributes = std::move(attributes);
    made.outputs = {value(name + "_y")};
    graph.nodes.push_back(made);
    return made.outputs[0];
  }
  Result<Graph> import(ValueId output, PassReport* report = nullptr) {
    graph.outputs = {output};
    return import_graph(graph, report);
  }

  Graph graph;
};

using Ints = std::vector<int64_t>;

}  // namespace systole::graph
