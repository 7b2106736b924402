// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/onnx_backend/node_tests.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "graph/files/tensor_file.h"

namespace systole::graph::testing {

namespace fs = std::filesystem;

std::vector<std::string> backend_test_folders() {
  std::vector<std::string> folders;
  for (const char* group : {"node", "simple", "pytorch-converted", "pytorch-operator"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(fs::path(kTestData) / group, error))
      if (fs::exists(entry.path() / "model.onnx"))
        folders.push_back(std::string(group) + "/" + entry.path().filename().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

BackendTest read_backend_test(const std::string& folder) {
  BackendTest test;
  test.name = folder;
  const fs::path root = fs::path(kTestData) / folder;
  test.path = (root / "model.onnx").string();
  onnx::ModelProto model;
  std::ifstream file(test.path, std::ios::binary);
  if (!model.ParseFromIstream(&file)) {
    test.reason = "the model cannot be read";
    return test;
  }
  const auto& graph = model.graph();
  test.op = graph.node_size() > 0
                ? graph.node(graph.node_size() > 1 && graph.node(0).op_type() == "Constant" ? 1 : 0).op_type()
                : "(empty)";
  std::set<std::string> initializers;
  for (const auto& initializer : graph.initializer()) initializers.insert(initializer.name());
  for (const auto& input : graph.input())
    if (!initializers.contains(input.name())) test.inputs.push_back(input.name());
  for (const auto& output : graph.output()) test.outputs.push_back(output.name());
  for (int set = 0; fs::exists(root / ("test_data_set_" + std::to_string(set))); ++set) {
    const fs::path data = root / ("test_data_set_" + std::to_string(set));
    DataSet tensors;
    for (auto [names, prefix, to] : {std::tuple{&test.inputs, "input_", &tensors.inputs},
                                     std::tuple{&test.outputs, "output_", &tensors.outputs}}) {
      for (size_t i = 0; i < names->size(); ++i) {
        auto tensor = read_tensor_file((data / (prefix + std::to_string(i) + ".pb")).string());
        if (!tensor.ok()) {
          test.reason = "sequences, optionals, strings and types without a DType as inputs or outputs";
          return test;
        }
        to->push_back(std::move(tensor).value());
      }
    }
    test.sets.push_back(std::move(tensors));
  }
  return test;
}

}  // namespace systole::graph::testing
