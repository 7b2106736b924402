// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Matrices of PRELOAD that are stored narrower than they are multiplied: vectors computed by hand.
#include "tests/sim/harness.h"

namespace systole::sim {
namespace {

spec::NpuSpec widening(const char* types) {
  spec::NpuSpec s = small_spec();
  s.array.weight_types = types;
  s.array.dataflows = "both";
  return s;
}

constexpr uint32_t kMatrix = 0, kVectors = 16384;  // in two banks

c::Preload matrix(uint32_t rows, uint32_t cols, uint32_t row_stride, c::Dtype dtype, c::Weights weights) {
  c::Preload p = preload(kMatrix, rows, cols, dtype);
  p.row_stride = row_stride, p.weights = weights;
  return p;
}

c::Compute vectors(uint32_t count, uint32_t rows, uint32_t cols, c::Dtype dtype) {
  c::Compute m = compute(kVectors, static_cast<int32_t>(rows * (dtype == c::Dtype::kBf16 ? 2 : 1)), count, rows, cols);
  m.dtype = dtype;
  return m;
}

// The first accumulator row of one product.
template <typename Sum>
std::vector<Sum> product(Device& d, const std::vector<int8_t>& stored, const std::vector<uint8_t>& x, c::Preload p,
                         c::Compute m) {
  d.put(kData, stored);
  d.put(kData + 4096, x);
  d.add(load(kData, p.addr, static_cast<uint32_t>(stored.size()), 0));
  d.add(load(kData + 4096, kVectors, static_cast<uint32_t>(x.size()), 1));
  d.add(waiting(p, 0)).add(signalling(waiting(m, 1), 2));
  d.add(store(0, kData + 8192, 32, 2, c::Space::kAccumulator));
  d.run();
  d.expect_clean();
  return d.take<Sum>(kData + 8192, m.cols);
}

// 1, 2 and -0.5 in bf16.
const std::vector<uint8_t> kX = {0x80, 0x3f, 0x00, 0x40, 0x00, 0xbf};

TEST(Weights, I8BecomeBf16) {
  Device d(widening("i8"));
  // Columns: 1*127 + 2*-128 - 0.5*1 = -129.5; 1*-1 + 2*3 - 0.5*100 = -45. From an odd address, rows 5 bytes apart.
  c::Preload p = matrix(3, 2, 5, c::Dtype::kBf16, c::Weights::kI8);
  p.addr = 1;
  EXPECT_EQ(product<float>(d, {127, -1, 0, 0, 0, -128, 3, 0, 0, 0, 1, 100}, kX, p, vectors(1, 3, 2, c::Dtype::kBf16)),
            (std::vector<float>{-129.5f, -45.0f}));
}

TEST(Weights, I4BecomeBf16LowNibbleFirst) {
  Device d(widening("i4"));
  // Rows {7, -8, 1}, {-1, 2, 0}, {4, -6, -3}; the fourth nibble of a row belongs to no column.
  const std::vector<int8_t> stored = {
      static_cast<int8_t>(0x87), static_cast<int8_t>(0xf1), 0x2f, 0x70, static_cast<int8_t>(0xa4), 0x5d};
  EXPECT_EQ(product<float>(d, stored, kX, matrix(3, 3, 2, c::Dtype::kBf16, c::Weights::kI4),
                           vectors(1, 3, 3, c::Dtype::kBf16)),
            (std::vector<float>{7 - 2 - 2, -8 + 4 + 3, 1 + 0 + 1.5f}));
}

TEST(Weights, I4BecomeI8LessTheirZeroPoint) {
  Device d(widening("i4"));
  c::Preload p = matrix(2, 3, 2, c::Dtype::kI8, c::Weights::kI4);
  p.zero_point = -2;  // {7, -8, 1}, {-1, 2, 0} become {9, -6, 3}, {1, 4, 2}
  const std::vector<int8_t> stored = {static_cast<int8_t>(0x87), 0x01, 0x2f, 0x00};
  EXPECT_EQ(product<int32_t>(d, stored, {10, 100}, p, vectors(1, 2, 3, c::Dtype::kI8)),
            (std::vector<int32_t>{190, 340, 230}));
}

TEST(Weights, GoDownTheColumnsToo) {
  Device d(widening("i4"));
  c::Preload p = matrix(2, 2, 1, c::Dtype::kBf16, c::Weights::kI4);
  p.dataflow = c::Dataflow::kOutputStationary;
  c::Compute m = vectors(2, 1, 2, c::Dtype::kBf16);
  m.dataflow = c::Dataflow::kOutputStationary, m.swap = 0;
  // Steps 1 and 2 with rows {3, -4} and {-5, 6}.
  EXPECT_EQ(product<float>(d, {static_cast<int8_t>(0xc3), 0x6b}, {0x80, 0x3f, 0x00, 0x40}, p, m),
            (std::vector<float>{3 - 10, -4 + 12}));
}

// A row a cycle, however many bytes it has.
TEST(Weights, TakeTheCyclesOfTheirRows) {
  uint64_t cycles[2];
  for (bool narrow : {false, true}) {
    Device d(widening("i4"));
    c::Preload p = preload(kMatrix, 8, 8, c::Dtype::kBf16);
    if (narrow) p.weights = c::Weights::kI4, p.row_stride = 4;
    d.put(kData, std::vector<int8_t>(128, 0));
    d.add(load(kData, kMatrix, 128, 0)).add(waiting(p, 0));
    d.run();
    d.expect_clean();
    cycles[narrow] = d.span(Engine::kPreload).complete - d.span(Engine::kPreload).issue;
  }
  EXPECT_EQ(cycles[0], 8u + 2u);
  EXPECT_EQ(cycles[1], cycles[0]);
}

// Three nibbles are two bytes: the last byte of the scratchpad is too late for them.
TEST(Weights, OfAnOddRowTakeItsLastByteToo) {
  for (const bool fits : {true, false}) {
    Device d(widening("i4"));
    c::Preload p = matrix(1, 3, 2, c::Dtype::kBf16, c::Weights::kI4);
    p.addr = static_cast<uint32_t>(d.spec.scratchpad.bytes) - (fits ? 2 : 1);
    d.put(kData, std::vector<int8_t>(16, 0));
    d.add(load(kData, static_cast<uint32_t>(d.spec.scratchpad.bytes) - 16, 16, 0)).add(waiting(p, 0));
    d.run();
    EXPECT_EQ(d.error(), fits ? c::ErrorCode::kNone : c::ErrorCode::kBadOperand);
  }
}

TEST(Weights, WhatTheArrayDoesNotWidenIsUnsupported) {
  using W = c::Weights;
  using T = c::Dtype;
  const struct {
    const char* types;
    T dtype;
    W weights;
    bool good;
  } cases[] = {{"same", T::kBf16, W::kI8, false}, {"same", T::kI8, W::kI4, false}, {"i8", T::kBf16, W::kI8, true},
               {"i8", T::kBf16, W::kI4, false},   {"i8", T::kI8, W::kI8, false},   {"i4", T::kBf16, W::kI8, true},
               {"i4", T::kBf16, W::kI4, true},    {"i4", T::kI8, W::kI4, true},    {"i4", T::kU8, W::kI4, false},
               {"i4", T::kI8, W::kI8, false},     {"i4", T::kBf16, W(3), false}};
  for (const auto& test : cases) {
    Device d(widening(test.types));
    d.put(kData, std::vector<int8_t>(64, 0));
    d.add(load(kData, 0, 64, 0)).add(waiting(matrix(2, 2, 2, test.dtype, test.weights), 0));
    d.run();
    EXPECT_EQ(d.error(), test.good ? c::ErrorCode::kNone : c::ErrorCode::kUnsupported)
        << test.types << " " << static_cast<int>(test.dtype) << " as " << static_cast<int>(test.weights);
  }
}

TEST(Weights, TheCapabilityRegisterSaysSo) {
  EXPECT_EQ(Device(widening("same")).get(c::reg::kCapWeights), 1u);
  EXPECT_EQ(Device(widening("i8")).get(c::reg::kCapWeights), 3u);
  EXPECT_EQ(Device(widening("i4")).get(c::reg::kCapWeights), 7u);
}

}  // namespace
}  // namespace systole::sim
