// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// How weights of matrix products are stored: quantized by the plan, or given as integers by the model.
#include "graph/constants.h"
#include "tests/graph_plan/support.h"

namespace systole::graph::testing {
namespace {

struct Mlp : Maker {
  ValueId product(ValueId x, ValueId w, bool transposed = false) {
    Shape shape = graph.at(x).shape;
    shape.back() = graph.at(w).shape[transposed ? 0 : 1];
    return op("MatMul", Matmul{false, transposed, {}}, {x, w}, shape);
  }
};

// x [3,24] through [24,32], ReLU and a transposed [16,32].
Graph mlp(bool withheld = false) {
  Mlp m;
  const auto weights = [&](const char* name, Shape shape) {
    return withheld ? m.graph.add_value(make_withheld_constant(name, DType::kF32, std::move(shape)).value())
                    : m.constant(name, std::move(shape), 0.2f);
  };
  const ValueId hidden = m.relu(m.product(m.input("x", {3, 24}), weights("w1", {24, 32})));
  m.graph.outputs = {m.product(hidden, weights("w2", {16, 32}), true)};
  return m.graph;
}

TensorMap inputs_of(const Graph& graph) {
  Maker maker;
  maker.graph = graph;
  return maker.inputs();
}

SessionOptions options(WeightType weights, std::shared_ptr<Device> device = open_device("ref")) {
  SessionOptions made;
  made.device = std::move(device);
  made.weights = weights;
  return made;
}

const Node& matmul_of(const Plan& plan, size_t which) {
  for (const Node& node : plan.graph.nodes)
    if (node.op && std::holds_alternative<Matmul>(*node.op) && which-- == 0) return node;
  throw std::runtime_error("no such product");
}
const Value& weights_of(const Plan& plan, size_t which) { return plan.graph.at(matmul_of(plan, which).inputs[1]); }

std::string weight_lines(const Plan& plan) {
  std::string text;
  for (const std::string& line : plan.report.lines)
    if (line.starts_with("weights: ")) text += line + "\n";
  return text;
}

TEST(Weights, AreRoundedToNearestByColumn) {
  Mlp m;
  // Columns: {1, 0.25, -0.7} and {-1, 4, 0.1}; a third of zeros.
  const ValueId w =
      m.graph.add_value(make_float_constant("w", {3, 3}, {1, -1, 0, 0.25f, 4, 0, -0.7f, 0.1f, 0}).value());
  m.graph.outputs = {m.product(m.input("x", {1, 3}), w)};
  const auto eight = make_plan(m.graph, options(WeightType::kInt8)),
             four = make_plan(m.graph, options(WeightType::kInt4));
  ASSERT_TRUE(eight.ok() && four.ok());
  EXPECT_EQ(weights_of(*eight, 0).dtype, DType::kI8);
  EXPECT_EQ(weights_of(*eight, 0).quant->scale, (std::vector<float>{1.0f / 127, 4.0f / 127, 1.0f}));
  EXPECT_EQ(constant_reals(weights_of(*eight, 0)), (std::vector<double>{127, -32, 0, 32, 127, 0, -89, 3, 0}));
  EXPECT_EQ(weights_of(*four, 0).dtype, DType::kI4);
  EXPECT_EQ(weights_of(*four, 0).quant->scale, (std::vector<float>{1.0f / 7, 4.0f / 7, 1.0f}));
  EXPECT_EQ(constant_reals(weights_of(*four, 0)), (std::vector<double>{7, -2, 0, 2, 7, 0, -5, 0, 0}));
  EXPECT_EQ(weight_lines(*eight), "weights: MatMul0 takes them as i8\n");
}

TEST(Weights, ANetworkStaysCloseToItsFloats) {
  const Graph graph = mlp();
  const TensorMap inputs = inputs_of(graph);
  const std::string name = graph.at(graph.outputs[0]).name;
  for (const char* uri : {"ref", "cpu"}) {
    const auto run = [&](WeightType weights) {
      return run_on(graph, options(weights, open_device(uri)), inputs).at(name);
    };
    const HostTensor floats = run(WeightType::kModel);
    // Half a step of 1/127 and of 1/7 of a column's greatest, over two layers.
    EXPECT_GT(relative_difference(run(WeightType::kInt8), floats), 1e-5) << uri;
    EXPECT_LT(relative_difference(run(WeightType::kInt8), floats), 0.02) << uri;
    EXPECT_GT(relative_difference(run(WeightType::kInt4), floats), 0.01) << uri;
    EXPECT_LT(relative_difference(run(WeightType::kInt4), floats), 0.3) << uri;
  }
}

TEST(Weights, FourBitsLieByColumnsWhateverTheModelHas) {
  const auto plan = make_plan(mlp(), options(WeightType::kInt4));
  ASSERT_TRUE(plan.ok());
  EXPECT_FALSE(std::get<Matmul>(*matmul_of(*plan, 1).op).transpose_b);
  EXPECT_EQ(weights_of(*plan, 1).shape, (Shape{32, 16}));
  EXPECT_EQ(weights_of(*plan, 1).quant->axis, 1);
  const auto eight = make_plan(mlp(), options(WeightType::kInt8));
  EXPECT_TRUE(std::get<Matmul>(*matmul_of(*eight, 1).op).transpose_b);
  EXPECT_EQ(weights_of(*eight, 1).quant->axis, 0);
}

TEST(Weights, WithheldOnesStayWithheld) {
  for (WeightType type : {WeightType::kInt8, WeightType::kInt4}) {
    const auto plan = make_plan(mlp(true), options(type));
    ASSERT_TRUE(plan.ok()) << plan.status().to_string();
    for (size_t which : {0, 1}) {
      EXPECT_TRUE(weights_of(*plan, which).withheld);
      EXPECT_EQ(weights_of(*plan, which).dtype, type == WeightType::kInt8 ? DType::kI8 : DType::kI4);
      EXPECT_EQ(weights_of(*plan, which).quant->scale.size(), which == 0 ? 32u : 16u);
    }
  }
}

// A table that is looked up and multiplied by too: the product gets integers of its own.
TEST(Weights, TablesThatAreLookedUpStay) {
  Mlp m;
  const ValueId table = m.constant("table", {10, 8});
  const ValueId rows =
      m.graph.add_value(make_constant("rows", DType::kI64, {2}, std::vector<int64_t>{3, 4}.data()).value());
  const ValueId looked_up = m.alias("Gather", {table, rows}, {2, 8});
  m.graph.outputs = {m.product(looked_up, table, true)};
  const auto plan = make_plan(m.graph, options(WeightType::kInt8));
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  EXPECT_EQ(weights_of(*plan, 0).dtype, DType::kI8);
  EXPECT_EQ(plan->graph.at(table).dtype, DType::kF32);
  EXPECT_EQ(plan->graph.nodes[0].inputs[0], table);
}

std::string no_four_bits(const OpDesc& op) {
  return has_integer_weights(op) && op.inputs[1].dtype == DType::kI4 ? "no four bits here" : "";
}

TEST(Weights, WhatTheDeviceRefusesKeepsItsFloats) {
  const auto picky = std::make_shared<PickyDevice>(no_four_bits);
  const auto plan = make_plan(mlp(), options(WeightType::kInt4, picky));
  ASSERT_TRUE(plan.ok());
  for (size_t which : {0, 1}) EXPECT_EQ(weights_of(*plan, which).dtype, DType::kF32);
  EXPECT_EQ(weight_lines(*plan),
            "weights: MatMul0 keeps its floats: no four bits here\nweights: MatMul2 keeps its floats: no four bits "
            "here\n");
}

// A model's own integers, as the plan before has made them.
TEST(Weights, OfTheModelAreDequantizedWhereRefused) {
  for (bool withheld : {false, true}) {
    auto given = make_plan(mlp(withheld), options(WeightType::kInt4));
    ASSERT_TRUE(given.ok());
    const Graph graph = given->graph;
    const auto as_is = make_plan(graph, options(WeightType::kModel));
    EXPECT_EQ(weights_of(*as_is, 0).dtype, DType::kI4);
    EXPECT_EQ(weight_lines(*as_is), "");
    const auto plan = make_plan(graph, options(WeightType::kModel, std::make_shared<PickyDevice>(no_four_bits)));
    ASSERT_TRUE(plan.ok());
    const Value &floats = weights_of(*plan, 1), &integers = weights_of(*as_is, 1);
    EXPECT_EQ(floats.dtype, DType::kF32);
    EXPECT_EQ(floats.withheld, withheld);
    EXPECT_NE(weight_lines(*plan).find("MatMul2 takes them dequantized: no four bits here"), std::string::npos);
    if (withheld) continue;
    const auto stored = constant_reals(integers), reals = constant_reals(floats);
    for (size_t i = 0; i < reals.size(); ++i)
      EXPECT_EQ(reals[i], static_cast<float>(stored[i]) * integers.quant->scale[i % 16]) << i;
  }
}

TEST(Weights, AreDequantizedOnceForAllThatReadThem) {
  Mlp m;
  const ValueId w = m.constant("w", {24, 32});
  m.graph.outputs = {m.product(m.input("a", {3, 24}), w), m.product(m.input("b", {5, 24}), w)};
  const auto given = make_plan(m.graph, options(WeightType::kInt8));
  ASSERT_TRUE(given.ok());
  const auto refuse = [](const OpDesc& op) { return has_integer_weights(op) ? "floats only" : std::string(); };
  const auto plan = make_plan(given->graph, options(WeightType::kModel, std::make_shared<PickyDevice>(refuse)));
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  EXPECT_EQ(weights_of(*plan, 0).dtype, DType::kF32);
  EXPECT_EQ(matmul_of(*plan, 0).inputs[1], matmul_of(*plan, 1).inputs[1]);
  const auto all = [](const OpDesc& op) { return std::holds_alternative<Matmul>(op.op) ? "no products" : ""; };
  const auto kept = make_plan(given->graph, options(WeightType::kModel, std::make_shared<PickyDevice>(all)));
  EXPECT_EQ(kept.status().code(), Code::kUnsupported);
}

TEST(Weights, TypesByName) {
  EXPECT_EQ(parse_weight_type("int4").value(), WeightType::kInt4);
  EXPECT_EQ(parse_weight_type("int2").status().message(), "weights: expected model, int8 or int4, got 'int2'");
}

}  // namespace
}  // namespace systole::graph::testing
