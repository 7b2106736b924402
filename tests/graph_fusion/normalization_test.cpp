// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "tests/graph_fusion/exporter.h"

namespace systole::graph::testing {
namespace {

using Make = std::function<ValueId(Exporter&, ValueId)>;
constexpr int64_t kWidth = 24;

ValueId squared(Exporter& e, ValueId x) { return e.op("Pow", {x, e.number(2)}); }
ValueId safe(Exporter& e, ValueId centred) { return e.add(e.mean(squared(e, centred), -1), e.number(1e-5)); }

ValueId rms(Exporter& e, ValueId x, bool reciprocal) {
  const ValueId root = e.op("Sqrt", {safe(e, x)});
  const ValueId scaled = reciprocal ? e.mul(x, e.op("Reciprocal", {root})) : e.mul(x, e.div(e.number(1), root));
  return e.mul(e.weights({kWidth}, 0.2, 1.0), scaled);
}

const std::pair<const char*, Make> kLayerForms[] = {
    {"exported below opset 17", [](Exporter& e, ValueId x) { return e.layer_norm(x, kWidth); }},
    {"subtracted twice",
     [](Exporter& e, ValueId x) {
       const ValueId mean = e.mean(x, -1);
       const ValueId a = e.op("Sub", {x, mean}), b = e.op("Sub", {x, mean});
       return e.add(e.mul(e.weights({kWidth}), e.div(b, e.op("Sqrt", {safe(e, a)}))), e.weights({kWidth}));
     }},
    {"square by a product, epsilon first, power of a half",
     [](Exporter& e, ValueId x) {
       const ValueId d = e.op("Sub", {x, e.mean(x, 2)});
       const ValueId sum = e.add(e.number(1e-5), e.mean(e.mul(d, d), 2));
       return e.add(e.weights({1, 1, kWidth}), e.mul(e.div(d, e.op("Pow", {sum, e.number(0.5)})), e.weights({kWidth})));
     }},
    {"product with the reciprocal root",
     [](Exporter& e, ValueId x) {
       const ValueId d = e.op("Sub", {x, e.mean(x, -1)});
       return e.add(e.mul(e.mul(d, e.op("Reciprocal", {e.op("Sqrt", {safe(e, d)})})), e.weights({kWidth})),
                    e.weights({kWidth}));
     }},
};

TEST(Normalization, EveryFormOfLayerNormBecomesOneOp) {
  for (const auto& [name, make] : kLayerForms) {
    SCOPED_TRACE(name);
    Exporter e;
    const ValueId x = e.input("x", {2, 5, kWidth});
    const Fused fused = expect_fused_equal(e.imported({make(e, x)}));
    EXPECT_EQ(fused.lines("fuse_normalizations"), 3);  // the quotient, its scale, its bias
    EXPECT_EQ(fused.ops("normalize"), 1);
    EXPECT_EQ(fused.ops("reduce") + fused.ops("unary") + fused.ops("binary"), 0);
  }
}

TEST(Normalization, RmsNormWithAndWithoutReciprocal) {
  for (bool reciprocal : {true, false}) {
    Exporter e;
    const ValueId x = e.input("x", {2, 5, kWidth});
    const Graph graph = e.imported({rms(e, x, reciprocal)});
    const Fused fused = expect_fused_equal(graph);
    EXPECT_EQ(fused.ops("normalize"), 1);
    EXPECT_EQ(fused.ops("binary") + fused.ops("reduce") + fused.ops("unary"), 0);
    auto plan = make_plan(graph, {open_device("ref"), nullptr, Precision::kKeep});
    ASSERT_TRUE(plan.ok());
    for (const Node& node : plan->graph.nodes)
      if (node.op) {
        EXPECT_EQ(std::get<Normalize>(*node.op).kind, NormKind::kRms);
      }
  }
}

TEST(Normalization, WhatOnlyLooksLikeOneStays) {
  const Make others[] = {// Divided by another's deviation.
                         [](Exporter& e, ValueId x) {
                           const ValueId y = e.input("y", {2, 5, kWidth});
                           return e.div(e.op("Sub", {x, e.mean(x, -1)}), e.op("Sqrt", {safe(e, y)}));
                         },
                         // Along an axis that isn't the last.
                         [](Exporter& e, ValueId x) {
                           const ValueId d = e.op("Sub", {x, e.mean(x, 1)});
                           return e.div(d, e.op("Sqrt", {e.add(e.mean(squared(e, d), 1), e.number(1e-5))}));
                         },
                         // The square of something else.
                         [](Exporter& e, ValueId x) {
                           const ValueId d = e.op("Sub", {x, e.mean(x, -1)});
                           return e.div(d, e.op("Sqrt", {e.add(e.mean(e.mul(d, x), -1), e.number(10))}));
                         }};
  for (const Make& make : others) {
    Exporter e;
    const ValueId x = e.input("x", {2, 5, kWidth});
    EXPECT_EQ(expect_fused_equal(e.imported({make(e, x)})).ops("normalize"), 0);
  }
}

TEST(Normalization, ADeviceWithoutItGetsTheParts) {
  for (int opset : {13, 17}) {
    Exporter e(opset);
    const ValueId x = e.input("x", {2, 5, kWidth});
    const Graph graph = e.imported({e.layer_norm(x, kWidth)});
    const auto picky = std::make_shared<PickyDevice>(
        [](const OpDesc& op) -> std::string { return std::holds_alternative<Normalize>(op.op) ? "no norms" : ""; });
    const TensorMap inputs = random_inputs(graph);
    const TensorMap want = run_on(graph, {open_device("ref"), nullptr, Precision::kKeep}, inputs);
    for (bool fused : {true, false}) {
      RunReport report;
      const TensorMap got = run_on(graph, {picky, open_device("cpu"), Precision::kKeep, fused}, inputs, &report);
      EXPECT_LE(relative_difference(got.begin()->second, want.begin()->second), tests::kFusedDifference);
      for (const NodeReport& node : report.nodes) {
        EXPECT_NE(node.op, "normalize");
        EXPECT_TRUE(node.why.empty()) << node.name << ": " << node.why;
      }
    }
  }
}

// One that lacks the parts, too, is better off with the fallback's norm than with its parts on both.
TEST(Normalization, ADeviceWithoutThePartsLeavesItToTheFallback) {
  Exporter e;
  const ValueId x = e.input("x", {2, 5, kWidth});
  const Graph graph = e.imported({e.layer_norm(x, kWidth)});
  const auto picky = std::make_shared<PickyDevice>([](const OpDesc& op) -> std::string {
    return std::holds_alternative<Normalize>(op.op) || std::holds_alternative<Reduce>(op.op) ? "no rows" : "";
  });
  RunReport report;
  run_on(graph, {picky, open_device("cpu"), Precision::kKeep}, random_inputs(graph), &report);
  int norms = 0;
  for (const NodeReport& node : report.nodes) {
    norms += node.op == "normalize";
    EXPECT_NE(node.op, "reduce");
  }
  EXPECT_EQ(norms, 1);
}

// torch.nn.GroupNorm: an instance normalization of groups, then scale and bias of each channel.
TEST(Normalization, GroupNormIsANormalizeOfAView) {
  Exporter e;
  const ValueId x = e.input("x", {2, 8, 3, 5});
  const ValueId ones = e.constant("ones", {4}, {1, 1, 1, 1}), zeros = e.constant("zeros", {4}, {0, 0, 0, 0});
  const ValueId rows = e.reshape(x, {0, 4, -1});
  const ValueId normal = e.op("InstanceNormalization", {rows, ones, zeros}, {{"epsilon", 1e-5f}});
  const ValueId back = e.op("Reshape", {normal, e.op("Shape", {x})});
  const Graph graph = e.imported({e.add(e.mul(back, e.weights({8, 1, 1})), e.weights({8, 1, 1}))});
  const Fused fused = expect_fused_equal(graph);
  EXPECT_EQ(fused.ops("normalize"), 1);
  EXPECT_EQ(fused.ops("binary"), 2);
  EXPECT_EQ(fused.ops("copy") + fused.ops("host"), 0);
}

// Between convolutions the image stays channels-last: the norm reads and writes it by strides.
TEST(Normalization, GroupNormOfAnImageMovesNothing) {
  for (int64_t groups : {1, 4, 8}) {
    Exporter e;
    const auto conv = [&](ValueId x, int64_t in) {
      return e.op("Conv", {x, e.weights({8, in, 3, 3}, 0.3), e.weights({8})}, {{"pads", Ints{1, 1, 1, 1}}});
    };
    const ValueId x = conv(e.input("x", {2, 3, 6, 5}), 3);
    const auto count = static_cast<size_t>(groups);
    const ValueId ones = e.constant("ones", {groups}, std::vector<double>(count, 1.0));
    const ValueId zeros = e.constant("zeros", {groups}, std::vector<double>(count, 0.0));
    const ValueId normal =
        e.op("InstanceNormalization", {e.reshape(x, {0, static_cast<double>(groups), -1}), ones, zeros},
             {{"epsilon", 1e-5f}});
    const ValueId back = e.op("Reshape", {normal, e.op("Shape", {x})});
    const ValueId y = e.add(e.mul(back, e.weights({8, 1, 1})), e.weights({8, 1, 1}));
    const Fused fused = expect_fused_equal(e.imported({conv(e.mul(y, e.op("Sigmoid", {y})), 8)}));
    EXPECT_EQ(fused.ops("normalize"), 1);
    EXPECT_EQ(fused.ops("conv2d"), 2);
    EXPECT_EQ(fused.ops("unary"), 0);
    EXPECT_EQ(fused.ops("copy"), 2);  // the graph's input into channels-last and its output back
  }
}

double normalized(const std::vector<float>& x, size_t first, size_t n, size_t i) {
  double mean = 0, squares = 0;
  for (size_t k = 0; k < n; ++k) mean += x[first + k] / static_cast<double>(n);
  for (size_t k = 0; k < n; ++k) squares += (x[first + k] - mean) * (x[first + k] - mean) / static_cast<double>(n);
  return (x[i] - mean) / std::sqrt(squares + 1e-5);
}

// By hand: groups of channels, with one scale a channel (instance), a group (opset 18) or a channel of groups.
TEST(Normalization, InstanceAndGroupNormalizationGiveTheirDefinition) {
  struct Case {
    const char* type;
    int64_t groups, numbers;
  };
  for (const Case& c :
       {Case{"InstanceNormalization", 6, 6}, Case{"GroupNormalization", 3, 3}, Case{"GroupNormalization", 2, 6}}) {
    Exporter e(18);
    const ValueId x = e.input("x", {2, 6, 2, 2});
    std::vector<double> scale, bias;
    for (int64_t i = 0; i < c.numbers; ++i)
      scale.push_back(1.0 + 0.25 * static_cast<double>(i)), bias.push_back(static_cast<double>(i) - 1);
    const ValueId y = e.op(c.type, {x, e.constant("s", {c.numbers}, scale), e.constant("b", {c.numbers}, bias)},
                           {{"epsilon", 1e-5f}, {"num_groups", c.groups}});
    const Graph graph = e.imported({y});
    const TensorMap inputs = random_inputs(graph);
    const HostTensor& given = inputs.begin()->second;
    const std::vector<float> numbers(given.f32(), given.f32() + 48);
    for (const char* device : {"ref", "cpu"}) {
      const TensorMap got = run_on(graph, {open_device(device), nullptr, Precision::kKeep}, inputs);
      const auto n = static_cast<size_t>(24 / c.groups);
      for (size_t i = 0; i < 48; ++i) {
        const size_t channel = i / 4 % 6, number = channel * static_cast<size_t>(c.numbers) / 6;
        const double want = normalized(numbers, i / n * n, n, i) * scale[number] + bias[number];
        EXPECT_NEAR(got.begin()->second.f32()[i], want, 1e-5 * (1 + std::fabs(want))) << c.type << " " << i;
      }
    }
  }
}

}  // namespace
}  // namespace systole::graph::testing
