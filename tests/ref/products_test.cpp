// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Matmul and conv2d against the loops of hal/op.h written out index by index, to the bit.
#include <gtest/gtest.h>

#include <random>

#include "tests/ref/numbers.h"

namespace systole::reftest {
namespace {

Numbers floats(int64_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  Numbers values;
  for (int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>(random() % 20001) / 7919.0f - 1.2f);
  return values;
}

// T: float, or uint32_t for wrapping sums.
template <typename T>
Numbers naive_conv(const Conv2d& op, const Shape& x, const Numbers& xs, const Shape& w, const Numbers& ws,
                   const Shape& y) {
  Numbers out;
  for (int64_t n = 0; n < y[0]; ++n) {
    for (int64_t o = 0; o < y[1]; ++o) {
      for (int64_t oh = 0; oh < y[2]; ++oh) {
        for (int64_t ow = 0; ow < y[3]; ++ow) {
          T acc = 0;
          int64_t g = o / (w[0] / op.groups);
          for (int64_t kh = 0; kh < w[2]; ++kh) {
            for (int64_t kw = 0; kw < w[3]; ++kw) {
              for (int64_t c = 0; c < w[1]; ++c) {
                int64_t h = oh * op.stride_h + kh * op.dilation_h - op.pad_top,
                        v = ow * op.stride_w + kw * op.dilation_w - op.pad_left;
                if (h < 0 || h >= x[2] || v < 0 || v >= x[3]) continue;
                double a = xs[static_cast<size_t>(((n * x[1] + g * w[1] + c) * x[2] + h) * x[3] + v)];
                double b = ws[static_cast<size_t>(((o * w[1] + c) * w[2] + kh) * w[3] + kw)];
                acc += static_cast<T>(
                    static_cast<T>(static_cast<std::conditional_t<std::is_same_v<T, float>, float, int32_t>>(a)) *
                    static_cast<T>(static_cast<std::conditional_t<std::is_same_v<T, float>, float, int32_t>>(b)));
              }
            }
          }
          out.push_back(std::is_same_v<T, float> ? static_cast<double>(acc)
                                                 : static_cast<double>(static_cast<int32_t>(acc)));
        }
      }
    }
  }
  return out;
}

struct RandomConv {
  Conv2d op;
  Shape x, w, y;
};

RandomConv random_conv(std::mt19937& random) {
  auto pick = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() % static_cast<uint32_t>(high - low + 1));
  };
  for (;;) {
    RandomConv r;
    Conv2d& op = r.op;
    op.groups = pick(1, 3);
    op.stride_h = pick(1, 3), op.stride_w = pick(1, 3), op.dilation_h = pick(1, 2), op.dilation_w = pick(1, 3);
    op.pad_top = pick(0, 3), op.pad_left = pick(0, 3), op.pad_bottom = pick(0, 3), op.pad_right = pick(0, 3);
    r.x = {pick(1, 2), op.groups * pick(1, 5), pick(1, 9), pick(1, 9)};
    r.w = {op.groups * pick(1, 12), r.x[1] / op.groups, pick(1, 3), pick(1, 4)};
    r.y = {r.x[0], r.w[0], window_output(r.x[2], r.w[2], op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom),
           window_output(r.x[3], r.w[3], op.stride_w, op.dilation_w, op.pad_left, op.pad_right)};
    if (r.y[2] > 0 && r.y[3] > 0) return r;
  }
}

TEST(RefConv2d, IsItsSerialLoopToTheBit) {
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    RandomConv r = random_conv(random);
    Numbers x = floats(element_count(r.x), i), w = floats(element_count(r.w), i + 1000);
    Operand image{i % 2 ? channels_last(DType::kF32, r.x) : row_major(DType::kF32, r.x), x};
    EXPECT_EQ(run(r.op, {image, f32(r.w, w)}, row_major(DType::kF32, r.y)),
              naive_conv<float>(r.op, r.x, x, r.w, w, r.y))
        << i;
  }
}

