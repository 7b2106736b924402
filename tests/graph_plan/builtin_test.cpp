// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/builtin/builtin.h"

#include <filesystem>

#include "graph/import.h"
#include "graph/onnx/writer.h"
#include "tests/graph_plan/support.h"

namespace systole::graph::testing {
namespace {

// From the papers, or the model zoos that train them: torchvision 0.15 (alexnet, vgg16, resnet18, resnet50,
// mobilenet_v2, efficientnet_b0, vit_b_16), Hugging Face transformers (bert-base-uncased, gpt2, whisper-base),
// diffusers (Stable Diffusion 1.5's UNet), ultralytics (yolov8n, batch norms apart), TensorFlow slim (mobilenet_v1 with
// 1000 classes).
TEST(Builtin, ParameterCountsAreThePublishedOnes) {
  const std::map<std::string, int64_t> published{{"lenet5", 61706},
                                                 {"alexnet", 61100840},
                                                 {"vgg16", 138357544},
                                                 {"resnet18", 11689512},
                                                 {"resnet50", 25557032},
                                                 {"mobilenet_v1", 4231976},
                                                 {"mobilenet_v2", 3504872},
                                                 {"efficientnet_b0", 5288548},
                                                 {"yolov8n", 3157200},
                                                 {"vit_b16", 86567656},
                                                 {"bert_base", 109482240},
                                                 {"gpt2", 124439808},
                                                 {"whisper_base", 72593920},
                                                 {"sd_unet", 859520964},
                                                 {"mobilenet_v1?width=25", 470072},
                                                 {"llama-3.2-1b", 1235814400},
                                                 {"llama-3.2-3b", 3212749824},
                                                 {"llama-2-7b", 6738415616},
                                                 {"llama-3-8b", 8030261248},
                                                 {"mistral-7b", 7241732096},
                                                 {"bert_layer", 7087872},
                                                 {"resnet50_block", 1115648}};
  for (const auto& [name, count] : published) {
    const auto counted = builtin_parameters(name);
    ASSERT_TRUE(counted.ok()) << counted.status().to_string();
    EXPECT_EQ(*counted, count) << name;
  }
  for (const BuiltinInfo& info : builtin_models()) {
    const std::string plain = info.name.substr(0, info.name.find("_int8"));
    EXPECT_EQ(info.parameters, published.at(plain)) << info.name;
  }
}

// What is counted without weights is what a network with weights has.
TEST(Builtin, CountsAgreeWithTheGraph) {
  for (const char* name :
       {"efficientnet_b0", "yolov8n?image=64", "bert_base?layers=1", "sd_unet?width=32&size=8&text=64"})
    EXPECT_EQ(count_parameters(make_builtin(name).value()), builtin_parameters(name).value()) << name;
}

// Multiply-accumulates for one image of 224x224: torchvision's tables (in units of 10 million or finer), the papers'
// for MobileNet.
TEST(Builtin, MacsAreThePublishedOnes) {
  const std::map<std::string, std::pair<double, double>> published{{"resnet18", {1.814e9, 1e6}},
                                                                   {"resnet50", {4.089e9, 1e6}},
                                                                   {"mobilenet_v1", {569e6, 1e6}},
                                                                   {"mobilenet_v2", {301e6, 1e6}},
                                                                   {"mobilenet_v1?width=25", {41e6, 1e6}},
                                                                   {"efficientnet_b0", {386e6, 4e6}},
                                                                   {"alexnet", {714e6, 1e6}},
                                                                   {"vgg16", {15.470e9, 2e6}},
                                                                   {"vit_b16", {17.564e9, 1e6}}};
  for (const auto& [name, count] : published) {
    const auto graph = import_graph(make_builtin(name).value());
    ASSERT_TRUE(graph.ok()) << graph.status().to_string();
    const auto session = compile(*graph, {open_device("cpu")});
    ASSERT_TRUE(session.ok()) << session.status().to_string();
    double macs = 0;
    for (const NodeReport& node : (*session)->prospect().nodes) macs += static_cast<double>(node.macs);
    EXPECT_NEAR(macs, count.first, count.second) << name;
  }
}

TEST(Builtin, WrongOptionsNameTheOnesThereAre) {
  for (const char* name : {"bert_base?seq=4", "bert_base?layers=0", "bert_base?layers", "bert_base?layers=2x"}) {
    const auto graph = make_builtin(name);
    ASSERT_EQ(graph.status().code(), Code::kInvalidArgument) << name;
    EXPECT_NE(graph.status().message().find("sequence=128"), std::string::npos) << graph.status().message();
  }
  EXPECT_EQ(make_builtin("resnet18?width=3").status().code(), Code::kInvalidArgument);
  EXPECT_TRUE(make_builtin("gpt2?layers=1", {.values = false}).ok());
  EXPECT_TRUE(make_builtin("llama-3.2-1b?layers=1&context=0", {.values = false}).ok()) << "0 is its default";
  EXPECT_EQ(make_builtin("llama-3.2-1b?layers=0", {.values = false}).status().code(), Code::kInvalidArgument);
}

TEST(Builtin, UnknownNameNamesTheNearest) {
  const auto graph = make_builtin("resnet5");
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.status().code(), Code::kNotFound);
  EXPECT_NE(graph.status().message().find("resnet50"), std::string::npos);
}

TEST(Builtin, SameSeedSameWeights) {
  const auto a = make_builtin("lenet5", {5, 1}), b = make_builtin("lenet5", {5, 1}), c = make_builtin("lenet5", {6, 1});
  ASSERT_TRUE(a.ok() && b.ok() && c.ok());
  bool differs = false;
  for (size_t v = 0; v < a->values.size(); ++v) {
    if (!a->values[v].is_constant() || a->values[v].dtype != DType::kF32) continue;
    EXPECT_EQ(constant_floats(a->values[v]).value(), constant_floats(b->values[v]).value());
    differs = differs || constant_floats(a->values[v]).value() != constant_floats(c->values[v]).value();
  }
  EXPECT_TRUE(differs);
}

TensorMap normal_inputs(const Graph& graph, unsigned seed);

// Written as ONNX and read back, a network computes the same.
TEST(Builtin, SurvivesOnnx) {
  for (const char* name : {"lenet5", "lenet5_int8", "mobilenet_v2"}) {
    const auto path = std::filesystem::temp_directory_path() / (std::string("systole_builtin_test_") + name + ".onnx");
    const Status written = write_onnx(make_builtin(name).value(), path.string());
    ASSERT_TRUE(written.ok()) << written.to_string();
    const auto read = import_model(path.string());
    std::filesystem::remove(path);
    ASSERT_TRUE(read.ok()) << read.status().to_string();
    const auto made = import_graph(make_builtin(name).value());
    ASSERT_TRUE(made.ok());
    const TensorMap inputs = normal_inputs(*made, 3);
    const auto ref = open_device("ref");
    const TensorMap a = run_on(*made, {ref, nullptr, Precision::kKeep}, inputs);
    const TensorMap b = run_on(*read, {ref, nullptr, Precision::kKeep}, inputs);
    EXPECT_EQ(relative_difference(b.at("output"), a.at("output")), 0.0) << name;
  }
}

TensorMap normal_inputs(const Graph& graph, unsigned seed) {
  Maker maker;
  maker.random.seed(seed);
  maker.graph = graph;
  return maker.inputs();
}

double deviation(const HostTensor& tensor) {
  double sum = 0, squares = 0;
  const auto count = static_cast<double>(element_count(tensor.shape));
  for (int64_t i = 0; i < element_count(tensor.shape); ++i) {
    sum += tensor.f32()[i];
    squares += static_cast<double>(tensor.f32()[i]) * tensor.f32()[i];
  }
  return std::sqrt(squares / count - sum / count * sum / count);
}

TEST(Builtin, OutputsKeepTheirVarianceAndDependOnTheInput) {
  for (const char* name :
       {"lenet5", "mobilenet_v1", "mobilenet_v2", "resnet18", "efficientnet_b0?image=96", "vgg16?width=512", "alexnet",
        "vit_b16?layers=2&image=64", "sd_unet?width=32&size=8&text=64", "resnet50_block"}) {
    auto graph = import_graph(make_builtin(name).value());
    ASSERT_TRUE(graph.ok()) << graph.status().to_string();
    const auto device = open_device("cpu");
    auto session = compile(*graph, {device, open_device("ref"), Precision::kKeep});
    ASSERT_TRUE(session.ok()) << session.status().to_string();
    TensorMap a, b;
    ASSERT_TRUE((*session)->run(normal_inputs(*graph, 1), a).ok() && (*session)->run(normal_inputs(*graph, 2), b).ok());
    std::cout << name << ": output deviation " << deviation(a.begin()->second) << "\n";
    EXPECT_GT(deviation(a.begin()->second), 0.3) << name;
    EXPECT_LT(deviation(a.begin()->second), 3.0) << name;
    EXPECT_GT(relative_difference(a.begin()->second, b.begin()->second), 0.05) << name;
  }
}

// Quantized values seldom sit at the ends of their range, and follow the f32 network.
TEST(Builtin, Int8ScalesFitTheValues) {
  for (const char* name : {"lenet5", "mobilenet_v2"}) {
    const auto device = open_device("cpu");
    auto real = import_graph(make_builtin(name).value());
    auto quantized = import_graph(make_builtin(std::string(name) + "_int8").value());
    ASSERT_TRUE(real.ok() && quantized.ok()) << quantized.status().to_string();
    for (const Node& node : quantized->nodes) {
      if (!node.op || !std::holds_alternative<Conv2d>(*node.op)) continue;
      EXPECT_EQ(quantized->at(node.inputs[0]).dtype, DType::kI8) << node.name;
    }
    // Every quantized value becomes an output as well, to look at it.
    for (const Node& node : quantized->nodes)
      for (ValueId id : node.outputs)
        if (quantized->at(id).dtype == DType::kI8 && quantized->at(id).shape.size() == 4)
          quantized->outputs.push_back(id);
    const TensorMap inputs = normal_inputs(*real, 1);
    const TensorMap want = run_on(*real, {device, open_device("ref"), Precision::kKeep}, inputs);
    const TensorMap got = run_on(*quantized, {device, open_device("ref"), Precision::kKeep}, inputs);
    EXPECT_LT(relative_difference(got.at("output"), want.at("output")), 0.35) << name;
    for (const auto& [value, tensor] : got) {
      if (tensor.dtype != DType::kI8) continue;
      const auto* data = reinterpret_cast<const int8_t*>(tensor.data.data());
      int64_t high = 0;
      bool constant = true;
      for (size_t i = 0; i < tensor.data.size(); ++i) {
        high += data[i] == 127;
        constant = constant && data[i] == data[0];
      }
      EXPECT_LT(static_cast<double>(high), 0.01 * static_cast<double>(tensor.data.size())) << name << " " << value;
      EXPECT_FALSE(constant) << name << " " << value;
    }
  }
}

}  // namespace
}  // namespace systole::graph::testing
