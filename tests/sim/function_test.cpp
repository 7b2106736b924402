// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The vector engine's functions: equal to the bit to a second reading of docs/functions.md, and near the real ones.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <functional>

#include "rtl/interpreter/reference_functions.h"
#include "sim/functions.h"

namespace systole::sim {
namespace {

using contract::Function;

constexpr Function kAll[] = {Function::kExp,  Function::kLog,     Function::kReciprocal, Function::kRsqrt,
                             Function::kSqrt, Function::kErf,     Function::kTanh,       Function::kSigmoid,
                             Function::kSilu, Function::kGeluErf, Function::kGeluTanh,   Function::kHardSwish};

TEST(Function, EqualsTheTextToTheBitOverAllMagnitudes) {
  for (Function function : kAll) {
    uint64_t differences = 0;
    for (uint64_t pattern = 0; pattern < (uint64_t{1} << 32); pattern += 4093) {
      const float x = std::bit_cast<float>(static_cast<uint32_t>(pattern));
      const float got = evaluate(function, x), want = reference::reference_function(function, x);
      if (std::isnan(got) && std::isnan(want)) continue;
      if (std::bit_cast<uint32_t>(got) != std::bit_cast<uint32_t>(want) && ++differences < 4)
        ADD_FAILURE() << contract::name(function) << '(' << x << "): " << got << ", the text gives " << want;
    }
    EXPECT_EQ(differences, 0u) << contract::name(function);
  }
}

TEST(Function, SpecialValues) {
  const float inf = INFINITY, nan = NAN;
  EXPECT_EQ(evaluate(Function::kExp, 0.0f), 1.0f);
  EXPECT_EQ(evaluate(Function::kExp, -inf), 0.0f);
  EXPECT_EQ(evaluate(Function::kExp, inf), inf);
  EXPECT_EQ(evaluate(Function::kReciprocal, -0.0f), -inf);
  EXPECT_NEAR(evaluate(Function::kReciprocal, 1.0f), 1.0f, 0x1p-23f);
  EXPECT_EQ(evaluate(Function::kRsqrt, 0.0f), inf);
  EXPECT_TRUE(std::isnan(evaluate(Function::kRsqrt, -1.0f)));
  EXPECT_EQ(evaluate(Function::kLog, 0.0f), -inf);
  EXPECT_TRUE(std::isnan(evaluate(Function::kLog, -2.0f)));
  EXPECT_EQ(evaluate(Function::kSqrt, 0.0f), 0.0f);
  EXPECT_NEAR(evaluate(Function::kTanh, -inf), -1.0f, 0x1p-23f);
  EXPECT_EQ(evaluate(Function::kSilu, -inf), 0.0f);
  EXPECT_EQ(evaluate(Function::kGeluErf, inf), inf);
  for (Function function : kAll) EXPECT_TRUE(std::isnan(evaluate(function, nan)));
}

struct Range {
  Function function;
  double low, high;
  bool relative;
  double bound;  // a few units of f32, or what a cancellation leaves
  std::function<double(double)> real;
};

double gelu_tanh(double x) { return 0.5 * x * (1 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// 2^22 points of each range, in f64.
TEST(FunctionError, AgainstDoublePrecision) {
  const Range ranges[] = {
      {Function::kExp, -80, 80, true, 8e-7, [](double x) { return std::exp(x); }},
      {Function::kReciprocal, 1e-3, 1e3, true, 3e-7, [](double x) { return 1 / x; }},
      {Function::kRsqrt, 1e-3, 1e3, true, 3e-7, [](double x) { return 1 / std::sqrt(x); }},
      {Function::kSqrt, 1e-3, 1e3, true, 4e-7, [](double x) { return std::sqrt(x); }},
      {Function::kLog, 1e-3, 1e3, false, 8e-7, [](double x) { return std::log(x); }},
      {Function::kErf, -5, 5, true, 4e-7, [](double x) { return std::erf(x); }},
      {Function::kTanh, -9, 9, true, 1e-6, [](double x) { return std::tanh(x); }},
      {Function::kSigmoid, -40, 40, true, 1e-6, sigmoid},
      {Function::kSilu, -40, 40, true, 1e-6, [](double x) { return x * sigmoid(x); }},
      {Function::kGeluErf, -8, 8, false, 8e-7, [](double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }},
      {Function::kGeluTanh, -8, 8, false, 3e-6, gelu_tanh},
      {Function::kHardSwish, -8, 8, false, 1e-6, [](double x) { return x * std::fmin(std::fmax(x / 6 + 0.5, 0), 1); }}};
  for (const Range& range : ranges) {
    double worst = 0, where = 0;
    constexpr int kPoints = 1 << 22;
    for (int i = 0; i <= kPoints; ++i) {
      const auto x = static_cast<float>(range.low + (range.high - range.low) * i / kPoints);
      const double real = range.real(x);
      double error = std::abs(evaluate(range.function, x) - real);
      if (range.relative) error /= std::max(std::abs(real), 1e-37);
      if (error > worst) worst = error, where = x;
    }
    std::printf("| %s | %g to %g | %s %.2g | at %.6g |\n", contract::name(range.function), range.low, range.high,
                range.relative ? "relative" : "absolute", worst, where);
    EXPECT_LE(worst, range.bound) << contract::name(range.function);
  }
}

}  // namespace
}  // namespace systole::sim
