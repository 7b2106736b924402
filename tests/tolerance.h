// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every tolerance of the tests, each with its reason. Integers have none: they are equal to the bit.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>

namespace systole::tests {

// A float sum of `length` products computed in any order and one computed exactly differ by at most
// length * u / (1 - length * u) * sum|products| (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1);
// two computed ones by twice that. u = 2^-24: every device accumulates in f32, f64 in f64 (53 bits). bias and residual
// add two terms.
inline double sum_bound(int64_t length, double sum_of_magnitudes, int accumulator_bits = 24) {
  const double u = std::ldexp(1.0, -accumulator_bits);
  const double n = static_cast<double>(length + 4);
  return 2.0 * n * u / (1.0 - n * u) * sum_of_magnitudes;
}

// Both results are rounded to the output type: half a unit in the last place each, and the two may lie on either side
// of a tie. Numbers of a type are never closer than its smallest subnormal, `spacing`.
inline double rounding_bound(int mantissa_bits, double magnitude, double spacing = 0) {
  return std::fmax(std::ldexp(std::abs(magnitude), -mantissa_bits), spacing);
}
inline constexpr int kMantissaF64 = 52, kMantissaF32 = 23, kMantissaF16 = 10, kMantissaBF16 = 7, kMantissaF8E4M3 = 3,
                     kMantissaF8E5M2 = 2;

// Elementary functions (exp, erf, tanh, ...): libraries differ in the last places; 16 units of f32 (of f64 for f64)
// covers vectorised ones. Where the last step cancels (log at 1, GELU and hard-swish at their zeros) they are units of
// at least 1: docs/functions.md has the NPU's.
inline double elementary_bound(double magnitude, int mantissa_bits = kMantissaF32) {
  return 16.0 * std::ldexp(std::abs(magnitude) + 1e-30, -mantissa_bits);
}

// A function of a sum carries the sum's error on by at most its steepest slope: 1.5 of hard-swish at 3 (GELU has 1.13,
// SiLU 1.1, all others at most 1).
inline constexpr double kSteepestSlope = 1.5;

// A row of n normalized in f32 (f64 for f64): y = d / s * scale + bias with d = x - mean (RMS: d = x) and s =
// sqrt(mean of d^2 + epsilon). The mean of values up to `largest` is off by at most (n+2) u largest, so d is by that
// and a subtraction's rounding: e. s is off by half of what the sum of squares is, (n+3) u, and by e / s through d
// (mean|d| <= s). Then three roundings, and a sum with the bias. Two computed ones differ by twice that.
struct NormalizedRow {
  int64_t n;
  double largest, s;  // largest = 0 where no mean is taken
  int accumulator_bits;
};
inline double normalize_bound(const NormalizedRow& row, double d, double scale, double bias) {
  const double u = std::ldexp(1.0, -row.accumulator_bits), n = static_cast<double>(row.n);
  const double e = (n + 3.0) * u * row.largest, quotient = std::abs(d) / row.s;
  const double of_quotient = e / row.s + quotient * ((n + 3.0) * u / 2.0 + e / row.s + 3.0 * u);
  return 2.0 * (std::abs(scale) * of_quotient + u * (std::abs(scale) * quotient + std::abs(bias)) * 2.0);
}

// Probabilities of an attention may be rounded to the queries' type before they weigh the values (hal/op.h): a unit in
// the last place of each. Their f32 errors of exp are as for any elementary function.
inline double attention_bound(int mantissa_bits, double sum_of_magnitudes) {
  return std::ldexp(sum_of_magnitudes, -mantissa_bits) + elementary_bound(sum_of_magnitudes);
}

// A graph with its fusions and without, over the largest magnitude: exporters write the constants of a GELU with about
// seven digits, and sums run in another order, through a few layers.
inline constexpr double kFusedDifference = 1e-5;

// Logits of a two-layer language model in bf16, over the largest: token by token against all at once. Every sum has the
// same terms in another order of roundings (2^-8 each); attention's probabilities are rounded to bf16 before they are
// summed, in blocks that differ. Four branches that each may part by two roundings.
inline constexpr double kLlmBf16 = 8.0 / 256;

// The same with keys and values of int8 in steps of 1/32, beside another device's or beside none rounded, where theirs
// are near 1: a number is off by half a step at most, 0.3 of a step in the mean square, independently of the others, so
// that sums over keys and channels average it. Four such in two layers, halved as each branch is, add as squares: less
// than half a step, on top of bf16. Measured over the three models: at most 0.0173 beside none rounded in f32, 0.0206
// of the NPU's bf16 beside f32.
inline constexpr double kLlmInt8Cache = kLlmBf16 + 0.5 / 32;

// Time of a decode step that DRAM holds back over its bytes at the achieved bandwidth: what the project demands.
inline constexpr double kLlmLaw = 0.03;

// A preset's peak beside the one that its maker states: in few digits, and some count 1,024 as a thousand (2.4 %).
inline constexpr double kStatedPeak = 0.025;

// Total cycles of a DRAM trace beside Ramulator 2.1, as shares: what the project demands of a model of its machine. The
// other simulators of the same devices are up to 13 % (DDR4) and 121 % (HBM2) apart from it (docs/dram.md).
struct DramBounds {
  double mean, most;
};
inline DramBounds dram_bounds(const std::string& chip) {
  return chip.starts_with("ddr4") ? DramBounds{0.02, 0.06} : DramBounds{0.04, 0.15};
}
// Mean read latency, likewise.
inline constexpr double kDramLatency = 0.05;

// A collective beside its closed form: what the project demands. What is left are parts that are not equal (a byte
// apart) and packets' times, rounded up to a femtosecond.
inline constexpr double kClosedForm = 0.01;

// The mean wait of 400,000 requests beside that of the queue they are drawn from. Waits of a busy queue depend on each
// other over some 1/(1-rho)^2 requests, 25 at rho = 0.8: about as good as 16,000 drawn apart, whose deviation is near
// their mean, thus 0.8 % a standard error; four of them.
inline constexpr double kQueueWait = 0.032;

// A step's time interpolated between simulated points, beside that step simulated: of a model of 64 columns, four tiles
// of 16, so that a point apart by a factor of two lies up to an eighth of a step of tiles off its neighbours' line;
// twice that for prefill's attention, which grows with the square. A wrong axis or unit is off by half or more.
inline constexpr double kHeldOutStep = 0.25;

}  // namespace systole::tests
