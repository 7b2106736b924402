// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every built-in network, small: cpu against ref, the GPU and the NPU (in bf16) node by node against ref; what falls
// back, by name.
#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "devices/gpu/gpu_device.h"
#include "devices/npu/npu_device.h"
#include "graph/builtin/builtin.h"
#include "graph/import.h"
#include "graph/verify.h"
#include "tests/graph_fusion/exported_networks.h"

namespace systole::graph::testing {
namespace {

class BuiltIn : public ::testing::TestWithParam<const char*> {};

Graph network() {
  auto made = make_builtin(BuiltIn::GetParam());
  EXPECT_TRUE(made.ok()) << made.status().to_string();
  auto graph = import_graph(std::move(made).value());
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  return std::move(graph).value();
}

TEST_P(BuiltIn, IsTheSameOnCpuAndRef) {
  const Graph graph = network();
  const TensorMap inputs = random_inputs(graph);
  const TensorMap want = run_on(graph, {open_device("ref")}, inputs), got = run_on(graph, {open_device("cpu")}, inputs);
  for (const auto& [name, tensor] : want) EXPECT_LT(relative_difference(got.at(name), tensor), 1e-4) << name;
}

void expect_right_node_by_node(const std::shared_ptr<Device>& device) {
  const Graph graph = network();
  SessionOptions options;
  options.device = device;
  options.fallback = open_device("cpu");
  auto report = verify(graph, options, open_device("ref"), random_inputs(graph));
  ASSERT_TRUE(report.ok()) << report.status().to_string();
  double nearest = 0;
  for (const NodeCheck& node : report->nodes) {
    EXPECT_TRUE(node.ok) << node.name << " (" << node.op << "): " << node.worst_abs << " beyond " << node.bound;
    nearest = std::max(nearest, node.of_bound);
  }
  for (const OutputCheck& output : report->outputs) EXPECT_TRUE(output.finite) << output.name;
  std::cout << report->nodes.size() << " nodes, the nearest at " << nearest << " of its bound\n";
  auto plan = make_plan(graph, options);
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  for (const Node& node : plan->graph.nodes) {
    if (node.why.empty()) continue;
    std::cout << node.name << " (" << node.type << ") on " << node.device << ": " << node.why << "\n";
    EXPECT_EQ(node.type, "Gather") << node.name << ": " << node.why;  // embeddings
  }
}

TEST_P(BuiltIn, IsRightOnTheNpuNodeByNode) {
  Registry registry;
  ASSERT_TRUE(registry.add(npu_driver()).ok());
  auto npu = registry.open("npu:edge-32x32");
  ASSERT_TRUE(npu.ok()) << npu.status().to_string();
  expect_right_node_by_node(*npu);
}

TEST_P(BuiltIn, IsRightOnTheGpuNodeByNode) {
  Registry registry;
  ASSERT_TRUE(registry.add(gpu_driver()).ok());
  auto gpu = registry.open("gpu:opencl");
  if (gpu.status().code() == Code::kUnavailable) GTEST_SKIP() << gpu.status().message();
  ASSERT_TRUE(gpu.ok()) << gpu.status().to_string();
  expect_right_node_by_node(*gpu);
}

INSTANTIATE_TEST_SUITE_P(Small, BuiltIn,
                         ::testing::Values("efficientnet_b0?image=64", "yolov8n?image=64", "vit_b16?layers=1&image=64",
                                           "bert_base?layers=1&sequence=24", "gpt2?layers=1&sequence=12&width=128",
                                           "whisper_base?layers=1&frames=60&sequence=7&width=128",
                                           "sd_unet?width=32&size=8&text=64", "mobilenet_v1", "resnet18",
                                           "vgg16?width=512"));

}  // namespace
}  // namespace systole::graph::testing
