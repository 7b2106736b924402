// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops without the array: pooling, elementwise, copies, casts, reductions.
#include <gtest/gtest.h>

#include "tests/npu_compiler/harness.h"

namespace systole::npu::testing {
namespace {

int64_t upto(std::mt19937& random, int64_t most) {
  return 1 + static_cast<int64_t>(random() % static_cast<uint64_t>(most));
}
bool coin(std::mt19937& random) { return random() % 2 == 0; }

class StreamOn : public ::testing::TestWithParam<const char*> {};

TEST_P(StreamOn, Pools) {
  const spec::NpuSpec spec = preset(GetParam());
  for (uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 r(seed);
    Pool op;
    op.kind = coin(r) ? PoolKind::kMax : PoolKind::kAverage;
    op.kernel_h = upto(r, 4), op.kernel_w = upto(r, 4), op.stride_h = upto(r, 3), op.stride_w = upto(r, 3);
    op.dilation_h = upto(r, 2), op.dilation_w = upto(r, 2), op.count_include_pad = coin(r);
    const auto pad = [&](int64_t kernel) { return static_cast<int64_t>(r() % static_cast<uint64_t>(kernel)); };
    op.pad_top = pad(op.kernel_h), op.pad_bottom = pad(op.kernel_h), op.pad_left = pad(op.kernel_w),
    op.pad_right = pad(op.kernel_w);
    const int64_t n = upto(r, 2), c = upto(r, 20), h = 8 + upto(r, 9), w = 8 + upto(r, 9);
    const Shape out = {n, c, window_output(h, op.kernel_h, op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom),
                       window_output(w, op.kernel_w, op.stride_w, op.dilation_w, op.pad_left, op.pad_right)};
    const DType types[] = {DType::kI8, DType::kU8, DType::kBF16, DType::kF32};
    const DType type = types[r() % 4];
    const bool integer = type == DType::kI8 || type == DType::kU8;
    const auto qx = integer ? quantized(0.05f, static_cast<int32_t>(r() % 20)) : nullptr;
    const auto qy = !integer || op.kind == PoolKind::kMax ? qx : quantized(0.04f, static_cast<int32_t>(r() % 30));
    Case test;
    test.op.op = op;
    test.op.inputs = {image(type, {n, c, h, w}, qx, coin(r) ? 0 : 8)};
    test.op.outputs = {r() % 5 ? image(type, out, qy, coin(r) ? 0 : 4) : row_major(type, out, qy)};
    const Outcome outcome = check(test, spec, seed, 2, 32);
    ASSERT_EQ(outcome.error, "") << "seed " << seed << " " << test.op.inputs[0].to_string() << " -> "
                                 << test.op.outputs[0].to_string();
  }
}

TEST_P(StreamOn, GlobalAverageAsPoolAndAsReduction) {
  const spec::NpuSpec spec = preset(GetParam());
  Pool pool;
  pool.kind = PoolKind::kAverage, pool.kernel_h = 7, pool.kernel_w = 9;
  Reduce mean{ReduceKind::kMean, {2, 3}};
  for (const Op& op : {Op(pool), Op(mean)}) {
    Case test;
    test.op.op = op;
    test.op.inputs = {image(DType::kBF16, {2, 50, 7, 9})};
    test.op.outputs = {image(DType::kBF16, {2, 50, 1, 1})};
    EXPECT_EQ(check(test, spec, 5, 3, 64).error, "");
  }
}

TEST_P(StreamOn, BinariesOfFloatsBroadcast) {
  const spec::NpuSpec spec = preset(GetParam());
  const BinaryKind kinds[] = {BinaryKind::kAdd, BinaryKind::kSub, BinaryKind::kMul, BinaryKind::kMin, BinaryKind::kMax};
  for (uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 r(seed);
    Binary op{kinds[r() % 5], static_cast<Activation>(r() % 3), -0.25f, 0.5f};
    const Shape shape = {upto(r, 3), upto(r, 20), upto(r, 9), upto(r, 9)};
    const DType a = coin(r) ? DType::kBF16 : DType::kF32, b = a, y = a;
    Shape other = shape;
    if (coin(r)) {
      for (int64_t& extent : other) extent = coin(r) ? 1 : extent;
    }
    Case test;
    test.op.op = op;
    test.op.inputs = {image(a, shape, nullptr, coin(r) ? 0 : 8), image(b, other)};
    test.op.outputs = {image(y, shape, nullptr, coin(r) ? 0 : 4)};
    test.constant = {false, coin(r)};
    const Outcome outcome = check(test, spec, seed, 2);
    ASSERT_EQ(outcome.error, "") << "seed " << seed << " " << test.op.inputs[0].to_string() << " "
                                 << test.op.inputs[1].to_string();
  }
}

TEST_P(StreamOn, QuantizedBinariesAgreeToTheBit) {
  const spec::NpuSpec spec = preset(GetParam());
  const BinaryKind kinds[] = {BinaryKind::kAdd, BinaryKind::kSub, BinaryKind::kMul};
  for (uint32_t seed = 0; seed < 30; ++seed) {
    std::mt19937 r(seed);
    const Binary op{kinds[r() % 3], static_cast<Activation>(r() % 3), -1.0f, 3.0f};
    const DType type = coin(r) ? DType::kI8 : DType::kU8;
    const Shape shape = {1, upto(r, 20), upto(r, 9), upto(r, 9)};
    Case test;
    test.op.op = op;
    test.op.inputs = {image(type, shape, quantized(0.031f, static_cast<int32_t>(r() % 50)), 5),
                      image(type, shape, quantized(0.047f, static_cast<int32_t>(r() % 50)))};
    test.op.outputs = {image(type, shape, quantized(0.059f, static_cast<int32_t>(r() % 50)))};
    ASSERT_EQ(check(test, spec, seed, 2).error, "") << "seed " << seed;
  }
}

TEST_P(StreamOn, UnariesAndCasts) {
  const spec::NpuSpec spec = preset(GetParam());
  for (uint32_t seed = 0; seed < 20; ++seed) {
    std::mt19937 r(seed);
    const Shape shape = {upto(r, 2), upto(r, 20), upto(r, 12), upto(r, 12)};
    const DType types[] = {DType::kBF16, DType::kF32, DType::kI8, DType::kU8};
    const DType type = types[r() % 4];
    const auto q = is_float(type) ? nullptr : quantized(0.03f, static_cast<int32_t>(r() % 40));
    Case unary;
    unary.op.op = Unary{coin(r) ? UnaryKind::kRelu : UnaryKind::kClip, -0.3f, 0.6f};
    unary.op.inputs = {image(type, shape, q, 4)};
    unary.op.outputs = {row_major(type, shape, q)};
    ASSERT_EQ(check(unary, spec, seed, 2).error, "") << "seed " << seed;
    Case cast;
    cast.op.op = Cast{};
    cast.op.inputs = {image(type, shape, q)};
    cast.op.outputs = {image(coin(r) ? DType::kF32 : DType::kBF16, shape, nullptr, 8)};
    ASSERT_EQ(check(cast, spec, seed, 2).error, "") << "seed " << seed;
  }
}

TEST_P(StreamOn, Functions) {
  const spec::NpuSpec spec = preset(GetParam());
  const UnaryKind kinds[] = {UnaryKind::kExp,       UnaryKind::kSigmoid,     UnaryKind::kTanh, UnaryKind::kErf,
                             UnaryKind::kGeluErf,   UnaryKind::kGeluTanh,    UnaryKind::kSilu, UnaryKind::kHardSwish,
                             UnaryKind::kLeakyRelu, UnaryKind::kHardSigmoid, UnaryKind::kAbs,  UnaryKind::kNeg};
  for (uint32_t seed = 0; seed < 24; ++seed) {
    std::mt19937 r(seed);
    const Shape shape = {upto(r, 2), upto(r, 20), upto(r, 9), upto(r, 12)};
    const DType type = coin(r) ? DType::kBF16 : DType::kF32;
    Case unary;
    unary.op.op = Unary{kinds[seed % 12], 0.2f, 0.5f};
    unary.op.inputs = {image(type, shape, nullptr, 4)};
    unary.op.outputs = {row_major(type, shape)};
    ASSERT_EQ(check(unary, spec, seed, 2, 8).error, "") << "seed " << seed;
    Case gated;
    gated.op.op = Binary{BinaryKind::kMul, static_cast<Activation>(3 + r() % 6), 0, 0};
    gated.op.inputs = {image(type, shape), row_major(type, {shape[1], 1, 1})};
    gated.op.outputs = {image(type, shape)};
    ASSERT_EQ(check(gated, spec, seed, 2, 8).error, "") << "seed " << seed;
  }
}

TEST_P(StreamOn, CopiesBetweenAnyStrides) {
  const spec::NpuSpec spec = preset(GetParam());
  for (uint32_t seed = 0; seed < 30; ++seed) {
    std::mt19937 r(seed);
    const Shape shape = {upto(r, 3), upto(r, 20), upto(r, 12), upto(r, 12)};
    const DType types[] = {DType::kI8, DType::kBF16, DType::kF32};
    const DType type = types[r() % 3];
    const auto layout = [&] { return coin(r) ? row_major(type, shape) : image(type, shape, nullptr, coin(r) ? 0 : 4); };
    Case test;
    test.op.op = Copy{};
    test.op.inputs = {layout()}, test.op.outputs = {layout()};
    ASSERT_EQ(check(test, spec, seed, 2).error, "")
        << "seed " << seed << " " << test.op.inputs[0].to_string() << " -> " << test.op.outputs[0].to_string();
  }
}

TEST_P(StreamOn, Fills) {
  const spec::NpuSpec spec = preset(GetParam());
  for (DType type : {DType::kF32, DType::kBF16, DType::kI8}) {
    Case test;
    test.op.op = Fill{type == DType::kI8 ? 0.0 : 1.5};
    test.op.outputs = {image(type, {2, 7, 30, 31}, nullptr, 4)};
    EXPECT_EQ(check(test, spec, 1).error, "");
  }
}

TEST_P(StreamOn, CopiesAndFillsOfBytes) {
  for (int64_t bytes : {4, 100, 70000}) {
    for (int pattern : {1, 2, 4})
      EXPECT_EQ(check_bytes(bytes, preset(GetParam()), pattern), "") << bytes << " bytes, pattern of " << pattern;
  }
}

INSTANTIATE_TEST_SUITE_P(Presets, StreamOn, ::testing::Values("tiny-4x4", "tiny-8x8", "edge-16x16"));

// The most rows that a LOAD brings in, for the sum of two tensors whose pixels of 32 bytes lie `gap` bytes apart.
uint64_t most_rows(int64_t gap) {
  Case test;
  test.op.op = Binary{BinaryKind::kAdd};
  test.op.inputs = {image(DType::kBF16, {1, 16, 8, 8}, nullptr, gap), image(DType::kBF16, {1, 16, 8, 8}, nullptr, gap)};
  test.op.outputs = {image(DType::kBF16, {1, 16, 8, 8})};
  const Outcome outcome = check(test, preset("edge-16x16"), 1);
  EXPECT_EQ(outcome.error, "");
  uint64_t rows = 0;
  for (const contract::Descriptor& d : outcome.program.descriptors) {
    if (contract::opcode(d) != contract::Opcode::kLoad) continue;
    const contract::Load load = contract::decode_load(d);
    rows = std::max(rows, uint64_t{load.n0} * load.n1 * load.n2);
  }
  return rows;
}

TEST(Stream, PixelsOfOneBurstAreReadWithTheirGaps) {
  EXPECT_EQ(most_rows(32), 1u);  // a pixel and its gap are 64 bytes, a burst
  EXPECT_GT(most_rows(64), 8u);  // gaps of a burst are left out
  EXPECT_GT(most_rows(512), 8u);
}

// The sum of a rotation's products: slices whose rows lie between each other's are read at once.
TEST(Stream, SlicesThatLieBetweenEachOtherAreReadOnce) {
  const Shape strides = {8 * 64, 64, 2};
  for (const auto& [first, second, loads] :
       {std::tuple{0, 32, 1}, {32, 0, 1}, {0, 16, 1}, {0, 48, 1}, {0, 64, 2}, {0, 0, 2}}) {
    Case test;
    test.op.op = Binary{BinaryKind::kSub};
    const TensorDesc slice{DType::kBF16, {2, 8, 8}, strides};
    test.op.inputs = {slice, slice};
    test.op.outputs = {row_major(DType::kBF16, {2, 8, 8})};
    test.at = {first, second};
    const Outcome outcome = check(test, preset("edge-16x16"), 3);
    EXPECT_EQ(outcome.error, "") << first << ", " << second;
    uint64_t found = 0;
    for (const contract::Descriptor& d : outcome.program.descriptors)
      found += contract::opcode(d) == contract::Opcode::kLoad;
    EXPECT_EQ(found, static_cast<uint64_t>(loads)) << first << ", " << second;
  }
}

// A rotation's products: 4 axes, of which a vector command walks three.
TEST(Stream, ATileHoldsWhatSeveralVectorsWalk) {
  for (const auto& [tokens, tile] : {std::pair<int64_t, int64_t>{48, 6}, {47, 5}}) {  // of an eighth of the bytes
    Case test;
    test.op.op = Binary{BinaryKind::kMul};
    test.op.inputs = {row_major(DType::kBF16, {tokens, 4, 1, 2, 16}), row_major(DType::kBF16, {tokens, 1, 2, 2, 16})};
    test.op.outputs = {row_major(DType::kBF16, {tokens, 4, 2, 2, 16})};
    const Outcome outcome = check(test, preset("edge-16x16"), 9);
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.program.ops[0].plan, "tiles of " + std::to_string(tile) + "x4x2x32 elements");
    EXPECT_EQ(outcome.commands,
              static_cast<uint64_t>(tokens + 3 * ((tokens + tile - 1) / tile)));  // and a tile's three moves
  }
}

TEST(Supports, SaysNoWithTheReason) {
  const Compiler compiler(preset("edge-16x16"));
  const auto reason = [&](Op op, std::vector<TensorDesc> inputs, TensorDesc y) {
    const Support s = compiler.supports({std::move(op), std::move(inputs), {std::move(y)}, ""});
    EXPECT_FALSE(s.yes);
    return s.reason;
  };
  const TensorDesc f = row_major(DType::kF32, {4, 4}), i = row_major(DType::kI32, {4, 4});
  const TensorDesc h = row_major(DType::kF16, {4, 4}), wide = row_major(DType::kF32, {1, 70000});
  EXPECT_NE(reason(Softmax{}, {h}, h).find("softmax of f16"), std::string::npos);
  EXPECT_NE(reason(Softmax{}, {wide}, wide).find("70000"), std::string::npos);
  EXPECT_NE(reason(Unary{UnaryKind::kFloor}, {f}, f).find("floor"), std::string::npos);
  EXPECT_NE(reason(Binary{BinaryKind::kPow}, {f, f}, f).find("add, sub, mul"), std::string::npos);
  EXPECT_NE(reason(Cast{}, {f}, i).find("i32"), std::string::npos);
  Pool huge;
  huge.kernel_h = huge.kernel_w = 300;
  EXPECT_NE(reason(huge, {image(DType::kF32, {1, 1, 300, 300})}, image(DType::kF32, {1, 1, 1, 1})).find("300x300"),
            std::string::npos);
}

}  // namespace
}  // namespace systole::npu::testing