TEST(RefConv2d, IntegersSubtractZeroPointsAndPadWithZero) {
  std::mt19937 random(2);
  for (int i = 0; i < 100; ++i) {
    RandomConv r = random_conv(random);
    Numbers x = integers(element_count(r.x), i, -128, 127), w = integers(element_count(r.w), i + 7, 0, 255);
    Numbers x0 = x, w0 = w;
    for (double& v : x0) v -= 9;
    for (double& v : w0) v -= 131;
    EXPECT_EQ(run(r.op, {of(DType::kI8, r.x, x, quant(0.1f, 9)), of(DType::kU8, r.w, w, quant(0.2f, 131))},
                  row_major(DType::kI32, r.y)),
              naive_conv<uint32_t>(r.op, r.x, x0, r.w, w0, r.y))
        << i;
  }
}

TEST(RefMatmul, IsItsSerialLoopToTheBit) {
  for (int i = 0; i < 60; ++i) {
    int64_t m = 1 + i % 7, k = 1 + i * 5 % 90, n = 1 + i * 3 % 40;
    bool ta = i & 1, tb = i & 2;
    Numbers a = floats(2 * m * k, i), w = floats(k * n, i + 500), expected;
    for (int64_t b = 0; b < 2; ++b) {
      for (int64_t r = 0; r < m; ++r) {
        for (int64_t c = 0; c < n; ++c) {
          float acc = 0;
          for (int64_t j = 0; j < k; ++j) {
            auto x = static_cast<float>(a[static_cast<size_t>(b * m * k + (ta ? j * m + r : r * k + j))]);
            auto y = static_cast<float>(w[static_cast<size_t>(tb ? c * k + j : j * n + c)]);
            acc += x * y;
          }
          expected.push_back(acc);
        }
      }
    }
    Shape sa = ta ? Shape{2, k, m} : Shape{2, m, k}, sw = tb ? Shape{n, k} : Shape{k, n};
    EXPECT_EQ(run(Matmul{ta, tb, {}}, {f32(sa, a), f32(sw, w)}, row_major(DType::kF32, {2, m, n})), expected) << i;
  }
}

TEST(RefMatmul, BroadcastsBothSides) {
  Numbers a{1, 2}, w{10, 100, 1000};
  EXPECT_EQ(run(Matmul{}, {f32({2, 1, 1, 1}, a), f32({3, 1, 1}, w)}, row_major(DType::kF32, {2, 3, 1, 1})),
            (Numbers{10, 100, 1000, 20, 200, 2000}));
}

TEST(RefMatmul, StridedOperands) {
  Operand a = f32({2, 2}, {1, 2, 3, 4});
  a.desc.strides = {40, 12};  // gaps in rows and columns
  TensorDesc y = row_major(DType::kF32, {2, 2});
  y.strides = {4, 32};  // stored transposed, with gaps
  EXPECT_EQ(run(Matmul{}, {a, f32({2, 2}, {1, 0, 10, 1})}, y), (Numbers{21, 2, 43, 4}));
}

TEST(RefMatmul, I32SumsWrap) {
  // 140,000 times 127 * 127 is beyond 2^31.
  int64_t k = 140000;
  Numbers ones(static_cast<size_t>(k), 127);
  double expected = static_cast<int32_t>(static_cast<uint32_t>(k * 127 * 127));
  EXPECT_LT(expected, 0);
  EXPECT_EQ(run(Matmul{}, {of(DType::kI8, {1, k}, ones), of(DType::kI8, {k, 1}, ones)}, row_major(DType::kI32, {1, 1})),
            Numbers{expected});
}

TEST(RefMatmul, SumsRunInAscendingK) {
  // (2^24 + 1) - 2^24 loses the one in f32; another order keeps it.
  Numbers a{16777216, 1, -16777216}, ones{1, 1, 1};
  EXPECT_EQ(run(Matmul{}, {f32({1, 3}, a), f32({3, 1}, ones)}, row_major(DType::kF32, {1, 1})), Numbers{0});
}

