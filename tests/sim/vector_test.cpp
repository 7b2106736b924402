// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Values of the vector engine's chains, worked out by hand.
#include <bit>
#include <cmath>

#include "tests/sim/harness.h"

namespace systole::sim {
namespace {

constexpr uint32_t kA = 0, kB = 256, kParams = 512, kD = 1024, kBytes = 1024;

// One chain over `n1` x `n0` pixels of `channels` dense channels, all of it in the scratchpad.
c::Vector chain(uint32_t n1, uint32_t n0, uint32_t channels, c::Dtype from, c::Dtype to) {
  const auto size = [](c::Dtype type) {
    return type == c::Dtype::kI8 || type == c::Dtype::kU8 ? 1 : type == c::Dtype::kBf16 ? 2 : 4;
  };
  c::Vector v;
  v.src_addr = kA;
  v.b_addr = kB;
  v.param_addr = kParams;
  v.dst_addr = kD;
  v.channels = channels;
  v.n0 = n0;
  v.n1 = n1;
  v.a_dtype = from;
  v.d_dtype = to;
  v.a_stride0 = size(from) * static_cast<int>(channels);
  v.a_stride1 = v.a_stride0 * static_cast<int>(n0);
  v.d_stride0 = size(to) * static_cast<int>(channels);
  v.d_stride1 = v.d_stride0 * static_cast<int>(n0);
  return signalling(waiting(v, 1), 2);
}

template <typename Out, typename A>
std::vector<Out> result(const c::Vector& v, const std::vector<A>& a, size_t count,
                        const std::vector<uint32_t>& params = {}, const std::vector<uint8_t>& b = {}) {
  Device d(small_spec(), {.race_check = true, .trace = true});
  d.put(kData, std::vector<uint8_t>(kBytes, 0));
  d.put(kData + kA, a);
  if (!b.empty()) d.put(kData + kB, b);
  if (!params.empty()) d.put(kData + kParams, params);
  d.add(load(kData, 0, kBytes, 1))
      .add(v)
      .add(store(kD, kData + 4096, static_cast<uint32_t>(count * sizeof(Out)), 2))
      .run();
  d.expect_clean();
  EXPECT_TRUE(d.npu->races().empty()) << d.npu->races().front().to_string();
  return d.take<Out>(kData + 4096, count);
}

std::vector<uint32_t> words(std::initializer_list<std::vector<uint32_t>> parts) {
  std::vector<uint32_t> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}
uint32_t bits(float value) { return std::bit_cast<uint32_t>(value); }
uint32_t word(int32_t value) { return static_cast<uint32_t>(value); }

TEST(VectorValues, BiasOnnxRequantAndRelu) {
  c::Vector v = chain(1, 1, 5, c::Dtype::kI32, c::Dtype::kI8);
  v.bias = 1;
  v.requant = c::Requant::kOnnx;
  v.activation = c::Activation::kRelu;
  v.d_zero = 3;
  const auto half = bits(0.5f);
  const auto params = words({{0, 1, word(-1), 2, 1000}, {half, half, half, half, half}});
  // Sums 10 -6 4 5 1127; halves 5 -3 2 2 564 (ties to even); plus 3, not below the zero point, saturated.
  EXPECT_EQ((result<int8_t, int32_t>(v, {10, -7, 5, 3, 127}, 5, params)), (std::vector<int8_t>{8, 3, 5, 5, 127}));
}

TEST(VectorValues, TfliteRoundsTwiceAwayFromZero) {
  c::Vector v = chain(1, 1, 5, c::Dtype::kI32, c::Dtype::kI8);
  v.requant = c::Requant::kTflite;
  v.scalar_params = 1;
  // A quarter: Q31 1/2, one place to the right.
  EXPECT_EQ((result<int8_t, int32_t>(v, {10, -10, 9, 6, -6}, 5, {1u << 30, word(-1)})),
            (std::vector<int8_t>{3, -3, 3, 2, -2}));
}

TEST(VectorValues, Windows) {
  // A 4 x 4 image of one channel, values 1 .. 16 less the zero point 1, windows of 2 x 2 two apart.
  std::vector<int8_t> image;
  for (int i = 1; i <= 16; ++i) image.push_back(static_cast<int8_t>(i));
  c::Vector v = chain(2, 2, 1, c::Dtype::kI8, c::Dtype::kI32);
  v.a_stride0 = 2;
  v.a_stride1 = 8;
  v.win_kh = v.win_kw = 2;
  v.win_stride0 = 1;
  v.win_stride1 = 4;
  v.a_zero = 1;
  v.window = c::WindowOp::kMax;
  EXPECT_EQ((result<int32_t>(v, image, 4)), (std::vector<int32_t>{5, 7, 13, 15}));
  v.window = c::WindowOp::kSum;
  EXPECT_EQ((result<int32_t>(v, image, 4)), (std::vector<int32_t>{10, 18, 42, 50}));
  v.window = c::WindowOp::kMac;  // weights 1 2 3 4, less 1
  v.b_dtype = c::Dtype::kI8;
  v.b_zero = 1;
  v.b_stride0 = 1;
  EXPECT_EQ((result<int32_t>(v, image, 4, {}, {1, 2, 3, 4})),
            (std::vector<int32_t>{0 + 1 + 8 + 15, 3 + 12 + 21, 9 + 24 + 39, 11 + 28 + 45}));
}

TEST(VectorValues, FloatBinaryClipAndBf16) {
  c::Vector v = chain(1, 2, 2, c::Dtype::kF32, c::Dtype::kBf16);
  v.binary = c::BinaryOp::kAdd;
  v.b_dtype = c::Dtype::kF32;
  v.b_stride0 = 0;  // one pixel of B for all
  v.activation = c::Activation::kClip;
  v.clip_lo = bits(0.0f);
  v.clip_hi = bits(6.0f);
  std::vector<uint8_t> b(8);
  const float two[2] = {1.0f, -4.0f};
  std::memcpy(b.data(), two, 8);
  // Sums 2.00390625 (a tie: to even, 2), -2 -> 0, 9 -> 6, 1.
  EXPECT_EQ((result<uint16_t, float>(v, {1.00390625f, 2.0f, 8.0f, 5.0f}, 4, {}, b)),
            (std::vector<uint16_t>{0x4000, 0x0000, 0x40c0, 0x3f80}));
}

TEST(VectorValues, QuantizedAdd) {
  c::Vector v = chain(1, 1, 3, c::Dtype::kI8, c::Dtype::kI8);
  v.a_zero = 1;
  v.requant = c::Requant::kScale;
  v.scalar_params = 1;
  v.binary = c::BinaryOp::kAdd;
  v.b_dtype = c::Dtype::kI8;
  v.b_zero = -2;
  v.b_scaled = v.out_scaled = 1;
  v.d_zero = 4;
  // (a - 1) / 2 + (b + 2) / 4, times 2, to even, plus 4.
  EXPECT_EQ((result<int8_t, int8_t>(v, {11, 1, -9}, 3, {bits(0.5f), bits(0.25f), bits(2.0f)}, {2, 3, 0xfe})),
            (std::vector<int8_t>{10 + 2 + 4, 2 + 4, -10 + 4}));
}

TEST(VectorValues, FunctionAndReduction) {
  c::Vector v = chain(1, 2, 6, c::Dtype::kF32, c::Dtype::kF32);
  v.d_stride0 = 4;
  v.reduce = c::Reduce::kMax;
  const std::vector<float> x = {1, -2, 7, 3, 0, 5, -1, -9, -3, -2, -8, -4};
  EXPECT_EQ((result<float>(v, x, 2)), (std::vector<float>{7, -1}));
  v.reduce = c::Reduce::kMin;
  EXPECT_EQ((result<float>(v, x, 2)), (std::vector<float>{-2, -9}));
  v.reduce = c::Reduce::kSum;
  EXPECT_EQ((result<float>(v, x, 2)), (std::vector<float>{14, -27}));
  v.reduce = c::Reduce::kSum;
  v.binary = c::BinaryOp::kSub;  // the sum of exp(x - 7), then of exp(x + 1)
  v.b_dtype = c::Dtype::kF32;
  v.b_broadcast = 1;
  v.b_stride0 = 4;
  v.function = c::Function::kExp;
  std::vector<uint8_t> b(8);
  const float most[2] = {7, -1};
  std::memcpy(b.data(), most, 8);
  const std::vector<float> sums = result<float>(v, x, 2, {}, b);
  float first = 0, second = 0;
  for (int i = 0; i < 6; ++i) first += std::exp(x[i] - 7), second += std::exp(x[6 + i] + 1);
  EXPECT_NEAR(sums[0], first, 1e-6f);
  EXPECT_NEAR(sums[1], second, 1e-6f);
}

TEST(VectorValues, ReductionAddsLaneByLane) {
  // Lane 0 holds elements 0 and 8, lane 1 elements 1 and 9, ...: the large terms cancel before they meet the small
  // ones.
  ASSERT_EQ(small_spec().vector.lanes, 8);
  c::Vector v = chain(1, 1, 10, c::Dtype::kF32, c::Dtype::kF32);
  v.reduce = c::Reduce::kSum;
  const float big = 0x1p25f;
  EXPECT_EQ((result<float>(v, std::vector<float>{big, 1, 1, 1, 0, 0, 0, 0, -big, 1}, 1)), (std::vector<float>{4}));
}

TEST(VectorTiming, FunctionsAndReductionsCompleteLater) {
  const auto cycles = [](const c::Vector& v) {
    Device d(small_spec(), {.race_check = true, .trace = true});
    d.put(kData, std::vector<uint8_t>(kBytes, 0));
    d.add(load(kData, 0, kBytes, 1)).add(v).add(store(kD, kData + 4096, 4, 2)).run();
    d.expect_clean();
    return static_cast<int64_t>(d.npu->now());
  };
  c::Vector plain = chain(1, 1, 8, c::Dtype::kF32, c::Dtype::kF32), function = plain, reduce = plain;
  function.function = c::Function::kTanh;
  reduce.reduce = c::Reduce::kSum;
  EXPECT_EQ(cycles(function) - cycles(plain), small_spec().vector.function_latency);
  EXPECT_EQ(cycles(reduce) - cycles(plain), 3);  // eight lanes
}

}  // namespace
}  // namespace systole::sim
