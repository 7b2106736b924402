// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Storage types by exhaustion, requantization by hand-computed vectors, kernels against the naive loop, all to the bit.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "hal/numeric/bf16.h"
#include "hal/numeric/f16.h"
#include "hal/numeric/fp8.h"
#include "hal/numeric/gemm.h"
#include "hal/numeric/requantize.h"

namespace systole::numeric {
namespace {

TEST(BF16, EveryValueRoundTrips) {
  for (uint32_t i = 0; i < 0x10000; ++i) {
    const BF16 value{static_cast<uint16_t>(i)};
    const float real = to_f32(value);
    if (std::isnan(real)) {
      EXPECT_TRUE(std::isnan(to_f32(to_bf16(real))));
    } else {
      ASSERT_EQ(to_bf16(real).bits, value.bits);
    }
  }
}

TEST(BF16, RoundsToNearestEven) {
  EXPECT_EQ(to_bf16(std::bit_cast<float>(0x3f808000u)).bits, 0x3f80);  // tie, even below
  EXPECT_EQ(to_bf16(std::bit_cast<float>(0x3f818000u)).bits, 0x3f82);  // tie, even above
  EXPECT_EQ(to_bf16(std::bit_cast<float>(0x3f808001u)).bits, 0x3f81);
  EXPECT_EQ(to_bf16(std::bit_cast<float>(0x7f7fffffu)).bits, 0x7f80);  // overflows to infinity
  EXPECT_EQ(to_bf16(std::bit_cast<float>(0x00000001u)).bits, 0x0000);
  EXPECT_EQ(to_bf16(std::bit_cast<float>(0x00018000u)).bits, 0x0002);  // subnormal tie
  EXPECT_TRUE(std::isnan(to_f32(to_bf16(std::bit_cast<float>(0x7f800001u)))));
}

// The nearest of all values, ties to the even one: the definition, by search.
template <typename T, typename Encode>
void nearest_by_search(int count, Encode encode, const std::vector<float>& reals, float largest) {
  for (float real : reals) {
    const float clamped = std::fmin(std::fmax(real, -largest), largest);
    float best = INFINITY;
    uint32_t best_bits = 0;
    for (int i = 0; i < count; ++i) {
      T value;
      value.bits = static_cast<decltype(value.bits)>(i);
      const float candidate = to_f32(value);
      if (!std::isfinite(candidate)) continue;
      const double distance = std::fabs(static_cast<double>(candidate) - clamped),
                   so_far = std::fabs(static_cast<double>(best) - clamped);
      if (distance < so_far || (distance == so_far && i % 2 == 0 && best_bits % 2 == 1))
        best = candidate, best_bits = static_cast<uint32_t>(i);
    }
    ASSERT_EQ(to_f32(encode(real)), best) << real;
  }
}

std::vector<float> reals(float scale, int count) {
  std::mt19937 random(7);
  std::vector<float> values = {0.0f, scale, -scale, scale * 1e9f};
  for (int i = 0; i < count; ++i) {
    const float unit = static_cast<float>(random() % 20001) / 10000.0f - 1.0f;
    values.push_back(std::ldexp(unit, -static_cast<int>(random() % 20)) * scale);
  }
  return values;
}

TEST(F8, NearestBySearch) {
  nearest_by_search<F8E4M3>(256, to_f8e4m3, reals(500.0f, 2000), 448.0f);
  nearest_by_search<F8E5M2>(256, to_f8e5m2, reals(60000.0f, 2000), 57344.0f);
}

TEST(F8, EveryValueRoundTrips) {
  for (int i = 0; i < 256; ++i) {
    const F8E4M3 a{static_cast<uint8_t>(i)};
    const F8E5M2 b{static_cast<uint8_t>(i)};
    if (!std::isnan(to_f32(a))) {
      EXPECT_EQ(to_f8e4m3(to_f32(a)).bits, a.bits);
    }
    if (std::isfinite(to_f32(b))) {
      EXPECT_EQ(to_f8e5m2(to_f32(b)).bits, b.bits);
    }
  }
}

TEST(F16, EveryValueRoundTripsAndTiesAreEven) {
  for (uint32_t i = 0; i < 0x10000; ++i) {
    const F16 value{static_cast<uint16_t>(i)};
    if (!std::isnan(to_f32(value))) {
      ASSERT_EQ(to_f16(to_f32(value)).bits, value.bits) << i;
    }
  }
  for (uint32_t i = 0; i < 0x7bff; ++i) {  // midway between neighbours: the even one
    const float middle = (to_f32(F16{static_cast<uint16_t>(i)}) + to_f32(F16{static_cast<uint16_t>(i + 1)})) / 2;
    ASSERT_EQ(to_f16(middle).bits, i % 2 ? i + 1 : i) << i;
    ASSERT_EQ(to_f16(std::nextafter(middle, INFINITY)).bits, i + 1);
  }
  EXPECT_EQ(to_f16(65519.0f).bits, 0x7bff);
  EXPECT_EQ(to_f16(65520.0f).bits, 0x7c00);
}

TEST(Requantize, OnnxVectors) {
  EXPECT_EQ(requantize_onnx(5, 0.5f), 2);  // 2.5 to even
  EXPECT_EQ(requantize_onnx(7, 0.5f), 4);  // 3.5 to even
  EXPECT_EQ(requantize_onnx(-5, 0.5f), -2);
  EXPECT_EQ(requantize_onnx(16777217, 1.0f), 16777216);  // the sum is rounded to f32 first
  EXPECT_EQ(requantize_onnx(INT32_MAX, 2.0f), INT32_MAX);
  EXPECT_EQ(onnx_multiplier(0.1f, 0.2f, 0.3f), (0.1f * 0.2f) / 0.3f);
}

TEST(Requantize, TfliteVectors) {
  EXPECT_EQ(q31_multiplier(0.5).q31, 1 << 30);
  EXPECT_EQ(q31_multiplier(0.5).shift, 0);
  EXPECT_EQ(q31_multiplier(1.0).shift, 1);
  EXPECT_EQ(q31_multiplier(0.0).q31, 0);
  EXPECT_EQ(q31_multiplier(0.25).shift, -1);
  EXPECT_EQ(doubling_high_multiply(INT32_MIN, INT32_MIN), INT32_MAX);
  EXPECT_EQ(doubling_high_multiply(5, 1 << 30), 3);    // 2.5, away from zero above
  EXPECT_EQ(doubling_high_multiply(-5, 1 << 30), -2);  // -2.5, the nudge is 1 - 2^30: towards zero
  EXPECT_EQ(rounding_divide_by_power_of_two(5, 1), 3);
  EXPECT_EQ(rounding_divide_by_power_of_two(-5, 1), -3);
  EXPECT_EQ(rounding_divide_by_power_of_two(6, 2), 2);  // 1.5
  EXPECT_EQ(requantize_tflite(100, q31_multiplier(0.25)), 25);
  EXPECT_EQ(requantize_tflite(10, q31_multiplier(0.25)), 3);  // 10 * 0.5 = 5, 5 / 2 = 2.5, away from zero
  EXPECT_EQ(requantize_tflite(3, q31_multiplier(4.0)), 12);
}

TEST(Requantize, RoundsAndSaturates) {
  EXPECT_EQ(round_half_even(2.5f), 2);
  EXPECT_EQ(round_half_even(-3.5f), -4);
  EXPECT_EQ(round_half_even(3e9f), INT32_MAX);
  EXPECT_EQ(round_half_even(-INFINITY), INT32_MIN);
  EXPECT_EQ(round_half_even(NAN), 0);
  EXPECT_EQ(quantize(1e9f, 0.1f, 3, -128, 127), 127);
  EXPECT_TRUE(add_overflows(INT32_MAX, 1));
  EXPECT_FALSE(add_overflows(INT32_MAX, -1));
  EXPECT_EQ(wrapping_add(INT32_MAX, 1), INT32_MIN);
}

class Gemm : public testing::TestWithParam<Accumulate> {};

TEST_P(Gemm, F32EqualsTheNaiveLoopToTheBit) {
  std::mt19937 random(3);
  for (int run = 0; run < 60; ++run) {
    const int m = 1 + random() % 9, n = 1 + random() % 200, k = 1 + random() % 70, lda = k + random() % 3,
              ldb = n + random() % 5;
    std::vector<float> a(static_cast<size_t>(m * lda)), b(static_cast<size_t>(k * ldb)), c(static_cast<size_t>(m * n));
    for (auto* values : {&a, &b, &c}) {
      for (float& value : *values) value = static_cast<float>(static_cast<int>(random() % 2001) - 1000) * 1.37e-3f;
    }
    std::vector<float> expected = c;
    for (int i = 0; i < m; ++i) {
      for (int j = 0; j < n; ++j) {
        float sum = GetParam() == Accumulate::kFromInitial ? c[i * n + j] : 0.0f;
        for (int p = 0; p < k; ++p) {
          const volatile float product = a[i * lda + p] * b[p * ldb + j];
          sum = sum + product;
        }
        expected[i * n + j] = GetParam() == Accumulate::kAddTile ? c[i * n + j] + sum : sum;
      }
    }
    gemm_f32(m, n, k, a.data(), lda, b.data(), ldb, c.data(), n, GetParam());
    ASSERT_EQ(0, std::memcmp(c.data(), expected.data(), c.size() * sizeof(float))) << m << 'x' << n << 'x' << k;
  }
}

TEST_P(Gemm, I16EqualsTheNaiveLoopAndCountsOverflows) {
  std::mt19937 random(4);
  for (int run = 0; run < 60; ++run) {
    const int m = 1 + random() % 9, n = 1 + random() % 150, k = 1 + random() % 70, ldb = n + random() % 5;
    std::vector<int16_t> a(static_cast<size_t>(m * k)), b(static_cast<size_t>(k * ldb));
    std::vector<int32_t> c(static_cast<size_t>(m * n));
    for (auto* values : {&a, &b}) {
      for (int16_t& value : *values) value = static_cast<int16_t>(static_cast<int>(random() % 1021) - 510);
    }
    for (int32_t& value : c) value = static_cast<int32_t>(random());
    std::vector<int32_t> expected = c;
    int64_t overflows = 0;
    for (int i = 0; i < m; ++i) {
      for (int j = 0; j < n; ++j) {
        int64_t sum = 0;
        for (int p = 0; p < k; ++p) sum += a[i * k + p] * b[p * ldb + j];
        const bool add = GetParam() != Accumulate::kOverwrite;
        overflows += add && (sum + c[i * n + j] > INT32_MAX || sum + c[i * n + j] < INT32_MIN);
        expected[i * n + j] = static_cast<int32_t>(sum + (add ? c[i * n + j] : 0));
      }
    }
    EXPECT_EQ(gemm_i16(m, n, k, a.data(), k, b.data(), ldb, c.data(), n, GetParam()), overflows);
    ASSERT_EQ(c, expected) << m << 'x' << n << 'x' << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, Gemm,
                         testing::Values(Accumulate::kOverwrite, Accumulate::kFromInitial, Accumulate::kAddTile));

}  // namespace
}  // namespace systole::numeric
