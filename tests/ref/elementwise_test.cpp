// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/ref/numbers.h"

namespace systole::reftest {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

Numbers unary(UnaryKind kind, Numbers x, float alpha = 0, float beta = 0) {
  auto n = static_cast<int64_t>(x.size());
  return run(Unary{kind, alpha, beta}, {f32({n}, x)}, row_major(DType::kF32, {n}));
}

TEST(RefUnary, ExactOnes) {
  Numbers x{-2.5, -0.5, 0, 0.5, 1.5};
  EXPECT_EQ(unary(UnaryKind::kRelu, x), (Numbers{0, 0, 0, 0.5, 1.5}));
  EXPECT_EQ(unary(UnaryKind::kClip, x, -1, 1), (Numbers{-1, -0.5, 0, 0.5, 1}));
  EXPECT_EQ(unary(UnaryKind::kNeg, x), (Numbers{2.5, 0.5, 0, -0.5, -1.5}));
  EXPECT_EQ(unary(UnaryKind::kAbs, x), (Numbers{2.5, 0.5, 0, 0.5, 1.5}));
  EXPECT_EQ(unary(UnaryKind::kRound, x), (Numbers{-2, 0, 0, 0, 2}));
  EXPECT_EQ(unary(UnaryKind::kFloor, x), (Numbers{-3, -1, 0, 0, 1}));
  EXPECT_EQ(unary(UnaryKind::kCeil, x), (Numbers{-2, 0, 0, 1, 2}));
  EXPECT_EQ(unary(UnaryKind::kSign, x), (Numbers{-1, -1, 0, 1, 1}));
  EXPECT_EQ(unary(UnaryKind::kLeakyRelu, x, 0.5f), (Numbers{-1.25, -0.25, 0, 0.5, 1.5}));
  EXPECT_EQ(unary(UnaryKind::kHardSigmoid, {-10, 0, 10}, 0.25f, 0.5f), (Numbers{0, 0.5, 1}));
  EXPECT_EQ(unary(UnaryKind::kHardSwish, {-4, 0, 4}), (Numbers{0, 0, 4}));
  EXPECT_EQ(unary(UnaryKind::kReciprocal, {4}), Numbers{0.25});
  EXPECT_EQ(unary(UnaryKind::kSqrt, {9}), Numbers{3});
}

TEST(RefUnary, ElementaryFunctions) {
  struct Known {
    UnaryKind kind;
    double x, y;
  };
  const Known known[] = {{UnaryKind::kExp, 1, 2.718281828},       {UnaryKind::kLog, 10, 2.302585093},
                         {UnaryKind::kSigmoid, 1, 0.7310585786},  {UnaryKind::kTanh, 0.5, 0.4621171573},
                         {UnaryKind::kErf, 0.5, 0.5204998778},    {UnaryKind::kGeluErf, 1, 0.8413447461},
                         {UnaryKind::kGeluTanh, 1, 0.8411919906}, {UnaryKind::kSilu, 1, 0.7310585786}};
  for (const Known& k : known) EXPECT_NEAR(unary(k.kind, {k.x})[0], k.y, 3e-7) << static_cast<int>(k.kind);
}

TEST(RefUnary, NanPassesRelu) { EXPECT_TRUE(std::isnan(unary(UnaryKind::kRelu, {kNan})[0])); }

TEST(RefUnary, QuantizedOnTheValue) {
  auto q = quant(0.5f, 10);
  auto i8 = [&](UnaryKind kind, Numbers x, float alpha = 0, float beta = 0) {
    auto n = static_cast<int64_t>(x.size());
    return run(Unary{kind, alpha, beta}, {of(DType::kI8, {n}, x, q)}, row_major(DType::kI8, {n}, q));
  };
  EXPECT_EQ(i8(UnaryKind::kRelu, {-5, 10, 50}), (Numbers{10, 10, 50}));
  EXPECT_EQ(i8(UnaryKind::kNeg, {-128, 10, 50}), (Numbers{127, 10, -30}));
  EXPECT_EQ(i8(UnaryKind::kAbs, {0, 20}), (Numbers{20, 20}));
  EXPECT_EQ(i8(UnaryKind::kClip, {-5, 12, 50}, -1, 2), (Numbers{8, 12, 14}));
  EXPECT_EQ(run(Unary{UnaryKind::kNot, 0, 0}, {of(DType::kBool, {2}, {0, 1})}, row_major(DType::kBool, {2})),
            (Numbers{1, 0}));
}

Numbers binary(BinaryKind kind, DType type, Numbers a, Numbers b, DType out) {
  auto n = static_cast<int64_t>(a.size());
  return run(Binary{kind, Activation::kNone, 0, 0}, {of(type, {n}, a), of(type, {n}, b)}, row_major(out, {n}));
}

TEST(RefBinary, Floats) {
  Numbers a{5, -7, 2}, b{2, 2, 3};
  EXPECT_EQ(binary(BinaryKind::kSub, DType::kF32, a, b, DType::kF32), (Numbers{3, -9, -1}));
  EXPECT_EQ(binary(BinaryKind::kDiv, DType::kF64, a, b, DType::kF64), (Numbers{2.5, -3.5, 2.0 / 3.0}));
  EXPECT_EQ(binary(BinaryKind::kMod, DType::kF32, a, b, DType::kF32), (Numbers{1, -1, 2}));
  EXPECT_EQ(binary(BinaryKind::kPow, DType::kF32, a, b, DType::kF32), (Numbers{25, 49, 8}));
  EXPECT_EQ(binary(BinaryKind::kMax, DType::kBF16, a, b, DType::kBF16), (Numbers{5, 2, 3}));
  EXPECT_TRUE(std::isnan(binary(BinaryKind::kMin, DType::kF32, {1}, {kNan}, DType::kF32)[0]));
  EXPECT_EQ(binary(BinaryKind::kLessEqual, DType::kF32, {1, 2, kNan}, {2, 2, 2}, DType::kBool), (Numbers{1, 1, 0}));
}

TEST(RefBinary, IntegersWrap) {
  EXPECT_EQ(binary(BinaryKind::kAdd, DType::kI8, {127, -128}, {1, -1}, DType::kI8), (Numbers{-128, 127}));
  EXPECT_EQ(binary(BinaryKind::kMul, DType::kI32, {65536}, {65536}, DType::kI32), Numbers{0});
  EXPECT_EQ(binary(BinaryKind::kDiv, DType::kI32, {-7, 7, 5, -2147483648.0}, {2, -2, 0, -1}, DType::kI32),
            (Numbers{-3, -3, 0, -2147483648.0}));
  EXPECT_EQ(binary(BinaryKind::kMod, DType::kI32, {-7, 7, 5}, {3, -3, 0}, DType::kI32), (Numbers{2, -2, 0}));
  EXPECT_EQ(binary(BinaryKind::kPow, DType::kI64, {3, 2, -1}, {4, -1, -3}, DType::kI64), (Numbers{81, 0, -1}));
  EXPECT_EQ(binary(BinaryKind::kXor, DType::kU8, {12}, {10}, DType::kU8), Numbers{6});
  Binary relu{BinaryKind::kAdd, Activation::kRelu, 0, 0};
  EXPECT_EQ(run(relu, {of(DType::kI8, {1}, {127}), of(DType::kI8, {1}, {1})}, row_major(DType::kI8, {1})), Numbers{0});
}

TEST(RefBinary, BroadcastsAndActivates) {
  Binary op{BinaryKind::kAdd, Activation::kClip, 0, 12};
  EXPECT_EQ(run(op, {f32({2, 1}, {-10, 10}), f32({3}, {1, 2, 3})}, row_major(DType::kF32, {2, 3})),
            (Numbers{0, 0, 0, 11, 12, 12}));
}

TEST(RefBinary, Quantized) {
  // (20 - 10) * 0.5 + (7 - 5) * 0.25 = 5.5; / 0.5 = 11; + 3.
  Binary add{BinaryKind::kAdd, Activation::kNone, 0, 0};
  auto y = [](int32_t zero) { return row_major(DType::kI8, {1}, quant(0.5f, zero)); };
  EXPECT_EQ(run(add, {of(DType::kI8, {1}, {20}, quant(0.5f, 10)), of(DType::kI8, {1}, {7}, quant(0.25f, 5))}, y(3)),
            Numbers{14});
  EXPECT_EQ(run(add, {of(DType::kI8, {1}, {127}, quant(0.5f, 0)), of(DType::kI8, {1}, {127}, quant(0.5f, 0))}, y(0)),
            Numbers{127});
}

TEST(RefPool, MaxAndAverage) {
  Operand x = f32({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6});
  Pool max;
  max.kernel_h = max.kernel_w = 2;
  max.pad_left = 1;
  EXPECT_EQ(run(max, {x}, row_major(DType::kF32, {1, 1, 1, 3})), (Numbers{4, 5, 6}));
  Pool average = max;
  average.kind = PoolKind::kAverage;
  EXPECT_EQ(run(average, {x}, row_major(DType::kF32, {1, 1, 1, 3})), (Numbers{2.5, 3, 4}));
  average.count_include_pad = true;
  EXPECT_EQ(run(average, {x}, row_major(DType::kF32, {1, 1, 1, 3})), (Numbers{1.25, 3, 4}));
}

TEST(RefPool, QuantizedAverage) {
  Pool op;
  op.kind = PoolKind::kAverage;
  op.kernel_h = op.kernel_w = 2;
  // values (x - 2): 1, 2, 3, 5: sum 11; 11 * 0.5 / 0.25 / 4 = 5.5 -> 6 (even); + 1
  EXPECT_EQ(run(op, {of(DType::kU8, {1, 1, 2, 2}, {3, 4, 5, 7}, quant(0.5f, 2))},
                row_major(DType::kU8, {1, 1, 1, 1}, quant(0.25f, 1))),
            Numbers{7});
}

}  // namespace
}  // namespace systole::reftest
