// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Whole networks against stored outputs. The models are data beside the project: SYSTOLE_MODELS, or ../shared/models.
#include "tests/support/models.h"

#include <filesystem>
#include <fstream>

#include "graph/files/tensor_file.h"
#include "graph/import.h"
#include "tests/graph_plan/support.h"

namespace systole::graph::testing {
namespace {

using tests::models_folder;

Graph imported(const std::string& path) {
  auto graph = import_model(path);
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  return graph.ok() ? std::move(graph).value() : Graph{};
}

HostTensor stored(const std::string& path) {
  auto tensor = read_tensor_file(path);
  EXPECT_TRUE(tensor.ok()) << tensor.status().to_string();
  return tensor.ok() ? std::move(tensor).value() : HostTensor{};
}

TensorMap one_input(const Graph& graph, HostTensor tensor) {
  TensorMap map;
  map[graph.at(graph.inputs[0]).name] = std::move(tensor);
  return map;
}

TEST(Models, MobilenetAgreesWithPyTorch) {
  const std::string folder = models_folder() + "/torch/mobilenet_v2";
  SKIP_WITHOUT(folder);
  const Graph graph = imported(folder + "/model.onnx");
  const TensorMap inputs = one_input(graph, stored(folder + "/test_data_set_0/input_0.pb"));
  const HostTensor want = stored(folder + "/test_data_set_0/output_0.pb");
  for (const char* device : {"ref", "cpu"}) {
    const TensorMap got = run_on(graph, {open_device(device), nullptr, Precision::kKeep}, inputs);
    ASSERT_EQ(got.size(), 1u);
    const double error = relative_difference(got.begin()->second, want);
    RecordProperty(std::string("error_") + device, std::to_string(error));
    EXPECT_LE(error, 1e-4) << device;
  }
}

// The test of the test: without any one convolution the comparison fails.
TEST(Models, ZeroingAnyConvolutionOfMobilenetIsSeen) {
  const std::string folder = models_folder() + "/torch/mobilenet_v2";
  SKIP_WITHOUT(folder);
  const Graph graph = imported(folder + "/model.onnx");
  const TensorMap inputs = one_input(graph, stored(folder + "/test_data_set_0/input_0.pb"));
  const HostTensor want = stored(folder + "/test_data_set_0/output_0.pb");
  const auto device = open_device("cpu");
  int convolutions = 0;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!graph.nodes[n].op || !std::holds_alternative<Conv2d>(*graph.nodes[n].op)) continue;
    ++convolutions;
    Graph changed = graph;
    const Value& weights = graph.at(graph.nodes[n].inputs[1]);
    const std::vector<float> zeros(static_cast<size_t>(element_count(weights.shape)), 0.0f);
    const ValueId id = changed.add_value(make_float_constant("zeros", weights.shape, zeros).value());
    changed.nodes[n].inputs[1] = id;
    const TensorMap got = run_on(changed, {device, nullptr, Precision::kKeep}, inputs);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_GT(relative_difference(got.begin()->second, want), 1e-4) << graph.nodes[n].name;
  }
  EXPECT_EQ(convolutions, 52);
}

struct Case {
  Graph graph;
  TensorMap inputs;
  HostTensor want;
};

// Batch and sequence are those of the stored input.
Case bert_case(int set) {
  const std::string folder = models_folder() + "/torch/bert_tiny",
                    data = folder + "/test_data_set_" + std::to_string(set);
  HostTensor tokens = stored(data + "/input_0.pb");
  ImportOptions options;
  for (size_t axis = 0; axis < tokens.shape.size(); ++axis)
    options.dims["input_ids:" + std::to_string(axis)] = tokens.shape[axis];
  auto graph = import_model(folder + "/model.onnx", options);
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  Case made{graph.ok() ? std::move(graph).value() : Graph{}, {}, stored(data + "/output_0.pb")};
  made.inputs = one_input(made.graph, std::move(tokens));
  return made;
}

int nodes_of(const RunReport& report, const std::string& op) {
  int count = 0;
  for (const NodeReport& node : report.nodes) count += node.op == op;
  return count;
}

