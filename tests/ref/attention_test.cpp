// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Attention with probabilities that are easily said: scores of ln 3 and 0 weigh their values 3 to 1.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/ref/numbers.h"
#include "tests/tolerance.h"

namespace systole::reftest {
namespace {

const float kLn3 = std::log(3.0f);

void expect(const Numbers& want, const Numbers& got) {
  ASSERT_EQ(want.size(), got.size());
  for (size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got[i], want[i], tests::elementary_bound(want[i])) << i;
}

TEST(Attention, OfIntegerKeys) {
  const Operand q = f32({1, 1}, {2}), k = of(DType::kI8, {2, 1}, {4, 0}, quant(kLn3 / 4, 0)),
                v = of(DType::kI8, {2, 2}, {8, 2, 0, 6}, quant(0.5f, 0));
  expect({3.0, 1.5}, run(Attention{0.5f}, {q, k, v}, row_major(DType::kF32, {1, 2})));
}

// Two requests of three keys in pages of two, scores {ln 3, 0, 0} and {0, 0, 0}. Page 1 is nobody's, page 3 of both.
TEST(Attention, OfPagedKeys) {
  const Operand q = f32({2, 1, 1, 1}, {1, 1}), k = f32({4, 1, 2, 1}, {0, 0, 9, 9, kLn3, 0, 0, kLn3}),
                v = f32({4, 1, 2, 1}, {10, 20, 99, 99, 5, 10, 40, 50});
  Attention op;
  op.keys = 3, op.pages = {2, 3, 0, 3};
  const Numbers got = run(op, {q, k, v}, row_major(DType::kF32, {2, 1, 1, 1}));
  expect({(3 * 5 + 10 + 40) / 5.0, (10 + 20 + 40) / 3.0}, got);
}

}  // namespace
}  // namespace systole::reftest
