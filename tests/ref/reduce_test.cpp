// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/ref/numbers.h"

namespace systole::reftest {
namespace {

Numbers reduce(ReduceKind kind, std::vector<int> axes, Shape y, DType type = DType::kF32) {
  return run(Reduce{kind, std::move(axes)}, {of(type, {2, 3}, {1, 2, 3, 4, 5, 9})}, row_major(type, std::move(y)));
}

TEST(RefReduce, Kinds) {
  EXPECT_EQ(reduce(ReduceKind::kSum, {1}, {2, 1}), (Numbers{6, 18}));
  EXPECT_EQ(reduce(ReduceKind::kSum, {0}, {1, 3}), (Numbers{5, 7, 12}));
  EXPECT_EQ(reduce(ReduceKind::kMean, {1}, {2, 1}, DType::kBF16), (Numbers{2, 6}));
  EXPECT_EQ(reduce(ReduceKind::kMax, {0, 1}, {1, 1}), Numbers{9});
  EXPECT_EQ(reduce(ReduceKind::kMin, {0}, {1, 3}), (Numbers{1, 2, 3}));
  EXPECT_EQ(reduce(ReduceKind::kProd, {1}, {2, 1}), (Numbers{6, 180}));
  EXPECT_EQ(reduce(ReduceKind::kSumSquare, {1}, {2, 1}, DType::kI32), (Numbers{14, 122}));
  EXPECT_EQ(reduce(ReduceKind::kSum, {}, {2, 3}), (Numbers{1, 2, 3, 4, 5, 9}));
}

TEST(RefReduce, MaxOfNegativesAndWrappingSums) {
  EXPECT_EQ(run(Reduce{ReduceKind::kMax, {0}}, {f32({3}, {-5, -2, -9})}, row_major(DType::kF32, {1})), Numbers{-2});
  EXPECT_EQ(run(Reduce{ReduceKind::kSum, {0}}, {of(DType::kI32, {2}, {2147483647, 1})}, row_major(DType::kI32, {1})),
            Numbers{-2147483648.0});
}

TEST(RefReduce, RowMajorOrder) {
  EXPECT_EQ(
      run(Reduce{ReduceKind::kSum, {0, 1}}, {f32({2, 2}, {16777216, 1, 1, -16777216})}, row_major(DType::kF32, {1, 1})),
      Numbers{0});
}

TEST(RefSoftmax, AlongAnyAxis) {
  Numbers y = run(Softmax{0, false}, {f32({2, 2}, {0, 1000, std::log(3.0), 1000})}, row_major(DType::kF32, {2, 2}));
  EXPECT_NEAR(y[0], 0.25, 1e-6);
  EXPECT_NEAR(y[2], 0.75, 1e-6);
  EXPECT_EQ(y[1], 0.5);
  Numbers log = run(Softmax{-1, true}, {f32({1, 2}, {0, std::log(3.0)})}, row_major(DType::kF32, {1, 2}));
  EXPECT_NEAR(log[0], std::log(0.25), 1e-6);
  EXPECT_NEAR(log[1], std::log(0.75), 1e-6);
}

}  // namespace
}  // namespace systole::reftest