TEST(Models, BertTinyAgreesWithPyTorchFusedAndNot) {
  SKIP_WITHOUT(models_folder() + "/torch/bert_tiny");
  for (int set = 0; set < 4; ++set) {
    const Case bert = bert_case(set);
    for (const char* device : {"ref", "cpu"})
      for (bool fused : {true, false}) {
        SCOPED_TRACE(std::string(device) + " set " + std::to_string(set) + (fused ? " fused" : " not fused"));
        RunReport report;
        const TensorMap got =
            run_on(bert.graph, {open_device(device), nullptr, Precision::kKeep, fused}, bert.inputs, &report);
        ASSERT_EQ(got.size(), 1u);
        const double error = relative_difference(got.begin()->second, bert.want);
        RecordProperty(std::string("error_") + device + (fused ? "_fused_" : "_") + std::to_string(set),
                       std::to_string(error));
        EXPECT_LE(error, 1e-4);
        if (!fused) continue;
        EXPECT_EQ(nodes_of(report, "attention"), 2);
        EXPECT_EQ(nodes_of(report, "normalize"), 5);
        EXPECT_EQ(nodes_of(report, "matmul"), 8);
        EXPECT_EQ(nodes_of(report, "copy"), 0);
        EXPECT_EQ(nodes_of(report, "unary"), 0);
        EXPECT_EQ(nodes_of(report, "binary"), 1);  // the positions join the embedding
      }
  }
}

// The test of the test: without any one weight matrix the comparison fails.
TEST(Models, ZeroingAnyWeightMatrixOfBertIsSeen) {
  SKIP_WITHOUT(models_folder() + "/torch/bert_tiny");
  const Case bert = bert_case(1);
  const auto device = open_device("cpu");
  int matrices = 0;
  double least = INFINITY;
  for (size_t n = 0; n < bert.graph.nodes.size(); ++n) {
    const Node& node = bert.graph.nodes[n];
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const Value& weights = bert.graph.at(node.inputs[i]);
      if (!weights.is_constant() || weights.shape.size() != 2 || weights.dtype != DType::kF32) continue;
      ++matrices;
      Graph changed = bert.graph;
      const std::vector<float> zeros(static_cast<size_t>(element_count(weights.shape)), 0.0f);
      const ValueId id = changed.add_value(make_float_constant("zeros", weights.shape, zeros).value());
      changed.nodes[n].inputs[i] = id;
      const TensorMap got = run_on(changed, {device, nullptr, Precision::kKeep}, bert.inputs);
      ASSERT_EQ(got.size(), 1u);
      const double error = relative_difference(got.begin()->second, bert.want);
      least = std::min(least, error);
      EXPECT_GT(error, 0.1) << node.name;  // bf16 may lose less
    }
  }
  RecordProperty("least_error", std::to_string(least));
  EXPECT_EQ(matrices, 9);  // the embedding, and of each layer the projections in, out and the two of the block
}

TEST(Models, LightNetworksGiveTheirStoredOutputs) {
  SKIP_WITHOUT(models_folder() + "/light");
  for (const char* name : {"resnet50", "squeezenet", "vgg19", "densenet121"}) {
    const std::string stem = models_folder() + "/light/light_" + name;
    SCOPED_TRACE(name);
    const Graph graph = imported(stem + ".onnx");
    ASSERT_FALSE(graph.inputs.empty());
    Maker maker;
    maker.graph = graph;
    const TensorMap got = run_on(graph, {open_device("cpu"), open_device("ref"), Precision::kKeep}, maker.inputs());
    ASSERT_EQ(got.size(), 1u);
    EXPECT_LE(relative_difference(got.begin()->second, stored(stem + "_output_0.pb")), 1e-3);
  }
}

TEST(Models, WeightlessResnetAgreesCpuWithRef) {
  const std::string path = models_folder() + "/torch/resnet50_weightless/model.onnx";
  SKIP_WITHOUT(path);
  const Graph graph = imported(path);
  Maker maker;
  maker.graph = graph;
  const TensorMap inputs = maker.inputs();
  const TensorMap got = run_on(graph, {open_device("cpu"), nullptr, Precision::kKeep}, inputs);
  const TensorMap want = run_on(graph, {open_device("ref"), nullptr, Precision::kKeep}, inputs);
  ASSERT_EQ(got.size(), want.size());
  for (const auto& [name, tensor] : want) EXPECT_LE(relative_difference(got.at(name), tensor), 1e-4) << name;
}

}  // namespace
}  // namespace systole::graph::testing
