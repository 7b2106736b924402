// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The exporter's idioms on the simulated NPU: node by node against ref, end to end against the bf16 emulation.
#include <iostream>
#include <set>

#include "devices/npu/npu_device.h"
#include "graph/verify.h"
#include "tests/graph_fusion/exported_networks.h"

namespace systole::graph::testing {
namespace {

struct Network {
  const char* name;
  Graph (*make)(int opset);
};
std::ostream& operator<<(std::ostream& out, const Network& network) { return out << network.name; }

class NpuExports : public ::testing::TestWithParam<Network> {};

TEST_P(NpuExports, AreRightAndFallBackForLookUpsAlone) {
  Registry registry;
  ASSERT_TRUE(registry.add(npu_driver()).ok());
  auto npu = registry.open("npu:edge-16x16");
  ASSERT_TRUE(npu.ok()) << npu.status().to_string();
  const Graph graph = GetParam().make(13);
  TensorMap inputs = random_inputs(graph);
  if (auto mask = inputs.find("attention_mask"); mask != inputs.end())
    for (int64_t i = 0; i < element_count(mask->second.shape); ++i)
      store_int(DType::kI64, mask->second.data.data(), i, i % kTokens < 4);
  SessionOptions options;
  options.device = *npu;
  options.fallback = open_device("cpu");
  auto report = verify(graph, options, open_device("ref"), inputs);
  ASSERT_TRUE(report.ok()) << report.status().to_string();
  EXPECT_TRUE(report->ok);
  for (const NodeCheck& node : report->nodes)
    EXPECT_TRUE(node.ok) << node.name << " (" << node.op << "): " << node.worst_abs << " beyond " << node.bound;
  for (const OutputCheck& output : report->outputs) {
    EXPECT_TRUE(output.emulated);
    std::cout << output.name << ": " << output.worst_rel << " of the largest magnitude; bf16 emulation "
              << output.emulated_rel << "\n";
  }
  auto plan = make_plan(graph, options);
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  const std::set<std::string> allowed = {"Gather", "Cast"};  // embeddings; integers of a mask become floats
  for (const Node& node : plan->graph.nodes) {
    if (node.why.empty()) continue;
    std::cout << node.name << " on " << node.device << ": " << node.why << "\n";
    EXPECT_TRUE(allowed.contains(node.type)) << node.name << ": " << node.why;
  }
}

INSTANTIATE_TEST_SUITE_P(Opset13, NpuExports,
                         ::testing::Values(Network{"bert", bert}, Network{"gpt2", gpt2},
                                           Network{"vision_transformer", vision_transformer}, Network{"swin", swin},
                                           Network{"shuffle_net", shuffle_net}, Network{"efficient_net", efficient_net},
                                           Network{"diffusion_block", diffusion_block}),
                         [](const auto& network) { return std::string(network.param.name); });

}  // namespace
}  // namespace systole::graph::testing
