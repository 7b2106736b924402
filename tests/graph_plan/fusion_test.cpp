// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/graph_plan/support.h"

namespace systole::graph::testing {
namespace {

// Runs the graph fused and unfused on ref; returns the fused session's report.
RunReport expect_equal(Maker& maker, double tolerance = 1e-5) {
  const auto ref = open_device("ref");
  const TensorMap inputs = maker.inputs();
  RunReport report;
  const TensorMap fused = run_on(maker.graph, {ref, nullptr, Precision::kKeep, true}, inputs, &report);
  const TensorMap plain = run_on(maker.graph, {ref, nullptr, Precision::kKeep, false}, inputs);
  EXPECT_EQ(fused.size(), plain.size());
  for (const auto& [name, want] : plain) EXPECT_LE(relative_difference(fused.at(name), want), tolerance) << name;
  return report;
}

int lines(const RunReport& report, const std::string& pass) { return count_lines(PassReport{report.passes}, pass); }

int ops(const RunReport& report, const std::string& op) {
  int count = 0;
  for (const NodeReport& node : report.nodes) count += node.op == op;
  return count;
}

TEST(Fusion, ConvNormReluBecomesOneNode) {
  Maker maker;
  ValueId x = maker.input("x", {2, 3, 7, 9});
  x = maker.relu(maker.norm(maker.conv(x, 8, 3)));
  maker.graph.outputs = {x};
  const RunReport report = expect_equal(maker);
  EXPECT_EQ(lines(report, "fold_scales"), 2);
  EXPECT_EQ(lines(report, "fuse_activations"), 1);
  EXPECT_EQ(ops(report, "conv2d"), 1);
  EXPECT_EQ(ops(report, "binary"), 0);
  EXPECT_EQ(ops(report, "unary"), 0);
}

TEST(Fusion, ResidualOfTwoConvsGoesIntoTheLater) {
  Maker maker;
  const ValueId x = maker.input("x", {1, 4, 6, 6});
  const ValueId a = maker.norm(maker.conv(x, 8, 3)), b = maker.norm(maker.conv(x, 8, 1, true));
  maker.graph.outputs = {maker.relu(maker.add(a, b))};
  const RunReport report = expect_equal(maker);
  EXPECT_EQ(lines(report, "fuse_residuals"), 1);
  EXPECT_EQ(ops(report, "conv2d"), 2);
  EXPECT_EQ(ops(report, "binary"), 0);
}

TEST(Fusion, NothingIsFusedAcrossASecondReader) {
  Maker maker;
  const ValueId x = maker.input("x", {1, 4, 6, 6});
  const ValueId c = maker.conv(x, 4, 3);
  maker.graph.outputs = {maker.relu(c), maker.norm(c)};
  const RunReport report = expect_equal(maker);
  EXPECT_EQ(lines(report, "fold_scales"), 0);
  EXPECT_EQ(lines(report, "fuse_activations"), 0);
}

TEST(Fusion, AConvThatIsAnOutputStaysItself) {
  Maker maker;
  const ValueId x = maker.input("x", {1, 4, 6, 6});
  const ValueId c = maker.conv(x, 4, 3);
  maker.graph.outputs = {c, maker.relu(c)};
  EXPECT_EQ(lines(expect_equal(maker), "fuse_activations"), 0);
}

TEST(Fusion, ResidualWithItselfIsNotTaken) {
  Maker maker;
  const ValueId x = maker.input("x", {1, 4, 6, 6});
  const ValueId c = maker.conv(x, 4, 3);
  maker.graph.outputs = {maker.add(c, c)};
  EXPECT_EQ(lines(expect_equal(maker), "fuse_residuals"), 0);
}

TEST(Fusion, ScaleAfterScaleMergesWithoutAConv) {
  Maker maker;
  const ValueId x = maker.input("x", {1, 4, 6, 6});
  const ValueId s = maker.constant("s", {1, 4, 1, 1}), t = maker.constant("t", {1});
  const Shape shape{1, 4, 6, 6};
  const ValueId a = maker.op("Mul", Binary{BinaryKind::kMul}, {x, s}, shape);
  maker.graph.outputs = {maker.op("Mul", Binary{BinaryKind::kMul}, {t, a}, shape)};
  EXPECT_EQ(lines(expect_equal(maker), "merge_scales"), 1);
}

TEST(Fusion, MatmulTakesBiasAndActivation) {
  Maker maker;
  const ValueId x = maker.input("x", {3, 16});
  Matmul matmul;
  matmul.transpose_b = true;
  const ValueId y = maker.op("Gemm", matmul, {x, maker.constant("w", {5, 16})}, {3, 5});
  const ValueId z = maker.op("Add", Binary{BinaryKind::kAdd}, {y, maker.constant("b", {5})}, {3, 5});
  maker.graph.outputs = {maker.op("Mul", Binary{BinaryKind::kMul}, {z, maker.constant("m", {5})}, {3, 5})};
  const RunReport report = expect_equal(maker);
  EXPECT_EQ(ops(report, "matmul"), 1);
  EXPECT_EQ(ops(report, "binary"), 0);
}

// Random chains and diamonds of every pattern the passes know.
TEST(Fusion, RandomGraphsKeepTheirValues) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    Maker maker;
    maker.random.seed(seed);
    std::vector<ValueId> known{maker.input("x", {1, 4, 5, 5})};
    for (int step = 0; step < 12; ++step) {
      const ValueId x = known[known.size() - 1 - maker.random() % std::min<size_t>(known.size(), 2)];
      switch (maker.random() % 5) {
        case 0:
          known.push_back(maker.conv(x, 4, 1 + 2 * (maker.random() % 2), maker.random() % 2));
          break;
        case 1:
          known.push_back(maker.norm(x));
          break;
        case 2:
          known.push_back(maker.relu(x));
          break;
        case 3:
          known.push_back(maker.add(x, known[maker.random() % known.size()]));
          break;
        case 4:
          known.push_back(maker.op("Clip", Unary{UnaryKind::kClip, -1.0f, 2.0f}, {x}, {1, 4, 5, 5}));
          break;
      }
    }
    maker.graph.outputs = {known.back()};
    SCOPED_TRACE(seed);
    expect_equal(maker);
  }
}

}  // namespace
}  // namespace systole::graph::testing
