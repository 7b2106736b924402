// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/graph_plan/support.h"

namespace systole::graph::testing {
namespace {

Graph small_net(Maker& maker) {
  ValueId x = maker.input("x", {1, 3, 8, 8});
  x = maker.relu(maker.norm(maker.conv(x, 8, 3)));
  Pool pool{PoolKind::kMax, 2, 2, 2, 2};
  x = maker.op("MaxPool", pool, {x}, {1, 8, 4, 4});
  x = maker.relu(maker.conv(x, 8, 3, true));
  x = maker.alias("Reshape", {x}, {1, 128});
  Matmul matmul;
  x = maker.op("Gemm", matmul, {x, maker.constant("fc", {128, 10}, 0.1f)}, {1, 10});
  maker.graph.outputs = {x};
  return maker.graph;
}

std::string no_pool(const OpDesc& op) { return std::holds_alternative<Pool>(op.op) ? "no pooling engine" : ""; }

TEST(Placement, FallbackIsNamedWithItsReason) {
  Maker maker;
  const Graph graph = small_net(maker);
  const auto ref = open_device("ref");
  const auto picky = std::make_shared<PickyDevice>(no_pool);
  const TensorMap inputs = maker.inputs();
  RunReport report;
  const TensorMap got = run_on(graph, {picky, ref, Precision::kKeep}, inputs, &report);
  const TensorMap want = run_on(graph, {ref, nullptr, Precision::kKeep}, inputs);
  EXPECT_EQ(relative_difference(got.begin()->second, want.begin()->second), 0.0);
  int fallbacks = 0, moves = 0;
  for (const NodeReport& node : report.nodes) {
    if (node.op == "move") ++moves;
    if (node.device != "ref") continue;
    ++fallbacks;
    EXPECT_EQ(node.op, "pool");
    EXPECT_EQ(node.why, "no pooling engine");
  }
  EXPECT_EQ(fallbacks, 1);
  EXPECT_EQ(moves, 4);  // in, to the pool, back, out
  EXPECT_EQ(count_lines(PassReport{report.passes}, "placement"), 1);
  EXPECT_EQ(count_lines(PassReport{report.passes}, "copy"), 4);
}

TEST(Placement, WithoutFallbackEveryRefusedOpIsNamed) {
  Maker maker;
  const Graph graph = small_net(maker);
  const auto refuse = [](const OpDesc& op) -> std::string {
    return std::holds_alternative<Conv2d>(op.op) ? "no array" : no_pool(op);
  };
  const auto session = compile(graph, {std::make_shared<PickyDevice>(refuse), nullptr, Precision::kKeep});
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.status().code(), Code::kUnsupported);
  for (const char* part : {"Conv0", "no array", "MaxPool4", "no pooling engine", "Conv5"})
    EXPECT_NE(session.status().message().find(part), std::string::npos) << part << " in " << session.status().message();
}

TEST(Placement, MemoryBeyondTheDeviceIsRefusedWithBothNumbers) {
  Maker maker;
  const Graph graph = small_net(maker);
  const auto picky = std::make_shared<PickyDevice>([](const OpDesc&) { return std::string(); }, 1000);
  const auto session = compile(graph, {picky, nullptr, Precision::kKeep});
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.status().code(), Code::kOutOfMemory);
  EXPECT_NE(session.status().message().find("1000"), std::string::npos);
  EXPECT_NE(session.status().message().find("needs"), std::string::npos);
}

TEST(Placement, PrecisionInsertsCastsAndKeepsTheBiasWide) {
  Maker maker;
  const Graph graph = small_net(maker);
  const auto picky = std::make_shared<PickyDevice>(no_f32);
  const auto plan = make_plan(graph, {picky, nullptr, Precision::kNative});
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  int casts = 0, convs = 0;
  for (const Node& node : plan->graph.nodes) {
    if (!node.op) continue;
    casts += std::holds_alternative<Cast>(*node.op);
    if (!std::holds_alternative<Conv2d>(*node.op)) continue;
    ++convs;
    EXPECT_EQ(plan->graph.at(node.inputs[0]).dtype, DType::kBF16);
    EXPECT_EQ(plan->graph.at(node.inputs[1]).dtype, DType::kBF16);
    EXPECT_EQ(plan->graph.at(node.inputs[2]).dtype, DType::kF32);
    EXPECT_EQ(plan->graph.at(node.outputs[0]).dtype, DType::kBF16);
    EXPECT_TRUE(desc_of(*plan, node.outputs[0]).is_channels_last());
  }
  EXPECT_EQ(casts, 2);
  EXPECT_EQ(convs, 2);
  EXPECT_EQ(plan->graph.at(plan->graph.outputs[0]).dtype, DType::kF32);
  EXPECT_EQ(plan->graph.at(plan->graph.outputs[0]).name, graph.at(graph.outputs[0]).name);
}

