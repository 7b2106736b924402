// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Small networks written as PyTorch's exporter writes them, dynamic shapes and all.
#include <numeric>

#include "tests/graph_fusion/exporter.h"

namespace systole::graph::testing {
namespace {

constexpr int64_t kFloat = 1, kBool = 9, kInt64 = 7;  // ONNX's numbers of types
constexpr int64_t kTokens = 6, kWidth = 12, kHeads = 3;

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

ValueId conv(Exporter& e, ValueId x, int64_t in, int64_t out, int64_t kernel, int64_t stride = 1, int64_t groups = 1) {
  const int64_t pad = kernel / 2;
  return e.op("Conv", {x, e.weights({out, in / groups, kernel, kernel}, 0.4), e.weights({out}, 0.1)},
              {{"pads", Ints{pad, pad, pad, pad}},
               {"strides", Ints{stride, stride}},
               {"group", groups},
               {"kernel_shape", Ints{kernel, kernel}}});
}

class Exports : public ::testing::TestWithParam<int> {};

// transformers.BertModel: heads by Shape and Concat, the mask from integers, token types from ConstantOfShape.
TEST_P(Exports, Bert) {
  Exporter e(GetParam());
  const ValueId ids = e.input("input_ids", {2, kTokens}, DType::kI64);
  const ValueId seen = e.input("attention_mask", {2, kTokens}, DType::kI64);
  ValueId mask = e.cast(e.unsqueeze(e.unsqueeze(seen, 1), 2), kFloat);
  mask = e.mul(e.op("Sub", {e.number(1), mask}), e.number(-10000));
  const ValueId length = e.extent(ids, 1);
  std::vector<double> numbers(16);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  const ValueId all = e.constant("position_ids", {1, 16}, numbers, DType::kI64);
  const ValueId positions =
      e.graph.opset < 10
          ? e.slice(all, 0, kTokens, 1)
          : e.op("Slice", {all, e.integers({0}), e.unsqueeze(length, 0), e.integers({1}), e.integers({1})});
  const ValueId types = e.op("ConstantOfShape", {e.op("Shape", {ids})},
                             {{"value", std::make_shared<Value>(*real_constant("zero", DType::kI64, {1}, {0}))}});
  ValueId x = e.add(e.gather(e.weights({50, kWidth}), ids), e.gather(e.weights({2, kWidth}), types));
  x = e.layer_norm(e.add(x, e.gather(e.weights({16, kWidth}), positions)), kWidth);
  const auto split = [&](ValueId y) {
    return e.view(y, {e.extent(y, 0), e.extent(y, 1), e.integer(kHeads), e.integer(kWidth / kHeads)});
  };
  for (int layer = 0; layer < 2; ++layer) {
    const ValueId q = e.transpose(split(e.linear(x, kWidth, kWidth)), {0, 2, 1, 3});
    const ValueId k = e.transpose(split(e.linear(x, kWidth, kWidth)), {0, 2, 3, 1});
    const ValueId v = e.transpose(split(e.linear(x, kWidth, kWidth)), {0, 2, 1, 3});
    const ValueId p = e.softmax(e.add(e.div(e.matmul(q, k), e.number(2)), mask), e.graph.opset < 13 ? 3 : -1);
    ValueId y = e.transpose(e.matmul(p, v), {0, 2, 1, 3});
    y = e.view(y, {e.extent(y, 0), e.extent(y, 1), e.integer(kWidth)});
    x = e.layer_norm(e.add(e.linear(y, kWidth, kWidth), x), kWidth);
    x = e.layer_norm(e.add(e.linear(e.gelu(e.linear(x, kWidth, 24)), 24, kWidth), x), kWidth);
  }
  const ValueId first = e.gather(x, e.integer(0), 1);
  const ValueId pooled =
      e.op("Tanh", {e.op("Gemm", {first, e.weights({kWidth, kWidth}), e.weights({kWidth})}, {{"transB", int64_t{1}}})});
  const Graph graph = e.imported({x, pooled});
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

// transformers.GPT2Model: Conv1D as Gemm of a view, Split, the triangle cut from a buffer of all positions.
TEST_P(Exports, Gpt2) {
  Exporter e(GetParam());
  const ValueId ids = e.input("input_ids", {2, kTokens}, DType::kI64);
  const ValueId length = e.extent(ids, 1);
  const ValueId range = e.graph.opset < 11 ? e.slice(e.ints("all", {0, 1, 2, 3, 4, 5, 6, 7}), 0, kTokens, 0)
                                           : e.op("Range", {e.integer(0), length, e.integer(1)});
  ValueId x = e.add(e.gather(e.weights({50, kWidth}), ids), e.gather(e.weights({8, kWidth}), e.unsqueeze(range, 0)));
  std::vector<double> lower;
  for (int s = 0; s < 8; ++s)
    for (int t = 0; t < 8; ++t) lower.push_back(t <= s);
  const auto conv1d = [&](ValueId y, int64_t in, int64_t out) {
    const ValueId flat = e.op("Reshape", {y, e.integers({-1, static_cast<double>(in)})});
    const ValueId made = e.op("Gemm", {flat, e.weights({in, out}, 0.3), e.weights({out}, 0.1)});
    return e.view(made, {e.extent(y, 0), e.extent(y, 1), e.integer(static_cast<double>(out))});
  };
  for (int layer = 0; layer < 2; ++layer) {
    const ValueId normal = e.layer_norm(x, kWidth);
    const ValueId qkv = conv1d(normal, kWidth, 3 * kWidth);
    const auto parts = e.graph.opset < 13
                           ? e.ops("Split", {qkv}, 3, {{"axis", int64_t{2}}, {"split", Ints{kWidth, kWidth, kWidth}}})
                           : e.ops("Split", {qkv, e.integers({kWidth, kWidth, kWidth})}, 3, {{"axis", int64_t{2}}});
    const auto split = [&](ValueId y, Ints perm) {
      return e.transpose(e.view(y, {e.extent(y, 0), e.extent(y, 1), e.integer(kHeads), e.integer(kWidth / kHeads)}),
                         std::move(perm));
    };
    const ValueId q = split(parts[0], {0, 2, 1, 3}), k = split(parts[1], {0, 2, 3, 1}),
                  v = split(parts[2], {0, 2, 1, 3});
    ValueId w = e.div(e.matmul(q, k), e.number(2));
    const ValueId ns = e.extent(w, 3), nd = e.extent(w, 2);
    ValueId c = e.constant(e.fresh("bias"), {1, 1, 8, 8}, lower, DType::kU8);
    if (e.graph.opset < 10) {
      c = e.slice(e.slice(c, 0, kTokens, 2), 0, kTokens, 3);
    } else {
      const ValueId begin = e.unsqueeze(e.op("Sub", {ns, nd}), 0), end = e.unsqueeze(ns, 0);
      c = e.op("Slice", {c, begin, end, e.integers({2}), e.integers({1})});
      c = e.op("Slice", {c, e.integers({0}), end, e.integers({3}), e.integers({1})});
    }
    w = e.op("Where", {e.cast(c, kBool), w, e.number(-1e4)});
    ValueId y = e.transpose(e.matmul(e.softmax(w, e.graph.opset < 13 ? 3 : -1), v), {0, 2, 1, 3});
    y = e.view(y, {e.extent(y, 0), e.extent(y, 1), e.integer(kWidth)});
    x = e.add(x, conv1d(y, kWidth, kWidth));
    x = e.add(x, conv1d(e.gelu_new(conv1d(e.layer_norm(x, kWidth), kWidth, 24)), 24, kWidth));
  }
  const Graph graph = e.imported({e.matmul(e.layer_norm(x, kWidth), e.weights({kWidth, 50}))});
  const Fused fused = expect_fused_equal(graph);
  expect_only_look_ups(fused, 1);
  EXPECT_EQ(fused.ops("attention"), 2);
  EXPECT_EQ(fused.ops("normalize"), 5);
  EXPECT_EQ(fused.ops("matmul"), 9);
  EXPECT_EQ(fused.ops("copy") + fused.ops("unary") + fused.ops("select") + fused.ops("softmax"), 0);
  EXPECT_EQ(fused.ops("binary"), 1);  // the positions; residual sums are in the products
}

// torchvision.vit_b_16: the class token by Expand, attention of [tokens, batch, width] by batched products.
TEST_P(Exports, VisionTransformer) {
  Exporter e(GetParam());
  const ValueId image = e.input("x", {2, 3, 8, 8});
  ValueId x = e.op("Conv", {image, e.weights({kWidth, 3, 4, 4}, 0.2), e.weights({kWidth})}, {{"strides", Ints{4, 4}}});
  x = e.transpose(e.view(x, {e.extent(image, 0), e.integer(kWidth), e.integer(4)}), {0, 2, 1});
  const ValueId batch = e.unsqueeze(e.extent(x, 0), 0);
  const ValueId target = e.op("Concat", {batch, e.integers({-1}), e.integers({-1})}, {{"axis", int64_t{0}}});
  const ValueId ones = e.op("ConstantOfShape", {e.op("Shape", {target})},
                            {{"value", std::make_shared<Value>(*real_constant("one", DType::kI64, {1}, {1}))}});
  const ValueId kept = e.op("Equal", {target, e.mul(ones, e.integer(-1))});
  const ValueId extents = e.op("Where", {kept, ones, target});
  x = e.op("Concat", {e.op("Expand", {e.weights({1, 1, kWidth}), extents}), x}, {{"axis", int64_t{1}}});
  x = e.add(x, e.weights({1, 5, kWidth}));
  for (int layer = 0; layer < 2; ++layer) {
    const ValueId normal = e.transpose(e.layer_norm(x, kWidth), {1, 0, 2});  // batch_first
    ValueId qkv = e.linear(normal, kWidth, 3 * kWidth);
    qkv = e.view(qkv, {e.extent(qkv, 0), e.extent(qkv, 1), e.integer(3), e.integer(kWidth)});
    qkv = e.squeeze(e.transpose(e.unsqueeze(qkv, 0), {3, 1, 2, 0, 4}), -2);
    const auto part = [&](double index) {
      const ValueId y = e.gather(qkv, e.integer(index));
      const ValueId rows = e.mul(e.extent(normal, 1), e.integer(kHeads));
      return e.transpose(e.view(y, {e.extent(normal, 0), rows, e.integer(kWidth / kHeads)}), {1, 0, 2});
    };
    const ValueId q = e.mul(part(0), e.number(0.5)), k = part(1), v = part(2);
    const ValueId p = e.softmax(e.matmul(q, e.transpose(k, {0, 2, 1})), e.graph.opset < 13 ? 2 : -1);
    const ValueId rows = e.mul(e.extent(normal, 0), e.extent(normal, 1));
    ValueId y = e.view(e.transpose(e.matmul(p, v), {1, 0, 2}), {rows, e.integer(kWidth)});
    y = e.op("Gemm", {y, e.weights({kWidth, kWidth}, 0.3), e.weights({kWidth})}, {{"transB", int64_t{1}}});
    y = e.view(y, {e.extent(normal, 0), e.extent(normal, 1), e.integer(kWidth)});
    x = e.add(e.transpose(y, {1, 0, 2}), x);
    x = e.add(x, e.linear(e.gelu(e.linear(e.layer_norm(x, kWidth), kWidth, 24)), 24, kWidth));
  }
  const ValueId head = e.gather(e.layer_norm(x, kWidth), e.integer(0), 1);
  const Graph graph =
      e.imported({e.op("Gemm", {head, e.weights({10, kWidth}), e.weights({10})}, {{"transB", int64_t{1}}})});
  const Fused fused = expect_fused_equal(graph);
  expect_only_look_ups(fused, 0);
  EXPECT_EQ(fused.ops("attention"), 2);
  EXPECT_EQ(fused.ops("normalize"), 5);
  EXPECT_EQ(fused.ops("unary") + fused.ops("softmax") + fused.ops("reduce"), 0);
}

// torchvision.swin_t's block: windows rolled and cut, a bias of positions by a table, a mask of every window.
TEST_P(Exports, Swin) {
  Exporter e(GetParam());
  const int64_t side = 8, window = 4, tokens = window * window, windows = (side / window) * (side / window);
  ValueId x = e.transpose(e.input("x", {1, kWidth, side, side}), {0, 2, 3, 1});
  const auto roll = [&](ValueId y, int64_t by) {
    for (double axis : {1.0, 2.0})
      y = e.op("Concat",
               {e.slice(y, static_cast<double>(by), static_cast<double>(side), axis),
                e.slice(y, 0, static_cast<double>(by), axis)},
               {{"axis", static_cast<int64_t>(axis)}});
    return y;
  };
  for (bool shifted : {false, true}) {
    ValueId y = e.layer_norm(x, kWidth);
    if (shifted) y = roll(y, window / 2);
    y = e.reshape(y, {1, 2, window, 2, window, kWidth});
    y = e.reshape(e.transpose(y, {0, 1, 3, 2, 4, 5}), {windows, tokens, kWidth});
    ValueId qkv = e.linear(y, kWidth, 3 * kWidth);
    qkv = e.transpose(e.reshape(qkv, {windows, tokens, 3, kHeads, kWidth / kHeads}), {2, 0, 3, 1, 4});
    const ValueId q = e.mul(e.gather(qkv, e.integer(0)), e.number(0.5)), k = e.gather(qkv, e.integer(1)),
                  v = e.gather(qkv, e.integer(2));
    ValueId s = e.matmul(q, e.transpose(k, {0, 1, 3, 2}));
    std::vector<double> index(static_cast<size_t>(tokens * tokens));
    for (size_t i = 0; i < index.size(); ++i) index[i] = static_cast<double>(i * 7 % 49);
    ValueId bias = e.gather(e.weights({49, kHeads}), e.integers(index));
    bias = e.unsqueeze(e.transpose(e.reshape(bias, {tokens, tokens, -1}), {2, 0, 1}), 0);
    s = e.add(s, bias);
    if (shifted) {
      std::vector<double> mask(static_cast<size_t>(windows * tokens * tokens), 0.0);
      for (size_t i = 0; i < mask.size(); i += 3) mask[i] = -100;
      s = e.reshape(s, {1, windows, kHeads, tokens, tokens});
      const ValueId m = e.constant("mask", {windows, tokens, tokens}, mask);
      s = e.add(s, e.unsqueeze(e.unsqueeze(m, 1), 0));
      s = e.reshape(s, {-1, kHeads, tokens, tokens});
    }
    const ValueId p = e.softmax(s, e.graph.opset < 13 ? 3 : -1);
    y = e.reshape(e.transpose(e.matmul(p, v), {0, 2, 1, 3}), {windows, tokens, kWidth});
    y = e.reshape(e.linear(y, kWidth, kWidth), {1, 2, 2, window, window, kWidth});
    y = e.reshape(e.transpose(y, {0, 1, 3, 2, 4, 5}), {1, side, side, kWidth});
    if (shifted) y = roll(y, side - window / 2);
    x = e.add(x, y);
    x = e.add(x, e.linear(e.gelu(e.linear(e.layer_norm(x, kWidth), kWidth, 24)), 24, kWidth));
  }
  if (e.graph.opset >= 10) {  // patch merging; steps came with opset 10
    const auto every_other = [&](double row, double column) {
      return e.slice(e.slice(x, row, side, 1, 2), column, side, 2, 2);
    };
    x = e.op("Concat", {every_other(0, 0), every_other(1, 0), every_other(0, 1), every_other(1, 1)},
             {{"axis", int64_t{-1}}});
    x = e.matmul(e.layer_norm(x, 4 * kWidth), e.weights({4 * kWidth, 2 * kWidth}, 0.2));
  }
  const ValueId mean =
      e.op("ReduceMean", {e.transpose(x, {0, 3, 1, 2})}, {{"axes", Ints{2, 3}}, {"keepdims", int64_t{0}}});
  const Fused fused = expect_fused_equal(e.imported({mean}));
  expect_only_look_ups(fused, 0);
  EXPECT_EQ(fused.ops("attention"), 2);
  EXPECT_EQ(fused.ops("normalize"), e.graph.opset >= 10 ? 5 : 4);
  EXPECT_EQ(fused.ops("unary") + fused.ops("softmax") + fused.ops("reduce"), 0);
}

// torchvision.shufflenet_v2: halves by Split or by slices of computed length, channels shuffled through rank 5.
TEST_P(Exports, ShuffleNet) {
  Exporter e(GetParam());
  ValueId x = e.op("Relu", {conv(e, e.input("x", {2, 3, 12, 12}), 3, 8, 3, 2)});
  for (bool by_split : {true, false}) {
    ValueId left, right;
    if (by_split) {
      const auto parts = e.graph.opset < 13 ? e.ops("Split", {x}, 2, {{"axis", int64_t{1}}, {"split", Ints{4, 4}}})
                                            : e.ops("Split", {x, e.integers({4, 4})}, 2, {{"axis", int64_t{1}}});
      left = parts[0], right = parts[1];
    } else if (e.graph.opset < 10) {
      left = e.slice(x, 0, 4, 1), right = e.slice(x, 4, 8, 1);
    } else {  // chunk: (extent + 1) / 2
      const ValueId half = e.unsqueeze(e.div(e.add(e.extent(x, 1), e.integer(1)), e.integer(2)), 0);
      left = e.op("Slice", {x, e.integers({0}), e.mul(half, e.integers({1})), e.integers({1})});
      right = e.op("Slice", {x, e.mul(half, e.integers({1})), e.mul(half, e.integers({2})), e.integers({1})});
    }
    right = e.op("Relu", {conv(e, right, 4, 4, 1)});
    right = e.op("Relu", {conv(e, conv(e, right, 4, 4, 3, 1, 4), 4, 4, 1)});
    x = e.op("Concat", {left, right}, {{"axis", int64_t{1}}});
    const ValueId n = e.extent(x, 0), c = e.extent(x, 1), h = e.extent(x, 2), w = e.extent(x, 3);
    const ValueId groups = e.view(x, {n, e.integer(2), e.div(c, e.integer(2)), h, w});
    x = e.view(e.transpose(groups, {0, 2, 1, 3, 4}), {n, e.integer(-1), h, w});
  }
  x = e.op("ReduceMean", {conv(e, x, 8, 16, 1)}, {{"axes", Ints{2, 3}}, {"keepdims", int64_t{0}}});
  const Graph graph = e.imported({e.op("Gemm", {x, e.weights({10, 16}), e.weights({10})}, {{"transB", int64_t{1}}})});
  const Fused fused = expect_fused_equal(graph);
  expect_only_look_ups(fused, 0);
  EXPECT_EQ(fused.ops("unary"), 0);
  EXPECT_EQ(fused.ops("conv2d"), 8);
}

// torchvision.efficientnet_b0's block: SiLU after every convolution, squeeze and excitation.
TEST_P(Exports, EfficientNet) {
  Exporter e(GetParam());
  const auto silu = [&](ValueId y) { return e.mul(y, e.op("Sigmoid", {y})); };
  ValueId x = silu(conv(e, e.input("x", {1, 3, 12, 12}), 3, 8, 3, 2));
  const ValueId deep = silu(conv(e, silu(conv(e, x, 8, 16, 1)), 16, 16, 3, 1, 16));
  const ValueId squeezed = silu(conv(e, e.op("GlobalAveragePool", {deep}), 16, 4, 1));
  const ValueId excited = e.op("Sigmoid", {conv(e, squeezed, 4, 16, 1)});
  x = e.add(conv(e, e.mul(excited, deep), 16, 8, 1), x);
  const Fused fused =
      expect_fused_equal(e.imported({e.op("Flatten", {e.op("GlobalAveragePool", {silu(conv(e, x, 8, 16, 1))})})}));
  expect_only_look_ups(fused, 0);
  EXPECT_EQ(fused.ops("conv2d"), 7);
  EXPECT_EQ(fused.ops("unary"), 0);
  EXPECT_EQ(fused.ops("binary"), 1);  // the excitation's product
}

INSTANTIATE_TEST_SUITE_P(Opsets, Exports, ::testing::Values(9, 11, 13, 17));

}  // namespace
}  // namespace systole::graph::testing
