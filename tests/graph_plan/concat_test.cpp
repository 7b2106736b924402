// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/graph_plan/support.h"

namespace systole::graph::testing {
namespace {

// Dense block: every layer reads all before it.
Graph dense_block(Maker& maker, int layers) {
  const ValueId x = maker.input("x", {1, 4, 5, 5});
  ValueId all = maker.conv(x, 6, 1);
  for (int i = 0; i < layers; ++i) all = maker.concat({all, maker.relu(maker.conv(all, 3, 3))});
  maker.graph.outputs = {maker.conv(all, 2, 1)};
  return maker.graph;
}

// What the graph computes without any of this project's planning: concatenation by hand.
TEST(Concat, ProducersWriteInPlace) {
  Maker maker;
  const Graph graph = dense_block(maker, 3);
  const auto ref = open_device("ref");
  auto plan = make_plan(graph, {ref, nullptr, Precision::kKeep});
  ASSERT_TRUE(plan.ok());
  int copies = 0;
  for (const Node& node : plan->graph.nodes) copies += node.op && std::holds_alternative<Copy>(*node.op);
  EXPECT_EQ(copies, 2);  // input and output to and from channels-last; none for a concat
  for (const Node& node : plan->graph.nodes) {
    if (node.type != "Concat") continue;
    for (ValueId id : node.inputs)
      EXPECT_EQ(plan->storage[static_cast<size_t>(id)].root, plan->storage[static_cast<size_t>(node.outputs[0])].root);
  }
}

TEST(Concat, StridesThatTheDeviceRefusesAreCopied) {
  Maker maker;
  const Graph graph = dense_block(maker, 3);
  const auto dense_only = [](const OpDesc& op) -> std::string {
    if (std::holds_alternative<Copy>(op.op)) return "";
    for (const auto* descs : {&op.inputs, &op.outputs})
      for (const TensorDesc& desc : *descs)
        if (desc.span_bytes() != desc.elements() * byte_size(desc.dtype)) return "gaps between pixels";
    return "";
  };
  const auto ref = open_device("ref");
  const TensorMap inputs = maker.inputs();
  RunReport report;
  const TensorMap want = run_on(graph, {ref, nullptr, Precision::kKeep}, inputs);
  const TensorMap got =
      run_on(graph, {std::make_shared<PickyDevice>(dense_only), nullptr, Precision::kKeep}, inputs, &report);
  EXPECT_EQ(relative_difference(got.begin()->second, want.begin()->second), 0.0);
  int copies = 0;
  for (const NodeReport& node : report.nodes) copies += node.op == "copy";
  EXPECT_EQ(copies, 2 + 6);
}

TEST(Concat, ValuesAreRightForConstantsInputsAndRepeats) {
  Maker maker;
  const ValueId x = maker.input("x", {1, 2, 3, 3});
  const ValueId c = maker.constant("c", {1, 2, 3, 3}), r = maker.relu(x);
  const ValueId joined = maker.concat({x, r, c, r});
  maker.graph.outputs = {joined};
  const TensorMap inputs = maker.inputs();
  const TensorMap got = run_on(maker.graph, {open_device("ref"), nullptr, Precision::kKeep}, inputs);
  const HostTensor& out = got.begin()->second;
  ASSERT_EQ(out.shape, (Shape{1, 8, 3, 3}));
  const auto constant = constant_floats(maker.graph.at(c)).value();
  const float* in = inputs.at("x").f32();
  for (int i = 0; i < 18; ++i) {
    EXPECT_EQ(out.f32()[i], in[i]);
    EXPECT_EQ(out.f32()[18 + i], std::max(in[i], 0.0f));
    EXPECT_EQ(out.f32()[36 + i], constant[static_cast<size_t>(i)]);
    EXPECT_EQ(out.f32()[54 + i], std::max(in[i], 0.0f));
  }
}

TEST(Concat, PadFillsAndKeepsTheInside) {
  Maker maker;
  const ValueId x = maker.input("x", {1, 2, 3, 3});
  const ValueId y = maker.alias("Pad", {x}, {1, 2, 5, 4});
  maker.graph.nodes.back().attributes["pads"] = std::vector<int64_t>{0, 0, 1, 0, 0, 0, 1, 1};
  maker.graph.nodes.back().attributes["value"] = -3.0f;
  maker.graph.outputs = {y};
  const TensorMap inputs = maker.inputs();
  const TensorMap got = run_on(maker.graph, {open_device("ref"), nullptr, Precision::kKeep}, inputs);
  for (int c = 0; c < 2; ++c)
    for (int h = 0; h < 5; ++h)
      for (int w = 0; w < 4; ++w) {
        const bool inside = h >= 1 && h < 4 && w < 3;
        const float want = inside ? inputs.at("x").f32()[(c * 3 + h - 1) * 3 + w] : -3.0f;
        EXPECT_EQ(got.begin()->second.f32()[(c * 5 + h) * 4 + w], want);
      }
}

TEST(Concat, FlattenOfAnImageIsInChannelOrder) {
  Maker maker;
  const ValueId x = maker.input("x", {1, 2, 3, 3});
  Pool pool{PoolKind::kMax, 1, 1};
  const ValueId image = maker.op("MaxPool", pool, {x}, {1, 2, 3, 3});
  maker.graph.outputs = {maker.alias("Reshape", {image}, {1, 18})};
  const TensorMap inputs = maker.inputs();
  const TensorMap got = run_on(maker.graph, {open_device("ref"), nullptr, Precision::kKeep}, inputs);
  for (int i = 0; i < 18; ++i) EXPECT_EQ(got.begin()->second.f32()[i], inputs.at("x").f32()[i]);
}

}  // namespace
}  // namespace systole::graph::testing
