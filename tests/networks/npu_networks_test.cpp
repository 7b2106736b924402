// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Whole networks on the simulated NPU. Models from files are data beside the project: SYSTOLE_MODELS, or
// ../shared/models.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>

#include "devices/cpu/cpu_device.h"
#include "devices/npu/npu_device.h"
#include "devices/ref/ref_device.h"
#include "graph/builtin/builtin.h"
#include "graph/executor.h"
#include "graph/files/tensor_file.h"
#include "graph/import.h"
#include "graph/verify.h"
#include "hal/registry.h"
#include "tests/support/models.h"

namespace systole::graph {
namespace {

using tests::models_folder;

template <typename T>
T value(Result<T> result) {
  EXPECT_TRUE(result.ok()) << result.status().to_string();
  if (!result.ok()) throw std::runtime_error(result.status().to_string());
  return std::move(result).value();
}

std::shared_ptr<Device> open(const std::string& uri) {
  static const Registry registry = [] {
    Registry all;
    for (const DriverInfo& driver : {cpu_driver(), ref_driver(), npu_driver()}) EXPECT_TRUE(all.add(driver).ok());
    return all;
  }();
  return value(registry.open(uri));
}

Graph builtin(const std::string& name, bool values = true) {
  return value(import_graph(value(make_builtin(name, {.values = values}))));
}

// Unit variance, from a counter: the same everywhere.
TensorMap seeded_inputs(const Graph& graph) {
  TensorMap inputs;
  uint32_t state = 12345;
  for (ValueId id : graph.inputs) {
    HostTensor tensor = make_host_tensor(graph.at(id).dtype, graph.at(id).shape);
    for (int64_t i = 0; i < element_count(tensor.shape); ++i) {
      state = state * 1664525u + 1013904223u;
      tensor.f32()[i] = (static_cast<float>(state >> 8) / 16777216.0f - 0.5f) * 3.4641f;
    }
    inputs[graph.at(id).name] = std::move(tensor);
  }
  return inputs;
}

struct Ran {
  TensorMap outputs;
  RunReport report;
};

Ran run(const Graph& graph, const std::string& device, const TensorMap& inputs,
        WeightType weights = WeightType::kModel) {
  SessionOptions options;
  options.weights = weights;
  options.device = open(device);
  if (device != "ref" && device != "cpu") options.fallback = open("cpu");
  auto session = value(compile(graph, options));
  Ran ran;
  const Status status = session->run(inputs, ran.outputs, &ran.report);
  EXPECT_TRUE(status.ok()) << device << ": " << status.to_string();
  return ran;
}

int64_t total(const RunReport& report, const char* counter) {
  int64_t sum = 0;
  for (const NodeReport& node : report.nodes) sum += node.profile ? node.profile->counter(counter) : 0;
  return sum;
}
int64_t cycles(const RunReport& report) { return total(report, "cycles"); }

double relative_difference(const HostTensor& got, const HostTensor& want) {
  double worst = 0, largest = 0;
  for (int64_t i = 0; i < element_count(want.shape); ++i) {
    if (!std::isfinite(got.f32()[i])) return INFINITY;
    worst = std::max(worst, std::fabs(double{got.f32()[i]} - want.f32()[i]));
    largest = std::max(largest, std::fabs(double{want.f32()[i]}));
  }
  return worst / largest;
}

TEST(NpuNetworks, MobilenetFromPyTorchIsRightNodeByNodeAndEndToEnd) {
  const std::string folder = models_folder() + "/torch/mobilenet_v2";
  SKIP_WITHOUT(folder);
  const Graph graph = value(import_model(folder + "/model.onnx"));
  TensorMap inputs;
  inputs[graph.at(graph.inputs[0]).name] = value(read_tensor_file(folder + "/test_data_set_0/input_0.pb"));
  const HostTensor want = value(read_tensor_file(folder + "/test_data_set_0/output_0.pb"));
  SessionOptions options;
  options.device = open("npu:edge-16x16");
  const VerifyReport report = value(verify(graph, options, open("ref"), inputs));
  EXPECT_TRUE(report.ok);
  for (const NodeCheck& node : report.nodes)
    EXPECT_TRUE(node.ok) << node.name << ": " << node.worst_abs << " beyond " << node.bound;
  ASSERT_EQ(report.outputs.size(), 1u);
  const OutputCheck& output = report.outputs[0];
  std::cout << "end to end " << output.worst_rel << " of the largest magnitude; bf16 emulation " << output.emulated_rel
            << "\n";
  ASSERT_TRUE(output.emulated);
  EXPECT_LE(output.worst_rel, 1.5 * output.emulated_rel);

  const HostTensor got = run(graph, "npu:edge-16x16", inputs).outputs.begin()->second;
  EXPECT_LE(relative_difference(got, want), 1.5 * output.emulated_rel);
  std::vector<float> sorted(want.f32(), want.f32() + element_count(want.shape));
  const auto best = std::max_element(sorted.begin(), sorted.end()) - sorted.begin();
  std::sort(sorted.rbegin(), sorted.rend());
  const double bound = 1.5 * output.emulated_rel * output.largest;
  if (sorted[0] - sorted[1] > 2 * bound) {
    EXPECT_EQ(std::max_element(got.f32(), got.f32() + element_count(got.shape)) - got.f32(), best);
  } else {
    std::cout << "arg max not compared: the top two are " << sorted[0] - sorted[1] << " apart, twice the bound is "
              << 2 * bound << "\n";
  }
}

// Batch and sequence are those of the stored sets. Only the look-up of the embedding is the host's.
class BertTiny : public testing::TestWithParam<int> {};

TEST_P(BertTiny, IsRightNodeByNodeAndEndToEnd) {
  const std::string folder = models_folder() + "/torch/bert_tiny",
                    data = folder + "/test_data_set_" + std::to_string(GetParam());
  SKIP_WITHOUT(folder);
  const HostTensor tokens = value(read_tensor_file(data + "/input_0.pb"));
  const HostTensor want = value(read_tensor_file(data + "/output_0.pb"));
  ImportOptions import;
  for (size_t axis = 0; axis < tokens.shape.size(); ++axis)
    import.dims["input_ids:" + std::to_string(axis)] = tokens.shape[axis];
  const Graph graph = value(import_model(folder + "/model.onnx", import));
  TensorMap inputs;
  inputs[graph.at(graph.inputs[0]).name] = tokens;
  SessionOptions options;
  options.device = open("npu:edge-16x16");
  options.fallback = open("cpu");
  const VerifyReport report = value(verify(graph, options, open("ref"), inputs));
  std::map<std::string, double> nearest;  // to the bound, by op
  for (const NodeCheck& node : report.nodes) nearest[node.op] = std::max(nearest[node.op], node.of_bound);
  for (const auto& [op, share] : nearest) std::cout << op << " at most " << share << " of its bound\n";
  for (const NodeCheck& node : report.nodes)
    EXPECT_TRUE(node.ok) << node.name << " on " << node.device << ": " << node.worst_abs << " beyond " << node.bound;
  EXPECT_TRUE(report.ok);
  ASSERT_EQ(report.outputs.size(), 1u);
  const OutputCheck& output = report.outputs[0];
  std::cout << "set " << GetParam() << ": end to end " << output.worst_rel
            << " of the largest magnitude; bf16 emulation " << output.emulated_rel << "\n";
  ASSERT_TRUE(output.emulated);
  EXPECT_LE(output.worst_rel, 1.5 * output.emulated_rel);

  const Ran ran = run(graph, "npu:edge-16x16", inputs);
  EXPECT_LE(relative_difference(ran.outputs.begin()->second, want), 1.5 * output.emulated_rel);
  for (const NodeReport& node : ran.report.nodes) {
    if (node.why.empty()) continue;
    std::cout << node.name << " (" << node.op << ") on " << node.device << ": " << node.why << "\n";
    EXPECT_EQ(node.type, "Gather") << node.name << ": " << node.why;
  }
}

INSTANTIATE_TEST_SUITE_P(StoredSets, BertTiny, testing::Range(0, 4));

class Light : public testing::TestWithParam<const char*> {};

TEST_P(Light, GivesItsStoredOutput) {
  const std::string stem = models_folder() + "/light/light_" + GetParam();
  SKIP_WITHOUT(stem + ".onnx");
  const Graph graph = value(import_model(stem + ".onnx"));
  const Ran ran = run(graph, "npu:datacenter-128x128", seeded_inputs(graph));
  ASSERT_EQ(ran.outputs.size(), 1u);
  EXPECT_LE(relative_difference(ran.outputs.begin()->second, value(read_tensor_file(stem + "_output_0.pb"))), 1e-3);
  for (const NodeReport& node : ran.report.nodes) {
    if (!node.why.empty())
      std::cout << GetParam() << ": " << node.op << " on " << node.device << ": " << node.why << "\n";
    EXPECT_FALSE(!node.why.empty() && (node.op == "conv2d" || node.op == "matmul" || node.op == "pool"))
        << node.name << ": " << node.why;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Light, testing::Values("resnet50", "squeezenet", "vgg19", "densenet121"));

class Int8 : public testing::TestWithParam<const char*> {};

TEST_P(Int8, IsEqualToRefToTheBit) {
  const Graph graph = builtin(GetParam());
  const TensorMap inputs = seeded_inputs(graph);
  const Ran npu = run(graph, "npu:edge-32x32", inputs), cpu = run(graph, "cpu", inputs),
            ref = run(graph, "ref", inputs);
  for (const auto& [name, want] : ref.outputs) {
    EXPECT_EQ(npu.outputs.at(name).data, want.data) << name;
    EXPECT_EQ(cpu.outputs.at(name).data, want.data) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(BuiltIn, Int8, testing::Values("lenet5_int8", "mobilenet_v2_int8", "resnet50_int8"));

TEST(NpuNetworks, TimingOnlyTakesTheSameCycles) {
  for (const char* name : {"lenet5", "mobilenet_v2", "lenet5_int8", "bert_layer?sequence=32&width=128",
                           "resnet50_block?image=7&width=64", "efficientnet_b0?image=64"}) {
    const Graph graph = builtin(name), bare = builtin(name, false);
    const TensorMap inputs = seeded_inputs(graph);
    const int64_t on = cycles(run(graph, "npu:edge-16x16", inputs).report);
    const int64_t off = cycles(run(graph, "npu:edge-16x16?functional=off", inputs).report);
    EXPECT_GT(on, 0);
    EXPECT_EQ(on, off) << name;
    EXPECT_EQ(on, cycles(run(bare, "npu:edge-16x16?functional=off", inputs).report)) << name;
    const bool withheld =
        std::any_of(bare.values.begin(), bare.values.end(), [](const Value& v) { return v.withheld; });
    EXPECT_EQ(withheld, std::string(name) != "lenet5_int8") << name << ": int8 networks take scales from values";
  }
}

// Products of bf16 with i8 and i4 weights: right node by node, fewer bytes, and as many cycles without values.
TEST(NpuNetworks, NarrowWeightsAreRightAndFewerBytes) {
  const char* npu = "npu:edge-16x16";
  for (const char* name : {"lenet5", "bert_layer?sequence=32&width=128"}) {
    const Graph graph = builtin(name), bare = builtin(name, false);
    const TensorMap inputs = seeded_inputs(graph);
    int64_t wider = total(run(graph, npu, inputs).report, "dram_read_bytes");
    for (WeightType weights : {WeightType::kInt8, WeightType::kInt4}) {
      SCOPED_TRACE(std::string(name) + " " + weight_type_name(weights));
      SessionOptions options;
      options.device = open(npu), options.fallback = open("cpu"), options.weights = weights;
      const VerifyReport report = value(verify(graph, options, open("ref"), inputs));
      EXPECT_TRUE(report.ok);
      for (const NodeCheck& node : report.nodes)
        EXPECT_TRUE(node.ok) << node.name << ": " << node.worst_abs << " beyond " << node.bound;
      EXPECT_TRUE(report.outputs.at(0).emulated);
      const RunReport with = run(graph, npu, inputs, weights).report;
      const int64_t bytes = total(with, "dram_read_bytes");
      EXPECT_LT(bytes, wider);
      wider = bytes;
      EXPECT_EQ(cycles(with), cycles(run(bare, std::string(npu) + "?functional=off", inputs, weights).report));
      run(graph, std::string(npu) + "?race_check=on", inputs, weights);
    }
  }
}

// The device fails a run in which the model saw a race or a read of storage never written.
TEST(NpuNetworks, CompiledProgramsHaveNoRaces) {
  for (const char* name : {"lenet5", "lenet5_int8", "mobilenet_v2", "resnet50"}) {
    const Graph graph = builtin(name);
    run(graph, "npu:edge-32x32?race_check=on", seeded_inputs(graph));
  }
}

TEST(NpuNetworks, TheSameRunTwiceIsTheSame) {
  const Graph graph = builtin("lenet5");
  const TensorMap inputs = seeded_inputs(graph);
  const Ran a = run(graph, "npu:edge-16x16", inputs), b = run(graph, "npu:edge-16x16", inputs);
  EXPECT_EQ(a.outputs.begin()->second.data, b.outputs.begin()->second.data);
  EXPECT_EQ(a.report.simulated_ns, b.report.simulated_ns);
}

}  // namespace
}  // namespace systole::graph
