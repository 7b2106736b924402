// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/graph_import/import_test.h"

namespace systole::graph {
namespace {

std::string joined_lines(const PassReport& report) {
  std::string text;
  for (const std::string& line : report.lines) text += line + "\n";
  return text;
}

struct QuantizedBuilder : Builder {
  ValueId scale(const std::string& name, double value) { return constant(name, {}, {value}); }
  ValueId quantize(const std::string& name, ValueId x, double s, double z) {
    return node("QuantizeLinear", name, {x, scale(name + "_s", s), constant(name + "_z", {}, {z}, DType::kU8)});
  }
  ValueId dequantize(const std::string& name, ValueId x, double s, double z) {
    return node("DequantizeLinear", name, {x, scale(name + "_s", s), constant(name + "_z", {}, {z}, DType::kU8)});
  }
  ValueId weight(const std::string& name, Shape shape, std::vector<double> scales) {
    size_t count = static_cast<size_t>(element_count(shape)), channels = scales.size();
    ValueId stored = constant(name, shape, std::vector<double>(count, 3), DType::kI8);
    ValueId s = constant(name + "_s", {static_cast<int64_t>(channels)}, scales);
    ValueId z = constant(name + "_z", {static_cast<int64_t>(channels)}, std::vector<double>(channels, 0), DType::kI8);
    return node("DequantizeLinear", name + "_dq", {stored, s, z}, {{"axis", int64_t{0}}});
  }
};

TEST(Qdq, ConvolutionWithBiasAndActivationBecomesInteger) {
  QuantizedBuilder b;
  ValueId x = b.dequantize("dx", b.input("x", {1, 1, 4, 4}, DType::kU8), 0.5, 128);
  ValueId bias = b.constant("bias", {2}, {1.0, -0.3});
  ValueId conv = b.node("Conv", "conv", {x, b.weight("w", {2, 1, 3, 3}, {0.25, 0.125}), bias});
  ValueId q = b.quantize("q", b.node("Relu", "relu", {conv}), 0.1, 5);
  PassReport report;
  auto graph = b.import(b.dequantize("dy", q, 0.1, 5), &report);
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  ASSERT_EQ(graph->nodes.size(), 2u);
  const Node& node = graph->nodes[0];
  ASSERT_TRUE(node.op && std::holds_alternative<Conv2d>(*node.op));
  EXPECT_EQ(std::get<Conv2d>(*node.op).epilogue.activation, Activation::kRelu);
  EXPECT_EQ(node.fused, (std::vector<std::string>{"relu", "q"}));
  const Value& w = graph->at(node.inputs[1]);
  EXPECT_EQ(w.dtype, DType::kI8);
  EXPECT_EQ(w.quant->axis, 0);
  EXPECT_EQ(w.quant->scale, (std::vector<float>{0.25f, 0.125f}));
  EXPECT_EQ(graph->at(node.inputs[0]).quant->zero_point, std::vector<int32_t>{128});
  const Value& stored = graph->at(node.inputs[2]);
  EXPECT_EQ(stored.dtype, DType::kI32);
  EXPECT_EQ(constant_reals(stored), (std::vector<double>{8, -5}));  // 1/0.125, round(-0.3/0.0625)
  EXPECT_EQ(graph->at(node.outputs[0]).quant->zero_point, std::vector<int32_t>{5});
  EXPECT_TRUE(std::holds_alternative<Cast>(*graph->nodes[1].op));
  ASSERT_FALSE(report.lines.empty());
  EXPECT_NE(report.lines[0].find("'conv'"), std::string::npos);
}

TEST(Qdq, AddAndPoolsAndViews) {
  QuantizedBuilder b;
  ValueId x = b.input("x", {1, 2, 4, 4}, DType::kU8);
  ValueId sum = b.node("Add", "add", {b.dequantize("d1", x, 0.5, 1), b.dequantize("d2", x, 0.5, 1)});
  ValueId q1 = b.quantize("q1", sum, 0.7, 2);
  ValueId max = b.node("MaxPool", "max", {b.dequantize("d3", q1, 0.7, 2)}, {{"kernel_shape", Ints{2, 2}}});
  ValueId q2 = b.quantize("q2", max, 0.7, 2);
  ValueId mean = b.node("GlobalAveragePool", "gap", {b.dequantize("d4", q2, 0.7, 2)});
  ValueId q3 = b.quantize("q3", mean, 0.2, 0);
  ValueId flat = b.node("Flatten", "flat", {b.dequantize("d5", q3, 0.2, 0)});
  auto graph = b.import(b.quantize("q4", flat, 0.2, 0));
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  ASSERT_EQ(graph->nodes.size(), 4u);
  for (const char* name : {"add", "max", "gap", "flat"}) {
    const Node* node = find_node(*graph, name);
    ASSERT_NE(node, nullptr) << name;
    EXPECT_EQ(graph->at(node->outputs[0]).dtype, DType::kU8) << name;
  }
}

TEST(Qdq, UnequalQuantizationStaysFloatAndIsReported) {
  QuantizedBuilder b;
  ValueId x = b.dequantize("dx", b.input("x", {1, 1, 4, 4}, DType::kU8), 0.5, 0);
  ValueId max = b.node("MaxPool", "max", {x}, {{"kernel_shape", Ints{2, 2}}});
  PassReport report;
  auto graph = b.import(b.quantize("q", max, 0.25, 0), &report);
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  EXPECT_EQ(graph->nodes.size(), 3u);
  ASSERT_EQ(report.lines.size(), 1u);
  EXPECT_NE(report.lines[0].find("MaxPool 'max' stays float"), std::string::npos) << report.lines[0];
}

TEST(Qdq, WeightWithoutIntegerPatternIsDequantizedAtImport) {
  QuantizedBuilder b;
  ValueId x = b.input("x", {1, 1, 4, 4});
  auto graph = b.import(b.node("Conv", "conv", {x, b.weight("w", {2, 1, 3, 3}, {0.5, 1.0})}));
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  ASSERT_EQ(graph->nodes.size(), 1u);
  const Value& w = graph->at(graph->nodes[0].inputs[1]);
  EXPECT_EQ(w.dtype, DType::kF32);
  EXPECT_EQ(constant_reals(w)[0], 1.5);
  EXPECT_EQ(constant_reals(w)[9], 3.0);
}

TEST(Qdq, QLinearOperators) {
  QuantizedBuilder b;
  ValueId x = b.input("x", {1, 1, 3, 3}, DType::kU8);
  ValueId zx = b.constant("zx", {}, {7}, DType::kU8), zw = b.constant("zw", {}, {0}, DType::kI8);
  ValueId w = b.constant("w", {2, 1, 1, 1}, {1, 2}, DType::kI8);
  ValueId y = b.node("QLinearConv", "conv",
                     {x, b.scale("sx", 0.5), zx, w, b.scale("sw", 2), zw, b.scale("sy", 0.1), zx,
                      b.constant("bias", {2}, {10, 20}, DType::kI32)});
  auto graph = b.import(y);
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  ASSERT_EQ(graph->nodes.size(), 1u);
  EXPECT_EQ(graph->nodes[0].inputs.size(), 3u);
  EXPECT_EQ(graph->at(graph->outputs[0]).quant->scale, std::vector<float>{0.1f});
  QuantizedBuilder c;
  x = c.input("x", {2, 3}, DType::kU8);
  y = c.node(
      "MatMulInteger", "mm",
      {x, c.constant("w", {3, 2}, std::vector<double>(6, 1), DType::kI8), c.constant("zx", {}, {7}, DType::kU8)});
  graph = c.import(y);
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  EXPECT_EQ(graph->at(graph->outputs[0]).dtype, DType::kI32);
  EXPECT_EQ(graph->at(graph->inputs[0]).quant->zero_point, std::vector<int32_t>{7});
}

// DequantizeLinear of a constant of the type, with a scale a column, ahead of a product.
ValueId dequantized_weights(Builder& b, DType type, int64_t axis, double zero = 0) {
  const Shape shape = axis == 0 ? Shape{3, 5} : Shape{5, 3};
  std::vector<double> numbers;
  for (int i = 0; i < 15; ++i) numbers.push_back(i % 2 ? i % 8 : -(i % 9));
  return b.node("DequantizeLinear", "dq",
                {b.constant("w", shape, numbers, type), b.constant("s", {3}, {0.5, 2, 1}),
                 b.constant("z", {3}, std::vector<double>(3, zero), type)},
                {{"axis", axis}});
}

TEST(Qdq, DequantizedWeightsOfAFloatProductStayIntegers) {
  for (DType type : {DType::kI8, DType::kI4}) {
    Builder b(21);
    PassReport report;
    auto graph =
        b.import(b.node("MatMul", "product", {b.input("x", {2, 5}), dequantized_weights(b, type, 1)}), &report);
    ASSERT_TRUE(graph.ok()) << graph.status().to_string();
    ASSERT_EQ(graph->nodes.size(), 1u);
    const Value& w = graph->at(graph->nodes[0].inputs[1]);
    EXPECT_EQ(w.dtype, type);
    EXPECT_EQ(w.quant->axis, 1);
    EXPECT_EQ(w.quant->scale, (std::vector<float>{0.5f, 2.0f, 1.0f}));
    EXPECT_EQ(constant_reals(w)[3], 3.0);
    EXPECT_EQ(constant_reals(w)[8], -8.0);
    EXPECT_EQ(report.lines.back(),
              std::string("MatMul 'product' takes ") + dtype_name(type) + " weights, without 'dq'");
  }
  Builder b(21);
  auto graph = b.import(b.node("Gemm", "product", {b.input("x", {2, 5}), dequantized_weights(b, DType::kI4, 0)},
                               {{"transB", int64_t{1}}}));
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  EXPECT_EQ(graph->at(graph->nodes[0].inputs[1]).dtype, DType::kI4);
}

// Rows of five elements, then of three: each begins on a byte of its own.
TEST(Qdq, FourBitWeightsMayBeReshaped) {
  std::vector<double> numbers;
  for (int i = 0; i < 15; ++i) numbers.push_back(i - 8);
  for (const Shape& shape : {Shape{5, 3}, Shape{15, 1}, Shape{1, 15}}) {
    Builder b(21);
    const ValueId w =
        b.node("Reshape", "r",
               {b.constant("w", {3, 5}, numbers, DType::kI4),
                b.constant("to", {2}, {static_cast<double>(shape[0]), static_cast<double>(shape[1])}, DType::kI64)});
    const ValueId scaled = b.node("DequantizeLinear", "dq", {w, b.constant("s", {}, {0.5})});
    auto graph = b.import(b.node("MatMul", "product", {b.input("x", {2, shape[0]}), scaled}));
    ASSERT_TRUE(graph.ok()) << graph.status().to_string();
    const Value& stored = graph->at(graph->nodes[0].inputs[1]);
    EXPECT_EQ(stored.dtype, DType::kI4);
    EXPECT_EQ(stored.shape, shape);
    EXPECT_EQ(constant_reals(stored), numbers);
  }
}

class QdqFiles : public ImportTest {};

// Rows of five elements: whole bytes in memory, one after the other in the file.
TEST_F(QdqFiles, FourBitWeightsAreReadFromAModel) {
  Builder b(21);
  b.graph.outputs = {b.node("Gemm", "product", {b.input("x", {2, 5}), dequantized_weights(b, DType::kI4, 0)},
                            {{"transB", int64_t{1}}})};
  b.graph.at(b.graph.outputs[0]).shape = {2, 3}, b.graph.at(b.graph.outputs[0]).shape_known = true;
  ASSERT_TRUE(write_onnx(b.graph, file("four.onnx")).ok());
  const auto graph = import_model(file("four.onnx"));
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  const Value& w = graph->at(graph->nodes[0].inputs[1]);
  EXPECT_EQ(w.dtype, DType::kI4);
  EXPECT_EQ(w.data->size(), 9);
  EXPECT_EQ(constant_ints(w), (Ints{0, 1, -2, 3, -4, 5, -6, 7, -8, 1, -1, 3, -3, 5, -5}));
}

TEST(Qdq, WeightsThatAProductCannotScaleAreDequantized) {
  const struct {
    int64_t axis;
    DType type;
    double zero;
    const char* why;
  } cases[] = {{1, DType::kI4, 2, "a zero point that is not 0"}, {1, DType::kU4, 0, "weights of u4"}};
  for (const auto& test : cases) {
    Builder b(21);
    PassReport report;
    ValueId w = dequantized_weights(b, test.type, test.axis, test.zero);
    auto graph = b.import(b.node("MatMul", "product", {b.input("x", {2, 5}), w}), &report);
    ASSERT_TRUE(graph.ok()) << graph.status().to_string();
    const Value& floats = graph->at(graph->nodes[0].inputs[1]);
    EXPECT_EQ(floats.dtype, DType::kF32);
    const double stored = test.type == DType::kU4 ? 8 : -8;  // the ninth element: column 2, of scale 1
    EXPECT_EQ(constant_reals(floats)[8], stored - test.zero);
    EXPECT_NE(joined_lines(report).find(test.why), std::string::npos) << joined_lines(report);
  }
  Builder b(21);
  PassReport report;
  ASSERT_TRUE(
      b.import(b.node("Gemm", "g", {b.input("x", {2, 3}), dequantized_weights(b, DType::kI8, 0)}), &report).ok());
  EXPECT_NE(joined_lines(report).find("scales along axis 0 instead of columns"), std::string::npos);
}

TEST(Qdq, BlocksOfScalesAreUnsupported) {
  Builder b(21);
  ValueId w = b.node("DequantizeLinear", "dq",
                     {b.constant("w", {4, 3}, std::vector<double>(12, 1), DType::kI4),
                      b.constant("s", {2, 3}, std::vector<double>(6, 0.5))},
                     {{"axis", int64_t{0}}, {"block_size", int64_t{2}}});
  auto graph = b.import(b.node("MatMul", "product", {b.input("x", {2, 4}), w}));
  EXPECT_EQ(graph.status().code(), Code::kUnsupported);
  EXPECT_NE(graph.status().message().find("block_size"), std::string::npos) << graph.status().to_string();
}

}  // namespace
}  // namespace systole::graph
