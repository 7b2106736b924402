// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Transposes, slices and expansions that become strides, and those that can't.
#include "tests/graph_fusion/exporter.h"

namespace systole::graph::testing {
namespace {

TEST(Views, HeadsAreSplitAndJoinedWithoutCopies) {
  Exporter e;
  const ValueId x = e.input("x", {2, 5, 12});
  ValueId parts = e.transpose(e.reshape(e.linear(x, 12, 36), {2, 5, 3, 3, 4}), {2, 0, 3, 1, 4});
  const ValueId q = e.gather(parts, e.integer(0)), k = e.gather(parts, e.integer(1)), v = e.gather(parts, e.integer(2));
  const ValueId scores = e.mul(e.matmul(q, e.transpose(k, {0, 1, 3, 2})), e.number(0.5));
  const ValueId y = e.reshape(e.transpose(e.matmul(e.softmax(scores, -1), v), {0, 2, 1, 3}), {2, 5, 12});
  const Fused fused = expect_fused_equal(e.imported({e.linear(y, 12, 12)}));
  EXPECT_EQ(fused.ops("attention"), 1);
  EXPECT_EQ(fused.ops("matmul"), 2);
  EXPECT_EQ(fused.ops("copy"), 0);
}

// The reader sees the elements in an order that no strides give.
TEST(Views, AReshapeAcrossATransposeIsACopy) {
  Exporter e;
  const ValueId x = e.input("x", {3, 4, 5});
  const ValueId y = e.reshape(e.transpose(e.op("Relu", {e.op("Abs", {x})}), {1, 0, 2}), {4, 15});
  const Fused fused = expect_fused_equal(e.imported({e.matmul(y, e.weights({15, 6}))}));
  // The function writes where the transpose would have put its result.
  EXPECT_EQ(fused.ops("copy"), 0);
  Exporter f;
  const ValueId z = f.input("x", {3, 4, 5});
  const Fused copied =
      expect_fused_equal(f.imported({f.matmul(f.reshape(f.transpose(z, {1, 0, 2}), {4, 15}), f.weights({15, 6}))}));
  EXPECT_EQ(copied.ops("copy"), 1);  // a graph input is what it is
}

TEST(Views, AGraphOutputIsMadeWhole) {
  Exporter e;
  const ValueId x = e.input("x", {3, 4});
  const ValueId t = e.transpose(x, {1, 0});
  const Fused fused = expect_fused_equal(e.imported({t, e.op("Neg", {t})}));
  EXPECT_EQ(fused.ops("copy"), 1);
}

// A device that wants its operands dense gets copies; its arithmetic stays where it was.
TEST(Views, ADeviceThatWantsDenseOperandsGetsThem) {
  Exporter e;
  const ValueId x = e.input("x", {3, 4, 5});
  const Graph graph = e.imported({e.op("Neg", {e.slice(e.transpose(x, {2, 0, 1}), 1, 4, 2)})});
  const auto dense = std::make_shared<PickyDevice>([](const OpDesc& op) -> std::string {
    for (const TensorDesc& desc : op.inputs)
      if (!std::holds_alternative<Copy>(op.op) && !desc.is_row_major()) return "strides";
    return "";
  });
  const TensorMap inputs = random_inputs(graph);
  RunReport report;
  const TensorMap got = run_on(graph, {dense, open_device("ref"), Precision::kKeep}, inputs, &report);
  const TensorMap want = run_on(graph, {open_device("ref"), nullptr, Precision::kKeep, false}, inputs);
  EXPECT_EQ(relative_difference(got.begin()->second, want.begin()->second), 0);
  for (const NodeReport& node : report.nodes) EXPECT_TRUE(node.why.empty()) << node.name << ": " << node.why;
}

// A triangle of computed values is a choice by a constant one, and the same as folded.
TEST(Views, TriluOfData) {
  for (int64_t upper : {0, 1})
    for (double k : {-1.0, 0.0, 2.0}) {
      Exporter e(14);
      const ValueId x = e.input("x", {2, 4, 5});
      const Graph graph = e.imported({e.op("Trilu", {x, e.integer(k)}, {{"upper", upper}})});
      const TensorMap inputs = random_inputs(graph);
      const TensorMap got = run_on(graph, {open_device("ref"), nullptr, Precision::kKeep}, inputs);
      const float *from = inputs.begin()->second.f32(), *to = got.begin()->second.f32();
      for (int64_t i = 0; i < 40; ++i) {
        const auto over = static_cast<double>(i % 5 - i / 5 % 4);
        EXPECT_EQ(to[i], (upper != 0 ? over >= k : over <= k) ? from[i] : 0.0f) << i;
      }
    }
}

// Random chains of movement ahead of arithmetic give what they give as copies.
TEST(Views, RandomChainsKeepTheirValues) {
  int views = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    Exporter e;
    Shape shape{2, 3, 4, 6};
    ValueId x = e.op("Neg", {e.input("x", shape)});
    for (int step = 0; step < 6; ++step) {
      switch (random() % 5) {
        case 0: {
          Ints perm(shape.size());
          for (size_t i = 0; i < perm.size(); ++i) perm[i] = static_cast<int64_t>(i);
          std::shuffle(perm.begin(), perm.end(), random);
          Shape next;
          for (int64_t axis : perm) next.push_back(shape[static_cast<size_t>(axis)]);
          x = e.transpose(x, perm), shape = next;
          break;
        }
        case 1: {
          const size_t axis = random() % shape.size();
          if (shape[axis] < 2) break;
          x = e.slice(x, 1, static_cast<double>(shape[axis]), static_cast<double>(axis));
          --shape[axis];
          break;
        }
        case 2: {  // two neighbours become one axis
          if (shape.size() < 2) break;
          const size_t axis = random() % (shape.size() - 1);
          shape[axis] *= shape[axis + 1];
          shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1);
          x = e.reshape(x, std::vector<double>(shape.begin(), shape.end()));
          break;
        }
        case 3: {  // one becomes two
          const size_t axis = random() % shape.size();
          if (shape[axis] % 2 != 0) break;
          shape[axis] /= 2;
          shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), 2);
          x = e.reshape(x, std::vector<double>(shape.begin(), shape.end()));
          break;
        }
        case 4:
          x = e.op(random() % 2 != 0 ? "Abs" : "Neg", {x});
          break;
      }
    }
    views += expect_fused_equal(e.imported({e.op("Exp", {x}), e.op("Neg", {x})})).lines("views");
  }
  EXPECT_GT(views, 60);
}

}  // namespace
}  // namespace systole::graph::testing
