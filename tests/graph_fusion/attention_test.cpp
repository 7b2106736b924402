// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <limits>

#include "tests/graph_fusion/exporter.h"

namespace systole::graph::testing {
namespace {

constexpr int64_t kBatch = 2, kHeads = 3, kQueries = 5, kDepth = 4;
constexpr double kLowest = -3.4028234663852886e38;

struct Heads {
  ValueId q, k, v;
};
Heads heads(Exporter& e, int64_t keys = kQueries) {
  return {e.input("q", {kBatch, kHeads, kQueries, kDepth}), e.input("k", {kBatch, kHeads, keys, kDepth}),
          e.input("v", {kBatch, kHeads, keys, kDepth})};
}

// What stands between the two products.
using Middle = std::function<ValueId(Exporter&, ValueId)>;
ValueId attention(Exporter& e, const Heads& h, const Middle& middle) {
  const ValueId scores = e.matmul(h.q, e.transpose(h.k, {0, 1, 3, 2}));
  return e.matmul(e.softmax(middle(e, scores), e.graph.opset < 13 ? 3 : -1), h.v);
}

// 1 where t <= s + keys - queries.
std::vector<double> triangle(int64_t queries, int64_t keys) {
  std::vector<double> numbers;
  for (int64_t s = 0; s < queries; ++s)
    for (int64_t t = 0; t < keys; ++t) numbers.push_back(t <= s + keys - queries ? 1 : 0);
  return numbers;
}
std::vector<double> hidden(const std::vector<double>& seen, double fill) {
  std::vector<double> numbers;
  for (double x : seen) numbers.push_back(x != 0 ? 0 : fill);
  return numbers;
}

Attention fused_op(const Graph& graph) {
  auto plan = make_plan(graph, {open_device("ref"), nullptr, Precision::kKeep});
  EXPECT_TRUE(plan.ok());
  for (const Node& node : plan->graph.nodes)
    if (node.op && std::holds_alternative<Attention>(*node.op)) return std::get<Attention>(*node.op);
  ADD_FAILURE() << "no attention";
  return {};
}

struct Form {
  const char* name;
  Middle middle;
  bool mask, causal;
};

const Form kForms[] = {
    {"scores as they are", [](Exporter&, ValueId s) { return s; }, false, false},
    {"divided", [](Exporter& e, ValueId s) { return e.div(s, e.number(2)); }, false, false},
    {"multiplied", [](Exporter& e, ValueId s) { return e.mul(e.number(0.5), s); }, false, false},
    {"a mask of every batch added",
     [](Exporter& e, ValueId s) {
       return e.add(e.div(s, e.number(2)), e.input("mask", {kBatch, 1, 1, kQueries}));
     },
     true, false},
    {"the mask first",
     [](Exporter& e, ValueId s) {
       return e.add(e.input("mask", {kQueries, kQueries}), s);
     },
     true, false},
    {"a constant bias",
     [](Exporter& e, ValueId s) {
       return e.add(s, e.weights({1, kHeads, kQueries, kQueries}));
     },
     true, false},
    {"zeros added",
     [](Exporter& e, ValueId s) {
       return e.add(s, e.constant("m", {1, 1, 1, kQueries}, std::vector<double>(kQueries, 0.0)));
     },
     false, false},
    {"the future at minus infinity",
     [](Exporter& e, ValueId s) {
       const double infinity = std::numeric_limits<double>::infinity();
       return e.add(s, e.constant("m", {kQueries, kQueries}, hidden(triangle(kQueries, kQueries), -infinity)));
     },
     false, true},
    {"the future at the lowest float, and a mask",
     [](Exporter& e, ValueId s) {
       const ValueId m = e.constant("m", {1, 1, kQueries, kQueries}, hidden(triangle(kQueries, kQueries), kLowest));
       return e.add(e.add(e.div(s, e.number(2)), m), e.input("mask", {kBatch, 1, 1, kQueries}));
     },
     true, true},
    {"gpt-2: where the triangle, else -1e4",
     [](Exporter& e, ValueId s) {
       const ValueId seen = e.constant("c", {1, 1, kQueries, kQueries}, triangle(kQueries, kQueries), DType::kBool);
       return e.op("Where", {seen, e.div(s, e.number(2)), e.number(-1e4)});
     },
     false, true},
    {"masked_fill: where the future, the lowest float",
     [](Exporter& e, ValueId s) {
       std::vector<double> future = triangle(kQueries, kQueries);
       for (double& x : future) x = 1 - x;
       const ValueId c = e.constant("c", {kQueries, kQueries}, future, DType::kBool);
       return e.op("Where", {c, e.number(kLowest), s});
     },
     false, true},
    {"where a computed condition, the lowest float",
     [](Exporter& e, ValueId s) {
       const ValueId c = e.op("Less", {e.input("mask", {kBatch, 1, 1, kQueries}), e.number(0.5)});
       return e.op("Where", {c, s, e.number(kLowest)});
     },
     true, false},
    {"opt: the greater of masked scores and the lowest float",
     [](Exporter& e, ValueId s) {
       return e.op("Max", {e.add(s, e.input("mask", {kBatch, 1, kQueries, kQueries})), e.number(kLowest)});
     },
     true, false},
};

TEST(AttentionFusion, EveryFormBecomesOneOp) {
  for (const Form& form : kForms)
    for (int opset : {11, 14}) {
      SCOPED_TRACE(std::string(form.name) + ", opset " + std::to_string(opset));
      Exporter e(opset);
      const ValueId y = attention(e, heads(e), form.middle);
      const Graph graph = e.imported({y});
      const Fused fused = expect_fused_equal(graph);
      EXPECT_EQ(fused.lines("fuse_attention"), 1);
      EXPECT_EQ(fused.ops("attention"), 1);
      EXPECT_EQ(fused.ops("matmul") + fused.ops("softmax"), 0);
      const Attention op = fused_op(graph);
      EXPECT_EQ(op.mask, form.mask);
      EXPECT_EQ(op.causal, form.causal);
    }
}

// More keys than queries: the last query sees them all.
TEST(AttentionFusion, CausalWithPastKeys) {
  Exporter e;
  const int64_t keys = kQueries + 3;
  const ValueId y = attention(e, heads(e, keys), [&](Exporter& x, ValueId s) {
    return x.op("Where",
                {x.constant("c", {1, 1, kQueries, keys}, triangle(kQueries, keys), DType::kBool), s, x.number(-1e4)});
  });
  const Graph graph = e.imported({y});
  expect_fused_equal(graph);
  EXPECT_TRUE(fused_op(graph).causal);
}

TEST(AttentionFusion, ScalesOnQueriesAndKeys) {
  Exporter e(14);
  const Heads h = heads(e);
  const ValueId root = e.number(std::sqrt(0.5));
  const ValueId scores = e.matmul(e.mul(h.q, root), e.mul(e.transpose(h.k, {0, 1, 3, 2}), root));
  const Graph graph = e.imported({e.matmul(e.softmax(scores, -1), h.v)});
  const Fused fused = expect_fused_equal(graph);
  EXPECT_EQ(fused.ops("attention"), 1);
  EXPECT_EQ(fused.ops("binary"), 0);
  EXPECT_NEAR(fused_op(graph).scale, 0.5, 1e-7);
}

// scaled_dot_product_attention as exported: a root of the scale on both sides, computed from the shape; is_causal by a
// triangle of ones.
TEST(AttentionFusion, ScaledDotProductAttention) {
  for (int opset : {14, 17})
    for (bool causal : {true, false}) {
      Exporter e(opset);
      const Heads h = heads(e);
      const ValueId depth = e.cast(e.slice(e.op("Shape", {h.q}), -1, 9223372036854775807.0, 0), 1);
      const ValueId root = e.op("Sqrt", {e.div(e.number(1), e.op("Sqrt", {depth}))});
      ValueId scores = e.matmul(e.mul(h.q, root), e.mul(e.transpose(h.k, {0, 1, 3, 2}), root));
      if (causal) {
        const ValueId extents = e.op("Concat", {e.unsqueeze(e.extent(h.q, 2), 0), e.unsqueeze(e.extent(h.k, 2), 0)},
                                     {{"axis", int64_t{0}}});
        const ValueId ones = e.op("Expand", {e.number(1), extents});
        const ValueId seen = e.cast(e.op("Trilu", {ones}, {{"upper", int64_t{0}}}), 9);
        const double infinity = std::numeric_limits<double>::infinity();
        scores = e.add(scores, e.op("Where", {seen, e.number(0), e.number(-infinity)}));
      }
      const Graph graph = e.imported({e.matmul(e.softmax(scores, -1), h.v)});
      const Fused fused = expect_fused_equal(graph);
      EXPECT_EQ(fused.ops("attention"), 1);
      EXPECT_EQ(fused.ops("binary") + fused.ops("select") + fused.ops("copy") + fused.ops("matmul"), 0);
      EXPECT_EQ(fused_op(graph).causal, causal);
      EXPECT_NEAR(fused_op(graph).scale, 0.5, 1e-6);
    }
}

TEST(AttentionFusion, WhatOnlyLooksLikeOneStays) {
  const Middle others[] = {
      // The scores are scaled with their mask.
      [](Exporter& e, ValueId s) {
        return e.mul(e.add(s, e.input("mask", {kQueries, kQueries})), e.number(0.5));
      },
      // A row that is hidden whole is uniform here, and would not be with the fill added.
      [](Exporter& e, ValueId s) {
        std::vector<double> seen = triangle(kQueries, kQueries);
        seen[0] = 0;
        return e.op("Where", {e.constant("c", {kQueries, kQueries}, seen, DType::kBool), s, e.number(-1e4)});
      },
      // A computed condition with a fill that scores could outweigh.
      [](Exporter& e, ValueId s) {
        const ValueId c = e.op("Less", {e.input("mask", {kBatch, 1, 1, kQueries}), e.number(0.5)});
        return e.op("Where", {c, s, e.number(-1e4)});
      },
      [](Exporter& e, ValueId s) { return e.op("Relu", {s}); }};
  for (const Middle& middle : others) {
    Exporter e;
    const Graph graph = e.imported({attention(e, heads(e), middle)});
    EXPECT_EQ(expect_fused_equal(graph).ops("attention"), 0);
  }
}

TEST(AttentionFusion, ProbabilitiesThatAreReadElsewhereStay) {
  Exporter e;
  const Heads h = heads(e);
  const ValueId p = e.softmax(e.matmul(h.q, e.transpose(h.k, {0, 1, 3, 2})), -1);
  const Fused fused = expect_fused_equal(e.imported({e.matmul(p, h.v), p}));
  EXPECT_EQ(fused.ops("attention"), 0);
  EXPECT_EQ(fused.lines("fuse_transposes"), 1);
}

TEST(AttentionFusion, ADeviceWithoutItGetsTheProducts) {
  Exporter e;
  const Graph graph = e.imported({attention(e, heads(e), kForms[1].middle)});
  const auto picky = std::make_shared<PickyDevice>(
      [](const OpDesc& op) -> std::string { return std::holds_alternative<Attention>(op.op) ? "no attention" : ""; });
  const TensorMap inputs = random_inputs(graph);
  const TensorMap want = run_on(graph, {open_device("ref"), nullptr, Precision::kKeep}, inputs);
  RunReport report;
  const TensorMap got = run_on(graph, {picky, open_device("cpu"), Precision::kKeep}, inputs, &report);
  EXPECT_LE(relative_difference(got.begin()->second, want.begin()->second), tests::kFusedDifference);
  int products = 0;
  for (const NodeReport& node : report.nodes) {
    products += node.op == "matmul";
    EXPECT_TRUE(node.why.empty()) << node.name << ": " << node.why;
  }
  EXPECT_EQ(products, 2);
}

// Swin: a bias of every head, then windows split off the batch for a mask of every window.
TEST(AttentionFusion, WindowsAreLeadingAxesOfTheFusedOp) {
  for (int64_t batch : {1, 3}) {
    Exporter e;
    const int64_t windows = 4, tokens = 6;
    const Shape shape{batch * windows, kHeads, tokens, kDepth};
    const ValueId q = e.input("q", shape), k = e.input("k", shape), v = e.input("v", shape);
    ValueId s = e.matmul(e.mul(q, e.number(0.5)), e.transpose(k, {0, 1, 3, 2}));
    s = e.add(s, e.weights({1, kHeads, tokens, tokens}));
    std::vector<double> mask(static_cast<size_t>(windows * tokens * tokens), 0.0);
    for (size_t i = 0; i < mask.size(); i += 5) mask[i] = -100;
    const auto n = static_cast<double>(tokens), w = static_cast<double>(windows), b = static_cast<double>(batch);
    s = e.reshape(s, {b, w, kHeads, n, n});
    s = e.add(s, e.constant("mask", {1, windows, 1, tokens, tokens}, mask));
    s = e.reshape(s, {-1, kHeads, n, n});
    const Fused fused = expect_fused_equal(e.imported({e.matmul(e.softmax(s, -1), v)}));
    EXPECT_EQ(fused.ops("attention"), 1);
    EXPECT_EQ(fused.ops("softmax") + fused.ops("matmul") + fused.ops("copy"), 0);
  }
}

}  // namespace
}  // namespace systole::graph::testing
