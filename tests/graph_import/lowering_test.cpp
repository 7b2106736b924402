// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/graph_import/import_test.h"

namespace systole::graph {
namespace {

template <typename T>
const T* op_of(const Graph& graph, const std::string& name) {
  const Node* node = find_node(graph, name);
  return node && node->op ? std::get_if<T>(&*node->op) : nullptr;
}

Graph imported(Builder& b, ValueId output) {
  auto graph = b.import(output);
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  return graph.ok() ? *graph : Graph();
}

TEST(Lowering, ConvPadsFromAutoPad) {
  for (bool upper : {true, false}) {
    Builder b;
    ValueId x = b.input("x", {1, 2, 5, 6}), w = b.constant("w", {4, 1, 2, 2}, std::vector<double>(16, 1));
    ValueId y = b.node("Conv", "c", {x, w, b.constant("b", {4}, {1, 2, 3, 4})},
                       {{"auto_pad", std::string(upper ? "SAME_UPPER" : "SAME_LOWER")},
                        {"group", int64_t{2}},
                        {"strides", Ints{2, 2}}});
    Graph graph = imported(b, y);
    const auto* op = op_of<Conv2d>(graph, "c");
    ASSERT_NE(op, nullptr);
    EXPECT_EQ(graph.at(graph.outputs[0]).shape, (Shape{1, 4, 3, 3}));
    EXPECT_EQ(op->groups, 2);
    EXPECT_EQ(op->pad_top, upper ? 0 : 1);
    EXPECT_EQ(op->pad_bottom, upper ? 1 : 0);
    EXPECT_EQ(op->pad_left + op->pad_right, 0);
    EXPECT_TRUE(op->epilogue.bias);
  }
}

TEST(Lowering, OneDimensionalConvolutionIsRefused) {
  Builder b;
  ValueId x = b.input("x", {1, 1, 8}), w = b.constant("w", {1, 1, 3}, {1, 1, 1});
  expect_error(b.import(b.node("Conv", "c1d", {x, w})).status(), Code::kUnsupported, {"Conv 'c1d'", "rank 4"});
}

TEST(Lowering, CeilModeExtendsTheEnd) {
  Builder b;
  ValueId x = b.input("x", {1, 1, 6, 7});
  Graph graph = imported(b, b.node("MaxPool", "p", {x},
                                   {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"ceil_mode", int64_t{1}}}));
  const auto* op = op_of<Pool>(graph, "p");
  ASSERT_NE(op, nullptr);
  EXPECT_EQ(graph.at(graph.outputs[0]).shape, (Shape{1, 1, 3, 3}));
  EXPECT_EQ(op->pad_bottom, 1);
  EXPECT_EQ(op->pad_right, 0);
  Builder c;
  x = c.input("x", {1, 1, 6, 6});
  ValueId y = c.node("AveragePool", "p", {x},
                     {{"kernel_shape", Ints{3, 3}},
                      {"strides", Ints{2, 2}},
                      {"ceil_mode", int64_t{1}},
                      {"count_include_pad", int64_t{1}}});
  expect_error(c.import(y).status(), Code::kUnsupported, {"AveragePool 'p'", "count_include_pad"});
}

TEST(Lowering, BatchNormalizationIsScaleAndShift) {
  Builder b(9);
  ValueId x = b.input("x", {1, 2, 3, 3});
  ValueId y = b.node("BatchNormalization", "bn",
                     {x, b.constant("g", {2}, {2, 3}), b.constant("b", {2}, {1, 0}), b.constant("m", {2}, {5, 1}),
                      b.constant("v", {2}, {3, 8})},
                     {{"epsilon", 1.0f}});
  Graph graph = imported(b, y);
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(std::get<Binary>(*graph.nodes[0].op).kind, BinaryKind::kMul);
  EXPECT_EQ(std::get<Binary>(*graph.nodes[1].op).kind, BinaryKind::kAdd);
  EXPECT_EQ(std::get<std::string>(graph.nodes[0].attributes.at("batch_norm")), "bn");
  EXPECT_EQ(graph.at(graph.nodes[0].inputs[1]).shape, (Shape{1, 2, 1, 1}));
  EXPECT_EQ(constant_reals(graph.at(graph.nodes[0].inputs[1])), (std::vector<double>{1, 1}));
  EXPECT_EQ(constant_reals(graph.at(graph.nodes[1].inputs[1])), (std::vector<double>{-4, -1}));
}

TEST(Lowering, GemmBiasAndFactors) {
  Builder b;
  ValueId x = b.input("x", {2, 3}), w = b.constant("w", {4, 3}, std::vector<double>(12, 1));
  Graph graph = imported(
      b, b.node("Gemm", "g", {x, w, b.constant("c", {1, 4}, {1, 2, 3, 4})}, {{"transB", int64_t{1}}, {"beta", 2.0f}}));
  const auto* op = op_of<Matmul>(graph, "g");
  ASSERT_NE(op, nullptr);
  EXPECT_TRUE(op->transpose_b && op->epilogue.bias);
  EXPECT_EQ(constant_reals(graph.at(graph.nodes[0].inputs[2])), (std::vector<double>{2, 4, 6, 8}));
  Builder c;
  x = c.input("x", {2, 3}), w = c.constant("w", {3, 4}, std::vector<double>(12, 1));
  graph =
      imported(c, c.node("Gemm", "g", {x, w, c.constant("c", {2, 4}, std::vector<double>(8, 1))}, {{"alpha", 0.5f}}));
  ASSERT_EQ(graph.nodes.size(), 3u);
  EXPECT_FALSE(std::get<Matmul>(*graph.nodes[0].op).epilogue.bias);
  EXPECT_EQ(std::get<Binary>(*graph.nodes[2].op).kind, BinaryKind::kAdd);
}

TEST(Lowering, OldAndNewForms) {
  Builder old(9);
  ValueId x = old.input("x", {1, 2, 4, 4});
  ValueId clip = old.node("Clip", "clip", {x}, {{"min", 0.0f}, {"max", 6.0f}});
  ValueId cut = old.node("Slice", "slice", {clip}, {{"starts", Ints{1}}, {"ends", Ints{3}}, {"axes", Ints{2}}});
  ValueId one = old.node("Unsqueeze", "un", {cut}, {{"axes", Ints{0}}});
  ValueId sum = old.node("ReduceSum", "sum", {one}, {{"axes", Ints{-1}}, {"keepdims", int64_t{0}}});
  Graph a = imported(old, sum);
  Builder fresh(13);
  x = fresh.input("x", {1, 2, 4, 4});
  clip = fresh.node("Clip", "clip", {x, fresh.constant("lo", {}, {0}), fresh.constant("hi", {}, {6})});
  cut = fresh.node("Slice", "slice", {clip, fresh.ints("s", {1}), fresh.ints("e", {3}), fresh.ints("a", {2})});
  one = fresh.node("Unsqueeze", "un", {cut, fresh.ints("u", {0})});
  sum = fresh.node("ReduceSum", "sum", {one, fresh.ints("r", {-1})}, {{"keepdims", int64_t{0}}});
  Graph b = imported(fresh, sum);
  for (const Graph* graph : {&a, &b}) {
    EXPECT_EQ(graph->at(graph->outputs[0]).shape, (Shape{1, 1, 2, 2}));
    const auto* op = op_of<Unary>(*graph, "clip");
    ASSERT_NE(op, nullptr);
    EXPECT_EQ(op->beta, 6.0f);
    EXPECT_EQ(std::get<Ints>(find_node(*graph, "slice")->attributes.at("starts")), (Ints{0, 0, 1, 0}));
    ASSERT_NE(op_of<Reduce>(*graph, "sum/reduce"), nullptr);
    EXPECT_EQ(op_of<Reduce>(*graph, "sum/reduce")->axes, std::vector<int>{4});
  }
}

TEST(Lowering, SoftmaxBeforeAndAfterOpset13) {
  Builder old(9);
  Graph graph = imported(old, old.node("Softmax", "s", {old.input("x", {2, 3, 4})}));
  ASSERT_EQ(graph.nodes.size(), 3u);
  EXPECT_EQ(graph.at(graph.nodes[1].inputs[0]).shape, (Shape{2, 12}));
  Builder fresh(13);
  graph = imported(fresh, fresh.node("Softmax", "s", {fresh.input("x", {2, 3, 4})}));
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(op_of<Softmax>(graph, "s")->axis, 2);
  Builder pixel(9);  // trailing extents of 1: no reshaping
  graph = imported(pixel, pixel.node("Softmax", "s", {pixel.input("x", {1, 10, 1, 1})}));
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(op_of<Softmax>(graph, "s")->axis, 1);
}

TEST(Lowering, MovementTable) {
  Builder b;
  ValueId x = b.input("x", {2, 6});
  Node split;
  split.type = "Split", split.name = "split", split.inputs = {x}, split.attributes = {{"axis", int64_t{1}}};
  ValueId left = b.value("left"), right = b.value("right");
  split.outputs = {left, right};
  b.graph.nodes.push_back(split);
  ValueId turned = b.node("Transpose", "turn", {right});
  ValueId padded = b.node("Pad", "pad", {turned, b.ints("pads", {0, 1, 0, 0}), b.constant("v", {}, {9})});
  ValueId wide =
      b.node("Expand", "wide", {b.node("Reshape", "re", {left, b.ints("to", {1, 3, 2})}), b.ints("ex", {2, 3, 2})});
  ValueId flat = b.node("Reshape", "re2", {wide, b.ints("to2", {6, 2})});
  ValueId up = b.node("Slice", "cut", {padded, b.ints("st", {0}), b.ints("en", {2}), b.ints("ax", {1})});
  Graph graph = imported(b, b.node("Concat", "cat", {up, flat}, {{"axis", int64_t{0}}}));
  EXPECT_EQ(graph.at(graph.outputs[0]).shape, (Shape{9, 2}));
  EXPECT_EQ(std::get<Ints>(find_node(graph, "split/part1")->attributes.at("starts")), (Ints{0, 3}));
  EXPECT_EQ(std::get<Ints>(find_node(graph, "turn")->attributes.at("perm")), (Ints{1, 0}));
  EXPECT_EQ(std::get<float>(find_node(graph, "pad")->attributes.at("value")), 9.0f);
  EXPECT_TRUE(find_node(graph, "wide")->op.has_value());
  EXPECT_FALSE(find_node(graph, "cat")->op.has_value());
}

TEST(Lowering, NaryMatmulAndHostOps) {
  Builder b(13);
  ValueId x = b.input("x", {3}), w = b.constant("w", {3, 3}, std::vector<double>(9, 1));
  ValueId product = b.node("MatMul", "mm", {x, w});
  ValueId sum = b.node("Sum", "sum", {product, x, b.constant("one", {}, {1})});
  ValueId best = b.node("ArgMax", "best", {sum});
  Graph graph = imported(b, best);
  EXPECT_NE(op_of<Matmul>(graph, "mm"), nullptr);
  EXPECT_NE(op_of<Binary>(graph, "sum/partial1"), nullptr);
  EXPECT_NE(op_of<Binary>(graph, "sum"), nullptr);
  EXPECT_EQ(find_node(graph, "best")->type, "ArgMax");
  EXPECT_EQ(graph.at(graph.outputs[0]).dtype, DType::kI64);
}

TEST(Lowering, RefusalsAreNamed) {
  Builder b;
  ValueId x = b.input("x", {1, 1, 4, 4});
  Node pool;
  pool.type = "MaxPool", pool.name = "indexed", pool.inputs = {x}, pool.attributes = {{"kernel_shape", Ints{2, 2}}};
  pool.outputs = {b.value("y"), b.value("where")};
  b.graph.nodes.push_back(pool);
  expect_error(b.import(pool.outputs[1]).status(), Code::kUnsupported, {"MaxPool 'indexed'", "indices"});
  Builder c;
  ValueId y = c.node("Pad", "mirror", {c.input("x", {4}), c.ints("p", {1, 1})}, {{"mode", std::string("reflect")}});
  expect_error(c.import(y).status(), Code::kUnsupported, {"Pad 'mirror'", "reflect"});
}

}  // namespace
}  // namespace systole::graph
