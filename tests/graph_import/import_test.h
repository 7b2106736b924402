// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Small graphs and files for import tests.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "graph/constants.h"
#include "graph/files/tensor_file.h"
#include "graph/import.h"
#include "graph/onnx/reader.h"
#include "graph/onnx/writer.h"

namespace systole::graph {

// A folder of its own for each test, removed afterwards.
class ImportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("systole_" + std::to_string(::getpid()) + "_" + info->test_suite_name() + "_" + info->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

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

inline const Node* find_node(const Graph& graph, const std::string& name) {
  for (const auto& node : graph.nodes)
    if (node.name == name) return &node;
  return nullptr;
}

inline std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
inline void spill(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

inline void expect_error(const Status& status, Code code, const std::vector<std::string>& parts) {
  EXPECT_EQ(status.code(), code) << status.to_string();
  for (const auto& part : parts)
    EXPECT_NE(status.message().find(part), std::string::npos) << "'" << part << "' in: " << status.message();
}

}  // namespace systole::graph
