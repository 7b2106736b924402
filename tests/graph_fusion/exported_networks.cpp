// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/graph_fusion/exported_networks.h"

#include <numeric>

namespace systole::graph::testing {
namespace {

constexpr int64_t kFloat = 1, kBool = 9, kInt64 = 7;  // ONNX's numbers of types
constexpr int64_t kWidth = 12, kHeads = 3;

ValueId conv(Exporter& e, ValueId x, int64_t in, int64_t out, int64_t kernel, int64_t stride = 1, int64_t groups = 1) {
  const int64_t pad = kernel / 2;
  return e.op("Conv", {x, e.weights({out, in / groups, kernel, kernel}, 0.4), e.weights({out}, 0.1)},
              {{"pads", Ints{pad, pad, pad, pad}},
               {"strides", Ints{stride, stride}},
               {"group", groups},
               {"kernel_shape", Ints{kernel, kernel}}});
}

}  // namespace

Graph bert(int opset) {
  Exporter e(opset);
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
  return e.imported({x, pooled});
}

Graph gpt2(int opset) {
  Exporter e(opset);
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
  return e.imported({e.matmul(e.layer_norm(x, kWidth), e.weights({kWidth, 50}))});
}

Graph vision_transformer(int opset) {
  Exporter e(opset);
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
  return e.imported({e.op("Gemm", {head, e.weights({10, kWidth}), e.weights({10})}, {{"transB", int64_t{1}}})});
}

Graph swin(int opset) {
  Exporter e(opset);
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
  return e.imported({mean});
}

Graph shuffle_net(int opset) {
  Exporter e(opset);
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
  return e.imported({e.op("Gemm", {x, e.weights({10, 16}), e.weights({10})}, {{"transB", int64_t{1}}})});
}

Graph efficient_net(int opset) {
  Exporter e(opset);
  const auto silu = [&](ValueId y) { return e.mul(y, e.op("Sigmoid", {y})); };
  ValueId x = silu(conv(e, e.input("x", {1, 3, 12, 12}), 3, 8, 3, 2));
  const ValueId deep = silu(conv(e, silu(conv(e, x, 8, 16, 1)), 16, 16, 3, 1, 16));
  const ValueId squeezed = silu(conv(e, e.op("GlobalAveragePool", {deep}), 16, 4, 1));
  const ValueId excited = e.op("Sigmoid", {conv(e, squeezed, 4, 16, 1)});
  x = e.add(conv(e, e.mul(excited, deep), 16, 8, 1), x);
  return e.imported({e.op("Flatten", {e.op("GlobalAveragePool", {silu(conv(e, x, 8, 16, 1))})})});
}

namespace {

ValueId group_norm(Exporter& e, ValueId x, int64_t channels, int64_t groups) {
  const auto count = static_cast<size_t>(groups);
  const ValueId ones = e.constant(e.fresh("ones"), {groups}, std::vector<double>(count, 1.0));
  const ValueId zeros = e.constant(e.fresh("zeros"), {groups}, std::vector<double>(count, 0.0));
  const ValueId rows = e.reshape(x, {0, static_cast<double>(groups), -1});
  const ValueId normal = e.op("InstanceNormalization", {rows, ones, zeros}, {{"epsilon", 1e-5f}});
  const ValueId back = e.op("Reshape", {normal, e.op("Shape", {x})});
  return e.add(e.mul(back, e.weights({channels, 1, 1}, 0.2, 1.0)), e.weights({channels, 1, 1}, 0.2));
}

// diffusers' sliced heads: the batch takes them in, products of three axes.
ValueId cross_attention(Exporter& e, ValueId x, ValueId context, int64_t width, int64_t from) {
  const int64_t heads = 2;
  const auto split = [&](ValueId y) {
    const ValueId n = e.extent(y, 0), s = e.extent(y, 1);
    const ValueId four = e.view(y, {n, s, e.integer(heads), e.integer(static_cast<double>(width / heads))});
    return e.view(e.transpose(four, {0, 2, 1, 3}),
                  {e.mul(n, e.integer(heads)), s, e.integer(static_cast<double>(width / heads))});
  };
  const auto project = [&](ValueId y, int64_t in) { return e.matmul(y, e.weights({in, width}, 0.3)); };
  const ValueId q = split(project(x, width)), k = split(project(context, from)), v = split(project(context, from));
  const ValueId scores = e.mul(e.matmul(q, e.transpose(k, {0, 2, 1})), e.number(0.5));
  const ValueId y = e.matmul(e.softmax(scores, e.graph.opset < 13 ? 2 : -1), v);
  const ValueId n = e.extent(x, 0), s = e.extent(x, 1);
  const ValueId four = e.view(y, {n, e.integer(heads), s, e.integer(static_cast<double>(width / heads))});
  return e.linear(e.view(e.transpose(four, {0, 2, 1, 3}), {n, s, e.integer(static_cast<double>(width))}), width, width);
}

}  // namespace

Graph diffusion_block(int opset) {
  Exporter e(opset);
  const int64_t width = 8;
  const auto silu = [&](ValueId y) { return e.mul(y, e.op("Sigmoid", {y})); };
  const ValueId context = e.input("context", {2, 3, 10});
  ValueId x = conv(e, e.input("x", {2, 4, 6, 6}), 4, width, 3);
  ValueId time = e.op("Gemm", {silu(e.input("time", {2, 10})), e.weights({width, 10}, 0.3), e.weights({width})},
                      {{"transB", int64_t{1}}});
  ValueId y = conv(e, silu(group_norm(e, x, width, 4)), width, width, 3);
  y = e.add(y, e.unsqueeze(e.unsqueeze(time, 2), 3));
  x = e.add(x, conv(e, silu(group_norm(e, y, width, 4)), width, width, 3));
  y = conv(e, group_norm(e, x, width, 4), width, width, 1);
  const ValueId n = e.extent(x, 0), h = e.extent(x, 2), w = e.extent(x, 3);
  y = e.view(e.transpose(y, {0, 2, 3, 1}), {n, e.mul(h, w), e.integer(width)});
  ValueId normal = e.layer_norm(y, width);
  y = e.add(cross_attention(e, normal, normal, width, width), y);
  y = e.add(cross_attention(e, e.layer_norm(y, width), context, width, 10), y);
  const ValueId both = e.linear(e.layer_norm(y, width), width, 4 * width);
  const auto halves = e.graph.opset < 13
                          ? e.ops("Split", {both}, 2, {{"axis", int64_t{-1}}, {"split", Ints{2 * width, 2 * width}}})
                          : e.ops("Split", {both, e.integers({2.0 * width, 2.0 * width})}, 2, {{"axis", int64_t{-1}}});
  y = e.add(e.linear(e.mul(halves[0], e.gelu(halves[1])), 2 * width, width), y);
  y = e.transpose(e.view(y, {n, h, w, e.integer(width)}), {0, 3, 1, 2});
  return e.imported({e.add(conv(e, y, width, width, 1), x)});
}

}  // namespace systole::graph::testing