// A device that has all types computes in the one that is asked for, and what is not asked for stays.
TEST(Placement, AnAskedPrecisionTakesEveryOpThatTheDeviceHasInIt) {
  Maker maker;
  const Graph graph = small_net(maker);
  for (const auto& [precision, type] : {std::pair{Precision::kF16, DType::kF16},
                                        {Precision::kBf16, DType::kBF16},
                                        {Precision::kNative, DType::kF32},
                                        {Precision::kKeep, DType::kF32}}) {
    const auto plan = make_plan(graph, {open_device("cpu"), nullptr, precision});
    ASSERT_TRUE(plan.ok()) << plan.status().to_string();
    int casts = 0, convs = 0;
    for (const Node& node : plan->graph.nodes) {
      casts += node.op && std::holds_alternative<Cast>(*node.op);
      if (!node.op || !std::holds_alternative<Conv2d>(*node.op)) continue;
      ++convs;
      EXPECT_EQ(plan->graph.at(node.inputs[1]).dtype, type);
      EXPECT_EQ(plan->graph.at(node.inputs[2]).dtype, DType::kF32);
      EXPECT_EQ(plan->graph.at(node.outputs[0]).dtype, type);
    }
    EXPECT_EQ(casts, type == DType::kF32 ? 0 : 2);
    EXPECT_EQ(convs, 2);
  }
}

TEST(Placement, NeighboursOfBf16OpsFollow) {
  Maker maker;
  const Graph graph = small_net(maker);
  const auto no_f32_products = [](const OpDesc& op) -> std::string {
    const bool product = std::holds_alternative<Conv2d>(op.op) || std::holds_alternative<Matmul>(op.op);
    return product ? no_f32(op) : "";
  };
  const auto plan = make_plan(graph, {std::make_shared<PickyDevice>(no_f32_products), nullptr, Precision::kNative});
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  int casts = 0;
  for (const Node& node : plan->graph.nodes) {
    casts += node.op && std::holds_alternative<Cast>(*node.op);
    if (!node.op || !std::holds_alternative<Pool>(*node.op)) continue;
    EXPECT_EQ(plan->graph.at(node.outputs[0]).dtype, DType::kBF16);
  }
  EXPECT_EQ(casts, 2);
}

TEST(Placement, OnlyValuesOfOneListAreTransient) {
  Maker maker;
  const Graph graph = small_net(maker);
  const auto whole = compile(graph, {open_device("ref"), nullptr, Precision::kKeep});
  const auto cut = compile(graph, {std::make_shared<PickyDevice>(no_pool), open_device("ref"), Precision::kKeep});
  ASSERT_TRUE(whole.ok() && cut.ok());
  const auto transient = [](const RunReport& report) {
    int count = 0;
    for (const ArenaReport& arena : report.arenas) count += arena.transient;
    return count;
  };
  EXPECT_GT(transient((*whole)->prospect()), transient((*cut)->prospect()));
  for (const ArenaReport& arena : (*whole)->prospect().arenas) EXPECT_LE(arena.peak_bytes, arena.sum_bytes);
}

TEST(Session, HostOpsRunBetweenLists) {
  Maker maker;
  const ValueId x = maker.input("x", {1, 5, 3, 3});
  Pool pool{PoolKind::kMax, 1, 1};
  const ValueId image = maker.op("MaxPool", pool, {x}, {1, 5, 3, 3});
  const ValueId best = maker.alias("ArgMax", {image}, {1, 1, 3, 3});
  maker.graph.nodes.back().attributes["axis"] = int64_t{1};
  maker.graph.nodes.back().attributes["keepdims"] = int64_t{1};
  maker.graph.at(best).dtype = DType::kI64;
  maker.graph.outputs = {best};
  const TensorMap inputs = maker.inputs();
  RunReport report;
  const TensorMap got = run_on(maker.graph, {open_device("ref"), nullptr, Precision::kKeep}, inputs, &report);
  ASSERT_EQ(got.begin()->second.dtype, DType::kI64);
  const auto* indexes = reinterpret_cast<const int64_t*>(got.begin()->second.data.data());
  const float* in = inputs.at("x").f32();
  for (int p = 0; p < 9; ++p) {
    int want = 0;
    for (int c = 1; c < 5; ++c)
      if (in[c * 9 + p] > in[want * 9 + p]) want = c;
    EXPECT_EQ(indexes[p], want) << p;
  }
  EXPECT_EQ(report.nodes.back().device, "host");
  EXPECT_GT(report.measured_ns, 0.0);
  EXPECT_EQ(report.simulated_ns, 0.0);
}

TEST(Session, WrongInputsAreNamed) {
  Maker maker;
  const Graph graph = small_net(maker);
  auto session = compile(graph, {open_device("ref"), nullptr, Precision::kKeep});
  ASSERT_TRUE(session.ok());
  TensorMap outputs, none, wrong = maker.inputs(), unknown = maker.inputs();
  wrong["x"] = make_host_tensor(DType::kF32, {1, 3, 8, 9});
  unknown["y"] = wrong["x"];
  EXPECT_NE((*session)->run(none, outputs).message().find("'x'"), std::string::npos);
  EXPECT_NE((*session)->run(wrong, outputs).message().find("1x3x8x9"), std::string::npos);
  EXPECT_NE((*session)->run(unknown, outputs).message().find("'y'"), std::string::npos);
}

TEST(Session, RunsAgainWithNewInputs) {
  Maker maker;
  const Graph graph = small_net(maker);
  const auto ref = open_device("ref");
  auto session = compile(graph, {ref, nullptr, Precision::kKeep});
  ASSERT_TRUE(session.ok());
  const TensorMap first = maker.inputs(), second = maker.inputs();
  TensorMap a, b, again;
  ASSERT_TRUE((*session)->run(first, a).ok() && (*session)->run(second, b).ok() && (*session)->run(first, again).ok());
  EXPECT_GT(relative_difference(b.begin()->second, a.begin()->second), 1e-3);
  EXPECT_EQ(relative_difference(again.begin()->second, a.begin()->second), 0.0);
}

}  // namespace
}  // namespace systole::graph::testing
