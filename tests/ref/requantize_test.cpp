// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Both requantization modes through a whole op, by vectors computed by hand.
#include <gtest/gtest.h>

#include "tests/ref/numbers.h"

namespace systole::reftest {
namespace {

// y of a 1x1 times 1xN matmul whose sums are `sums`: one operand is 1, the other carries the bias.
Numbers requantized(Epilogue epilogue, Numbers sums, float sx, Quantization qw, float sy, int32_t zy,
                    DType type = DType::kI8) {
  Matmul op;
  op.epilogue = epilogue;
  op.epilogue.bias = true;
  auto n = static_cast<int64_t>(sums.size());
  auto weights = std::make_shared<Quantization>(std::move(qw));
  return run(op,
             {of(DType::kI8, {1, 1}, {0}, quant(sx, 0)), of(DType::kI8, {1, n}, Numbers(sums.size(), 1), weights),
              of(DType::kI32, {n}, sums)},
             row_major(type, {1, n}, quant(sy, zy)));
}
Quantization one(float scale) { return {{scale}, {0}, -1}; }

TEST(Requantize, OnnxTiesGoToEven) {
  // m = 0.5: 1 -> 0.5 -> 0, 3 -> 1.5 -> 2, 5 -> 2.5 -> 2, -1 -> -0 , -3 -> -2
  EXPECT_EQ(requantized({}, {1, 3, 5, -1, -3, 4}, 0.5f, one(1.0f), 1.0f, 0), (Numbers{0, 2, 2, 0, -2, 2}));
}

TEST(Requantize, TfliteTiesGoAwayFromZero) {
  // The same m: 0.5 -> 1, 1.5 -> 2, 2.5 -> 3, 3.5 -> 4.
  Epilogue tflite;
  tflite.requant = RequantMode::kTflite;
  EXPECT_EQ(requantized(tflite, {1, 3, 5, 4, 7}, 0.5f, one(1.0f), 1.0f, 0), (Numbers{1, 2, 3, 2, 4}));
}

TEST(Requantize, SaturatesAfterTheZeroPoint) {
  EXPECT_EQ(requantized({}, {1000, -1000, 120, 10}, 1.0f, one(1.0f), 1.0f, 10), (Numbers{127, -128, 127, 20}));
  EXPECT_EQ(requantized({}, {1000, -1000, 120, 10}, 1.0f, one(1.0f), 1.0f, 10, DType::kU8), (Numbers{255, 0, 130, 20}));
}

TEST(Requantize, ScalesPerChannel) {
  EXPECT_EQ(requantized({}, {100, 100, 100}, 1.0f, {{1.0f, 0.5f, 0.25f}, {0, 0, 0}, 1}, 2.0f, 0),
            (Numbers{50, 25, 12}));
}

TEST(Requantize, ActivationsClampStoredValues) {
  Epilogue relu;
  relu.activation = Activation::kRelu;
  EXPECT_EQ(requantized(relu, {-50, 5}, 1.0f, one(1.0f), 1.0f, 10), (Numbers{10, 15}));
  Epilogue clip;
  clip.activation = Activation::kClip;
  clip.clip_lo = -3.0f;
  clip.clip_hi = 6.0f;  // real values: stored 10 - 6 and 10 + 12 at scale 0.5
  EXPECT_EQ(requantized(clip, {-100, 100, 1}, 1.0f, one(0.5f), 0.5f, 10), (Numbers{4, 22, 11}));
}

TEST(Requantize, ZeroPointsPerChannelOfTheWeights) {
  auto weights = std::make_shared<Quantization>(Quantization{{1, 1}, {3, -4}, 1});
  EXPECT_EQ(run(Matmul{}, {of(DType::kI8, {1, 1}, {12}, quant(1, 2)), of(DType::kI8, {1, 2}, {5, 5}, weights)},
                row_major(DType::kI32, {1, 2})),
            (Numbers{20, 90}));
}

}  // namespace
}  // namespace systole::reftest
