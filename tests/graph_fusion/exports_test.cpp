// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/graph_fusion/exported_networks.h"

namespace systole::graph::testing {
namespace {

// The host looks up embeddings and does nothing else; every other node has an op or is a view.
void expect_only_look_ups(const Fused& fused, int look_ups) {
  int host = 0;
  for (const NodeReport& node : fused.report.nodes) {
    if (node.op != "host") continue;
    ++host;
    EXPECT_EQ(node.type, "Gather") << node.name;
  }
  EXPECT_EQ(host, look_ups);
}

class Exports : public ::testing::TestWithParam<int> {};

TEST_P(Exports, Bert) {
  const Graph graph = bert(GetParam());
  TensorMap inputs = random_inputs(graph);
  for (int64_t i = 0; i < 2 * kTokens; ++i)
    store_int(DType::kI64, inputs.at("attention_mask").data.data(), i, i % kTokens < 4);
  const Fused fused = expect_fused_equal(graph, inputs);
  expect_only_look_ups(fused, 1);  // token types and positions are constants
  EXPECT_EQ(fused.ops("attention"), 2);
  EXPECT_EQ(fused.ops("normalize"), 5);
  EXPECT_EQ(fused.ops("matmul"), 13);
  EXPECT_EQ(fused.ops("unary") + fused.ops("softmax") + fused.ops("reduce"), 0);
  EXPECT_LE(fused.ops("copy"), 1);  // the pooler's token
}

TEST_P(Exports, Gpt2) {
  const Graph graph = gpt2(GetParam());
  const Fused fused = expect_fused_equal(graph);
  expect_only_look_ups(fused, 1);
  EXPECT_EQ(fused.ops("attention"), 2);
  EXPECT_EQ(fused.ops("normalize"), 5);
  EXPECT_EQ(fused.ops("matmul"), 9);
  EXPECT_EQ(fused.ops("copy") + fused.ops("unary") + fused.ops("select") + fused.ops("softmax"), 0);
  EXPECT_EQ(fused.ops("binary"), 1);  // the positions; residual sums are in the products
}

TEST_P(Exports, VisionTransformer) {
  const Graph graph = vision_transformer(GetParam());
  const Fused fused = expect_fused_equal(graph);
  expect_only_look_ups(fused, 0);
  EXPECT_EQ(fused.ops("attention"), 2);
  EXPECT_EQ(fused.ops("normalize"), 5);
  EXPECT_EQ(fused.ops("unary") + fused.ops("softmax") + fused.ops("reduce"), 0);
}

TEST_P(Exports, Swin) {
  const Graph graph = swin(GetParam());
  const Fused fused = expect_fused_equal(graph);
  expect_only_look_ups(fused, 0);
  EXPECT_EQ(fused.ops("attention"), 2);
  EXPECT_EQ(fused.ops("normalize"), GetParam() >= 10 ? 5 : 4);
  EXPECT_EQ(fused.ops("unary") + fused.ops("softmax") + fused.ops("reduce"), 0);
}

TEST_P(Exports, ShuffleNet) {
  const Graph graph = shuffle_net(GetParam());
  const Fused fused = expect_fused_equal(graph);
  expect_only_look_ups(fused, 0);
  EXPECT_EQ(fused.ops("unary"), 0);
  EXPECT_EQ(fused.ops("conv2d"), 8);
}

TEST_P(Exports, EfficientNet) {
  const Graph graph = efficient_net(GetParam());
  const Fused fused = expect_fused_equal(graph);
  expect_only_look_ups(fused, 0);
  EXPECT_EQ(fused.ops("conv2d"), 7);
  EXPECT_EQ(fused.ops("unary"), 0);
  EXPECT_EQ(fused.ops("binary"), 1);  // the excitation's product
}

TEST_P(Exports, DiffusionBlock) {
  const Fused fused = expect_fused_equal(diffusion_block(GetParam()));
  expect_only_look_ups(fused, 0);
  EXPECT_EQ(fused.ops("attention"), 2);
  EXPECT_EQ(fused.ops("normalize"), 6);
  EXPECT_EQ(fused.ops("softmax") + fused.ops("reduce"), 0);
  EXPECT_EQ(fused.ops("copy"), 2);   // the graph's image in and out
  EXPECT_EQ(fused.ops("unary"), 2);  // of the time, which is an input, and of the gate, which is half of a product
}

INSTANTIATE_TEST_SUITE_P(Opsets, Exports, ::testing::Values(9, 11, 13, 17));

}  // namespace
}  // namespace systole::graph::testing
