// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Softmax, normalizations and reductions by the interpreter, over axes, layouts and types.
#include <gtest/gtest.h>

#include <random>

#include "tests/npu_compiler/harness.h"

namespace systole::npu::testing {
namespace {

class RowsOn : public ::testing::TestWithParam<const char*> {};

int64_t upto(std::mt19937& r, int64_t most) { return 1 + static_cast<int64_t>(r()) % most; }
bool coin(std::mt19937& r) { return r() % 2; }
DType float_type(std::mt19937& r) { return coin(r) ? DType::kBF16 : DType::kF32; }

TEST_P(RowsOn, SoftmaxAlongAnyAxis) {
  const spec::NpuSpec spec = preset(GetParam());
  for (uint32_t seed = 0; seed < 24; ++seed) {
    std::mt19937 r(seed);
    const Shape shape = {upto(r, 3), upto(r, 9), upto(r, 6), upto(r, 70)};
    const DType type = float_type(r);
    Case test;
    test.op.op = Softmax{static_cast<int>(r() % 4), seed % 3 == 0};
    test.op.inputs = {coin(r) ? row_major(type, shape) : image(type, shape, nullptr, 8)};
    test.op.outputs = {coin(r) ? row_major(type, shape) : image(type, shape)};
    ASSERT_EQ(check(test, spec, seed, 2, 70).error, "") << "seed " << seed;
  }
}

TEST_P(RowsOn, Normalizations) {
  const spec::NpuSpec spec = preset(GetParam());
  for (uint32_t seed = 0; seed < 24; ++seed) {
    std::mt19937 r(seed);
    const Shape shape = {upto(r, 3), upto(r, 40), 2 + upto(r, 5), 2 + upto(r, 60)};
    const DType type = float_type(r);
    Normalize op{coin(r) ? NormKind::kLayer : NormKind::kRms, 1 + static_cast<int>(r() % 2), 1e-3f, coin(r), coin(r)};
    const TensorDesc last = row_major(DType::kF32, Shape(shape.end() - op.axes, shape.end()));
    Case test;
    test.op.op = op;
    test.op.inputs = {row_major(type, shape)};
    test.constant = {false};
    for (bool given : {op.scale, op.bias}) {
      if (given) test.op.inputs.push_back(last), test.constant.push_back(coin(r));
    }
    test.op.outputs = {row_major(type, shape)};
    // Values are up to about 8 in magnitude, and each carries the errors of two sums along the row.
    ASSERT_EQ(check(test, spec, seed, 2, 8 * 64).error, "") << "seed " << seed;
  }
}

TEST_P(RowsOn, ReductionsOverAnyAxes) {
  const spec::NpuSpec spec = preset(GetParam());
  const ReduceKind kinds[] = {ReduceKind::kSum, ReduceKind::kMean, ReduceKind::kMax, ReduceKind::kMin,
                              ReduceKind::kSumSquare};
  const std::vector<int> axes[] = {{3}, {1}, {0}, {2, 3}, {1, 2, 3}, {0, 1, 2, 3}, {0, 1}};
  for (uint32_t seed = 0; seed < 35; ++seed) {
    std::mt19937 r(seed);
    const Shape shape = {upto(r, 3), upto(r, 8), upto(r, 7), upto(r, 30)};
    const DType type = float_type(r);
    Case test;
    test.op.op = Reduce{kinds[seed % 5], axes[seed % 7]};
    Shape kept = shape;
    for (int axis : axes[seed % 7]) kept[static_cast<size_t>(axis)] = 1;
    test.op.inputs = {row_major(type, shape)};
    test.op.outputs = {row_major(type, kept)};
    ASSERT_EQ(check(test, spec, seed, 2, 3 * 8 * 7 * 30).error, "") << "seed " << seed;
  }
}

// More elements than a vector command has channels: rows in equal pieces, each with its part of the parameters.
TEST(LongRows, InPieces) {
  const spec::NpuSpec spec = preset("datacenter-128x128");
  const int64_t n = 122880;
  const TensorDesc wide = row_major(DType::kBF16, {2, n}), one = row_major(DType::kBF16, {2, 1});
  const TensorDesc along = row_major(DType::kF32, {n});
  for (int kind = 0; kind < 5; ++kind) {
    Case test;
    test.op.inputs = {wide};
    test.op.outputs = {wide};
    if (kind == 0) test.op.op = Softmax{1, false};
    if (kind == 1) test.op.op = Normalize{NormKind::kLayer, 1, 1e-3f, false, false};
    if (kind == 2) {
      test.op.op = Normalize{NormKind::kRms, 1, 1e-3f, true, true};
      test.op.inputs = {wide, along, along};
      test.constant = {false, true, true};
    }
    if (kind > 2) {
      test.op.op = Reduce{kind == 3 ? ReduceKind::kMean : ReduceKind::kMax, {1}};
      test.op.outputs = {one};
    }
    ASSERT_EQ(check(test, spec, 7, 2, 8 * 64).error, "") << kind;
  }
}

TEST(LongRows, OfNoEqualPiecesAreRefused) {
  const TensorDesc prime = row_major(DType::kBF16, {1, 65537});
  OpDesc op{Softmax{1, false}, {prime}, {prime}};
  const Support support = Compiler(preset("datacenter-128x128")).supports(op);
  EXPECT_FALSE(support.yes);
  EXPECT_NE(support.reason.find("rows of 65537 elements"), std::string::npos) << support.reason;
}

INSTANTIATE_TEST_SUITE_P(Presets, RowsOn, ::testing::Values("tiny-4x4", "tiny-8x8", "edge-16x16"));

}  // namespace
}  // namespace systole::npu::testing
