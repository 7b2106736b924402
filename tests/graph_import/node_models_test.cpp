// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// ONNX's own single-operator models, where Debian's libonnx-testdata has put them: each imports with the output types
// and shapes that its file declares, or is refused with a code for which there is a reason.
#include <onnx/onnx_pb.h>

#include <cstdlib>
#include <iostream>
#include <map>

#include "graph/onnx/types.h"
#include "tests/graph_import/import_test.h"

namespace systole::graph {
namespace {

constexpr const char* kFolder = "/usr/share/libonnx-testdata/data";

void compare_outputs(const Graph& graph, const onnx::ModelProto& model, const std::string& name) {
  for (int i = 0; i < model.graph().output_size(); ++i) {
    const auto& declared = model.graph().output(i).type().tensor_type();
    const Value& value = graph.at(graph.outputs[static_cast<size_t>(i)]);
    EXPECT_EQ(onnx_of_dtype(value.dtype), declared.elem_type()) << name;
    if (!declared.has_shape()) continue;
    ASSERT_EQ(static_cast<int>(value.shape.size()), declared.shape().dim_size())
        << name << " " << to_string(value.shape);
    for (int axis = 0; axis < declared.shape().dim_size(); ++axis) {
      const auto& dim = declared.shape().dim(axis);
      if (!dim.has_dim_value()) continue;
      EXPECT_EQ(value.shape[static_cast<size_t>(axis)], dim.dim_value()) << name;
    }
  }
}

TEST(NodeModels, ImportAsDeclaredOrAreRefused) {
  if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << "no " << kFolder << ": install libonnx-testdata";
  int imported = 0;
  std::map<std::string, int> refused;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kFolder)) {
    if (entry.path().extension() != ".onnx") continue;
    std::string path = entry.path().string(), name = entry.path().parent_path().filename().string();
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString(slurp(path))) << path;
    ImportOptions options;
    for (const auto& input : model.graph().input()) options.keep_inputs.insert(input.name());
    auto graph = import_model(path, options);
    if (!graph.ok()) {
      ++refused[code_name(graph.status().code())];
      EXPECT_TRUE(graph.status().code() == Code::kUnsupported || graph.status().code() == Code::kInvalidArgument)
          << graph.status().to_string();
      if (std::getenv("SYSTOLE_LIST_REFUSED")) std::cout << name << ": " << graph.status().to_string() << "\n";
      continue;
    }
    ++imported;
    compare_outputs(*graph, model, name);
  }
  std::cout << imported << " imported";
  for (const auto& [code, count] : refused) std::cout << ", " << count << " " << code;
  std::cout << "\n";
  EXPECT_GT(imported, 300);
}

}  // namespace
}  // namespace systole::graph
