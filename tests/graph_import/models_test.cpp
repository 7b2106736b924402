// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The shared whole networks, where they are.
#include "tests/support/models.h"

#include "tests/graph_import/import_test.h"

namespace systole::graph {
namespace {

struct Expected {
  const char* file;
  Shape output;
  size_t convolutions;
};

void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.file; }

using tests::models_folder;

class Models : public ::testing::TestWithParam<Expected> {
 protected:
  void SetUp() override {
    path_ = models_folder() + "/" + GetParam().file;
    SKIP_WITHOUT(path_);
  }
  std::string path_;
};

TEST_P(Models, ImportsWithEveryShapeKnown) {
  ImportOptions options;
  if (path_.find("bert") != std::string::npos) options.dims = {{"S", 16}, {"N", 2}};
  PassReport report;
  auto graph = import_model(path_, options, &report);
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  for (const auto& value : graph->values) {
    EXPECT_TRUE(value.shape_known) << value.name;
    for (int64_t extent : value.shape) EXPECT_GT(extent, 0) << value.name;
  }
  EXPECT_EQ(graph->inputs.size(), 1u);
  EXPECT_EQ(graph->at(graph->outputs[0]).shape, GetParam().output);
  size_t convolutions = 0;
  for (const auto& node : graph->nodes) convolutions += node.op && std::holds_alternative<Conv2d>(*node.op) ? 1 : 0;
  EXPECT_EQ(convolutions, GetParam().convolutions);
}

INSTANTIATE_TEST_SUITE_P(Shared, Models,
                         ::testing::Values(Expected{"light/light_densenet121.onnx", {1, 1000, 1, 1}, 121},
                                           Expected{"light/light_resnet50.onnx", {1, 1000}, 53},
                                           Expected{"light/light_squeezenet.onnx", {1, 1000, 1, 1}, 26},
                                           Expected{"light/light_vgg19.onnx", {1, 1000}, 16},
                                           Expected{"torch/mobilenet_v2/model.onnx", {1, 1000}, 52},
                                           Expected{"torch/resnet50_weightless/model.onnx", {1, 1000}, 53},
                                           Expected{"torch/bert_tiny/model.onnx", {2, 16, 128}, 0}));

TEST(ModelData, TensorProtosOfATestSet) {
  auto folder = std::filesystem::path(models_folder()) / "torch" / "mobilenet_v2" / "test_data_set_0";
  SKIP_WITHOUT(folder);
  auto input = read_tensor_file((folder / "input_0.pb").string());
  ASSERT_TRUE(input.ok()) << input.status().to_string();
  EXPECT_EQ(input->dtype, DType::kF32);
  EXPECT_EQ(input->shape, (Shape{1, 3, 224, 224}));
}

}  // namespace
}  // namespace systole::graph