TEST(RefMatmul, FloatEpilogueInOrder) {
  Matmul op;
  op.epilogue = {true, true, Activation::kClip, -1.0f, 5.0f, RequantMode::kOnnx};
  // a*w = {1, -8, 30}; + bias {1, 1, 1} + residual {2, 2, 2} = {4, -5, 33}
  EXPECT_EQ(run(op, {f32({1, 1}, {1}), f32({1, 3}, {1, -8, 30}), f32({3}, {1, 1, 1}), f32({1, 3}, {2, 2, 2})},
                row_major(DType::kF32, {1, 3})),
            (Numbers{4, -1, 5}));
}

std::shared_ptr<const Quantization> columns(std::vector<float> scale, int axis) {
  std::vector<int32_t> zeros(scale.size(), 0);
  return std::make_shared<Quantization>(Quantization{std::move(scale), std::move(zeros), axis});
}

TEST(RefMatmul, IntegerWeightsAreScaledAfterTheSum) {
  Matmul op;
  op.epilogue = {true, true, Activation::kRelu, 0, 0, RequantMode::kOnnx};
  // Sums: 1*3 + 2*-8 = -13, 1*7 + 2*5 = 17, 1*-1 + 2*0 = -1; by column times 2, 0.5, 4 = -26, 8.5, -4; + bias 30, 1, 1
  // + residual 0.25, 0, 0 = 4.25, 9.5, -3.
  const Numbers w{3, 7, -1, -8, 5, 0};
  for (DType type : {DType::kI8, DType::kI4})
    EXPECT_EQ(run(op,
                  {f32({1, 2}, {1, 2}), of(type, {2, 3}, w, columns({2.0f, 0.5f, 4.0f}, 1)), f32({3}, {30, 1, 1}),
                   f32({1, 3}, {0.25, 0, 0})},
                  row_major(DType::kF32, {1, 3})),
              (Numbers{4.25, 9.5, 0}))
        << dtype_name(type);
  // The scale is not in the sum: 2^24 + 1 - 2^24 is 0 in f32, whatever multiplies it.
  EXPECT_EQ(run(Matmul{}, {f32({1, 3}, {16777216, 1, -16777216}), of(DType::kI8, {3, 1}, {1, 1, 1}, quant(0.5f, 0))},
                row_major(DType::kF32, {1, 1})),
            Numbers{0});
}

TEST(RefMatmul, FourBitWeightsTransposedAndOfIntegers) {
  // w is 3 x 2, given as 2 x 3: rows of three elements take two bytes.
  const Numbers w{1, -2, 3, 4, 5, -6};
  EXPECT_EQ(run(Matmul{false, true, {}},
                {of(DType::kBF16, {1, 3}, {1, 10, 100}), of(DType::kI4, {2, 3}, w, columns({1.0f, 0.5f}, 0))},
                row_major(DType::kBF16, {1, 2})),
            (Numbers{280, -272}));  // 281 and -273 are ties in bf16's eight bits
  EXPECT_EQ(run(Matmul{false, true, {}}, {of(DType::kI8, {1, 3}, {1, 10, 100}), of(DType::kI4, {2, 3}, w)},
                row_major(DType::kI32, {1, 2})),
            (Numbers{281, -546}));
}

TEST(RefMatmul, BF16ResultsRoundOnce) {
  // 1 + 2^-8 is a tie between two bf16 values and goes to the even one; one more bit decides.
  Numbers a{1, 1}, w{1, 0.00390625};
  EXPECT_EQ(run(Matmul{}, {of(DType::kBF16, {1, 2}, a), of(DType::kBF16, {2, 1}, w)}, row_major(DType::kBF16, {1, 1})),
            Numbers{1});
  EXPECT_EQ(run(Matmul{},
                {of(DType::kBF16, {1, 3}, {1, 1, 1}), of(DType::kBF16, {3, 1}, {1, 0.00390625, 0.0000152587890625})},
                row_major(DType::kBF16, {1, 1})),
            Numbers{1.0078125});
}

}  // namespace
}  // namespace systole::reftest
