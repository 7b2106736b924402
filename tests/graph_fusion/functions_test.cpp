// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "tests/graph_fusion/exporter.h"

namespace systole::graph::testing {
namespace {

using Make = std::function<ValueId(Exporter&, ValueId)>;

struct Form {
  const char* name;
  Make make;
  UnaryKind kind;
};

ValueId cube_by_products(Exporter& e, ValueId x) { return e.mul(e.mul(x, x), x); }
constexpr double kRoot = 1.4142135381698608, kTanh = 0.7978845608028654;

const Form kForms[] = {
    {"gelu, x(1+erf) then half", [](Exporter& e, ValueId x) { return e.gelu(x); }, UnaryKind::kGeluErf},
    {"gelu, half x first",
     [](Exporter& e, ValueId x) {
       return e.mul(e.mul(x, e.number(0.5)), e.add(e.op("Erf", {e.mul(x, e.number(1 / kRoot))}), e.number(1)));
     },
     UnaryKind::kGeluErf},
    {"gelu, half of the sum",
     [](Exporter& e, ValueId x) {
       return e.mul(e.mul(e.number(0.5), e.add(e.number(1), e.op("Erf", {e.div(x, e.number(kRoot))}))), x);
     },
     UnaryKind::kGeluErf},
    {"gelu_new", [](Exporter& e, ValueId x) { return e.gelu_new(x); }, UnaryKind::kGeluTanh},
    {"gelu_fast",
     [](Exporter& e, ValueId x) {
       const ValueId slope = e.add(e.mul(e.mul(x, e.number(0.044715)), x), e.number(1));
       const ValueId inner = e.op("Tanh", {e.mul(e.mul(x, e.number(kTanh)), slope)});
       return e.mul(e.mul(x, e.number(0.5)), e.add(e.number(1), inner));
     },
     UnaryKind::kGeluTanh},
    {"gelu tanh, cube by products",
     [](Exporter& e, ValueId x) {
       const ValueId inner = e.add(x, e.mul(e.number(0.044715), cube_by_products(e, x)));
       return e.mul(e.number(0.5), e.mul(x, e.add(e.op("Tanh", {e.mul(e.number(kTanh), inner)}), e.number(1))));
     },
     UnaryKind::kGeluTanh},
    {"silu", [](Exporter& e, ValueId x) { return e.mul(x, e.op("Sigmoid", {x})); }, UnaryKind::kSilu},
    {"silu, other order", [](Exporter& e, ValueId x) { return e.mul(e.op("Sigmoid", {x}), x); }, UnaryKind::kSilu},
    {"hard swish by clip, product first",
     [](Exporter& e, ValueId x) {
       const ValueId six = e.op("Clip", {e.add(x, e.number(3)), e.number(0), e.number(6)});
       return e.div(e.mul(x, six), e.number(6));
     },
     UnaryKind::kHardSwish},
    {"hard swish by clip, quotient first",
     [](Exporter& e, ValueId x) {
       const ValueId six = e.op("Clip", {e.add(x, e.number(3)), e.number(0), e.number(6)});
       return e.mul(x, e.div(six, e.number(6)));
     },
     UnaryKind::kHardSwish},
    {"hard sigmoid by clip",
     [](Exporter& e, ValueId x) {
       return e.div(e.op("Clip", {e.add(x, e.number(3)), e.number(0), e.number(6)}), e.number(6));
     },
     UnaryKind::kHardSigmoid},
    {"hard swish by hard sigmoid",
     [](Exporter& e, ValueId x) {
       return e.mul(x, e.op("HardSigmoid", {x}, {{"alpha", 1.0f / 6}, {"beta", 0.5f}}));
     },
     UnaryKind::kHardSwish},
};

TEST(Functions, EveryFormBecomesOneOp) {
  for (const Form& form : kForms) {
    SCOPED_TRACE(form.name);
    Exporter e;
    const ValueId x = e.input("x", {3, 40});
    const Graph graph = e.imported({form.make(e, x)});
    const Fused fused = expect_fused_equal(graph);
    EXPECT_EQ(fused.lines("fuse_functions"), 1);
    EXPECT_EQ(fused.ops("unary"), 1);
    EXPECT_EQ(fused.ops("binary"), 0);
    auto plan = make_plan(graph, {open_device("ref"), nullptr, Precision::kKeep});
    ASSERT_TRUE(plan.ok());
    for (const Node& node : plan->graph.nodes)
      if (node.op && std::holds_alternative<Unary>(*node.op)) {
        EXPECT_EQ(std::get<Unary>(*node.op).kind, form.kind);
      }
  }
}

// x that is itself a product, and a function that others read too.
TEST(Functions, TheArgumentMayBeAnything) {
  Exporter e;
  const ValueId a = e.input("a", {2, 8}), b = e.input("b", {2, 8});
  const ValueId x = e.mul(a, b);
  const ValueId s = e.op("Sigmoid", {x});
  const Graph graph = e.imported({e.mul(x, s), e.gelu(x), s});
  const Fused fused = expect_fused_equal(graph);
  EXPECT_EQ(fused.lines("fuse_functions"), 2);
  EXPECT_EQ(fused.ops("unary"), 3);  // the sigmoid is an output of its own
}

TEST(Functions, WhatOnlyLooksLikeOneStays) {
  const Make others[] = {
      [](Exporter& e, ValueId x) { return e.mul(x, e.op("Sigmoid", {e.mul(x, e.number(1.702))})); },
      [](Exporter& e, ValueId x) {
        return e.mul(e.mul(x, e.add(e.op("Erf", {e.div(x, e.number(1.5))}), e.number(1))), e.number(0.5));
      },
      [](Exporter& e, ValueId x) {
        return e.mul(e.mul(x, e.add(e.op("Erf", {e.div(x, e.number(kRoot))}), e.number(1))), e.number(0.25));
      },
      [](Exporter& e, ValueId x) {
        const ValueId y = e.input("y", {3, 40});
        return e.mul(y, e.op("Sigmoid", {x}));
      }};
  for (const Make& make : others) {
    Exporter e;
    const ValueId x = e.input("x", {3, 40});
    const Graph graph = e.imported({make(e, x)});
    EXPECT_EQ(expect_fused_equal(graph).lines("fuse_functions"), 0);
  }
}

TEST(Functions, GoIntoTheProductAheadWhereTheDeviceTakesThem) {
  Exporter e;
  const ValueId x = e.input("x", {3, 16});
  const Graph graph = e.imported({e.gelu(e.linear(x, 16, 24))});
  const Fused fused = expect_fused_equal(graph);
  EXPECT_EQ(fused.lines("fuse_activations"), 1);
  EXPECT_EQ(fused.ops("matmul"), 1);
  EXPECT_EQ(fused.ops("unary"), 0);
  // A device without functions in its epilogues gets them after the product.
  const auto picky = std::make_shared<PickyDevice>([](const OpDesc& op) -> std::string {
    const auto* matmul = std::get_if<Matmul>(&op.op);
    return matmul && matmul->epilogue.activation != Activation::kNone ? "no activations" : "";
  });
  RunReport report;
  const TensorMap inputs = random_inputs(graph);
  run_on(graph, {picky, open_device("ref"), Precision::kKeep}, inputs, &report);
  EXPECT_EQ(count_lines(PassReport{report.passes}, "fuse_activations"), 0);
  for (const NodeReport& node : report.nodes)
    if (node.op == "unary" || node.op == "matmul") {
      EXPECT_TRUE(node.why.empty()) << node.name << ": " << node.why;
    }
}

TEST(Functions, ConvolutionTakesSiluAndHardSwish) {
  for (bool silu : {true, false}) {
    Exporter e;
    const ValueId x = e.input("x", {1, 3, 8, 8});
    const ValueId y = e.op("Conv", {x, e.weights({4, 3, 3, 3}, 0.3), e.weights({4})}, {{"pads", Ints{1, 1, 1, 1}}});
    const Graph graph = e.imported({silu ? e.mul(y, e.op("Sigmoid", {y}))
                                         : e.mul(y, e.op("HardSigmoid", {y}, {{"alpha", 1.0f / 6}, {"beta", 0.5f}}))});
    const Fused fused = expect_fused_equal(graph);
    EXPECT_EQ(fused.ops("conv2d"), 1);
    EXPECT_EQ(fused.ops("unary"), 0);
    EXPECT_EQ(fused.ops("binary"), 0);
  }
}

TEST(Functions, SoftmaxFromItsParts) {
  for (bool shifted : {true, false})
    for (int64_t axis : {-1, 1}) {
      Exporter e;
      ValueId x = e.input("x", {2, 5, 7});
      const std::map<std::string, Attribute> along{{"axes", Ints{axis}}, {"keepdims", int64_t{1}}};
      if (shifted) x = e.op("Sub", {x, e.op("ReduceMax", {x}, along)});
      const ValueId grown = e.op("Exp", {x});
      const ValueId sum = e.graph.opset < 13 ? e.op("ReduceSum", {grown}, along)
                                             : e.op("ReduceSum", {grown, e.integers({static_cast<double>(axis)})});
      const Graph graph = e.imported({e.div(grown, sum)});
      const Fused fused = expect_fused_equal(graph);
      EXPECT_EQ(fused.lines("fuse_softmax"), 1);
      EXPECT_EQ(fused.ops("softmax"), 1);
      EXPECT_EQ(fused.ops("reduce") + fused.ops("unary") + fused.ops("binary"), 0);
    }
}

}  // namespace
}  // namespace systole::graph::testing
