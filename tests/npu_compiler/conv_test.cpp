// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "devices/npu/compiler/lower.h"
#include "tests/npu_compiler/harness.h"

namespace systole::npu::testing {
namespace {

int64_t upto(std::mt19937& random, int64_t most) { return 1 + static_cast<int64_t>(random() % static_cast<uint64_t>(most)); }
bool coin(std::mt19937& random) { return random() % 2 == 0; }

struct Shape4 {
  int64_t n, c, h, w, o, kh, kw;
};

// Random attributes around a shape; y's extents follow.
Conv2d random_conv(std::mt19937& r, Shape4& s, int groups_kind) {
  Conv2d op;
  s = {upto(r, 3), upto(r, 12), upto(r, 14), upto(r, 14), upto(r, 20), upto(r, 4), upto(r, 4)};
  if (groups_kind == 1) {  // groups of a few channels
    op.groups = upto(r, 4);
    s.c = op.groups * upto(r, 4), s.o = op.groups * upto(r, 5);
  } else if (groups_kind == 2) {  // depthwise
    op.groups = s.c = upto(r, 20), s.o = s.c * (coin(r) ? 1 : upto(r, 2));
  }
  op.stride_h = upto(r, 3), op.stride_w = upto(r, 3);
  op.dilation_h = upto(r, 2), op.dilation_w = upto(r, 2);
  op.pad_top = static_cast<int64_t>(r() % 3), op.pad_left = static_cast<int64_t>(r() % 3);
  op.pad_bottom = static_cast<int64_t>(r() % 3), op.pad_right = static_cast<int64_t>(r() % 3);
  const int64_t reach_h = op.dilation_h * (s.kh - 1) + 1, reach_w = op.dilation_w * (s.kw - 1) + 1;
  s.h = std::max(s.h, reach_h - op.pad_top - op.pad_bottom), s.w = std::max(s.w, reach_w - op.pad_left - op.pad_right);
  s.h = std::max<int64_t>(s.h, 1), s.w = std::max<int64_t>(s.w, 1);
  return op;
}

Shape output_shape(const Conv2d& op, const Shape4& s) {
  return {s.n, s.o, window_output(s.h, s.kh, op.stride_h, op.dilation_h, op.pad_top, op.pad_bottom),
          window_output(s.w, s.kw, op.stride_w, op.dilation_w, op.pad_left, op.pad_right)};
}

Case integer_conv(std::mt19937& r, int groups_kind) {
  Shape4 s;
  Conv2d op = random_conv(r, s, groups_kind);
  const DType x = coin(r) ? DType::kI8 : DType::kU8, w = coin(r) ? DType::kI8 : DType::kU8;
  const int kind = static_cast<int>(r() % 3);
  const DType y = kind == 0 ? DType::kI32 : kind == 1 ? DType::kI8 : DType::kU8;
  const auto zero = [&](DType t) { return t == DType::kI8 ? static_cast<int32_t>(r() % 21) - 10 : static_cast<int32_t>(r() % 256); };
  op.epilogue.bias = coin(r);
  if (kind != 0) {
    op.epilogue.requant = coin(r) ? RequantMode::kOnnx : RequantMode::kTflite;
    op.epilogue.activation = static_cast<Activation>(r() % 3);
    op.epilogue.clip_lo = -1.5f, op.epilogue.clip_hi = 6.0f;
  }
  const auto qw = coin(r) ? quantized(0.02f, zero(w)) : quantized_channels(r, s.o, 0.02f, zero(w), 0);
  Case c;
  const bool planar = r() % 5 == 0;  // NCHW operands are slower but legal
  const auto qx = quantized(0.05f, zero(x));
  const auto qy = kind ? quantized(0.3f, zero(y)) : nullptr;
  c.op.inputs = {planar ? row_major(x, {s.n, s.c, s.h, s.w}, qx) : image(x, {s.n, s.c, s.h, s.w}, qx, coin(r) ? 0 : 3),
                 row_major(w, {s.o, s.c / op.groups, s.kh, s.kw}, qw)};
  if (op.epilogue.bias) c.op.inputs.push_back(row_major(DType::kI32, {s.o}));
  const Shape out = output_shape(op, s);
  c.op.outputs = {planar ? row_major(y, out, qy) : image(y, out, qy, coin(r) ? 0 : 4)};
  c.op.op = op;
  c.constant = {false, r() % 3 != 0, coin(r)};
  return c;
}

std::string what(const Case& c) {
  const auto& op = std::get<Conv2d>(c.op.op);
  std::string text = c.op.inputs[0].to_string() + " * " + c.op.inputs[1].to_string() + " -> " + c.op.outputs[0].to_string() + " groups " + std::to_string(op.groups);
  for (int64_t v : {op.stride_h, op.stride_w, op.dilation_h, op.dilation_w, op.pad_top, op.pad_left, op.pad_bottom, op.pad_right}) text += " " + std::to_string(v);
  return text;
}

class ConvOn : public ::testing::TestWithParam<const char*> {};

TEST_P(ConvOn, IntegersAgreeToTheBit) {
  const spec::NpuSpec spec = preset(GetParam());
  for (uint32_t seed = 0; seed < 90; ++seed) {
    std::mt19937 r(seed);
    const Case c = integer_conv(r, static_cast<int>(seed % 3));
    const Outcome outcome = check(c, spec, seed, 2);
    ASSERT_EQ(outcome.error, "") << "seed " << seed << " " << what(c);
  }
}

TEST_P(ConvOn, Bfloat16LiesWithinTheBound) {
  const spec::NpuSpec spec = preset(GetParam());
  for (uint32_t seed = 500; seed < 530; ++seed) {
    std::mt19937 r(seed);
    Shape4 s;
    Conv2d op = random_conv(r, s, static_cast<int>(seed % 3));
    op.epilogue.bias = coin(r), op.epilogue.residual = coin(r);
    op.epilogue.activation = static_cast<Activation>(r() % 3);
    op.epilogue.clip_lo = 0.0f, op.epilogue.clip_hi = 6.0f;
    const DType y = coin(r) ? DType::kBF16 : DType::kF32;
    Case c;
    c.op.inputs = {image(DType::kBF16, {s.n, s.c, s.h, s.w}, nullptr, coin(r) ? 0 : 6), row_major(DType::kBF16, {s.o, s.c / op.groups, s.kh, s.kw})};
    if (op.epilogue.bias) c.op.inputs.push_back(row_major(DType::kF32, {s.o}));
    const Shape out = output_shape(op, s);
    if (op.epilogue.residual) c.op.inputs.push_back(image(coin(r) ? DType::kBF16 : DType::kF32, out, nullptr, coin(r) ? 0 : 8));
    c.op.outputs = {image(y, out, nullptr, coin(r) ? 0 : 12)};
    c.op.op = op;
    c.constant = {false, r() % 3 != 0, coin(r)};
    const Outcome outcome = check(c, spec, seed, 2, s.c / op.groups * s.kh * s.kw);
    ASSERT_EQ(outcome.error, "") << "seed " << seed << " " << what(c);
  }
}

INSTANTIATE_TEST_SUITE_P(Presets, ConvOn, ::testing::Values("tiny-4x4", "tiny-8x8", "edge-16x16"));

Case depthwise_case(int64_t channels) {
  Conv2d op;
  op.groups = channels;
  op.pad_top = op.pad_left = op.pad_bottom = op.pad_right = 1;
  Case c;
  c.op.inputs = {image(DType::kI8, {1, channels, 9, 11}, quantized(0.05f, 3)), row_major(DType::kI8, {channels, 1, 3, 3}, quantized(0.02f, -2))};
  c.op.outputs = {image(DType::kI8, {1, channels, 9, 11}, quantized(0.3f, 1))};
  c.op.op = op;
  c.constant = {false, true};
  return c;
}

// Which of the two engines is cheaper is the spec's affair; both must be right.
TEST(Depthwise, BothPathsAgreeWithTheReference) {
  spec::NpuSpec wide_vector = preset("edge-16x16"), narrow_vector = wide_vector;
  wide_vector.vector.lanes = 256;
  narrow_vector.vector.lanes = 1;
  const Outcome on_vector = check(depthwise_case(40), wide_vector, 1), on_array = check(depthwise_case(40), narrow_vector, 2);
  EXPECT_EQ(on_vector.error, "");
  EXPECT_EQ(on_array.error, "");
  EXPECT_NE(on_vector.program.ops[0].plan.find("vector engine"), std::string::npos) << on_vector.program.ops[0].plan;
  EXPECT_NE(on_array.program.ops[0].plan.find("groups together"), std::string::npos) << on_array.program.ops[0].plan;
}

TEST(FirstLayer, TapsAndChannelsFillTheRows) {
  const spec::NpuSpec spec = preset("edge-16x16");
  Conv2d op;
  op.stride_h = op.stride_w = 2;
  op.pad_top = op.pad_left = op.pad_bottom = op.pad_right = 3;
  Case c;
  c.op.op = op;
  c.op.inputs = {image(DType::kI8, {1, 3, 40, 40}, quantized(0.05f, 3)), row_major(DType::kI8, {16, 3, 7, 7}, quantized(0.02f, 0))};
  c.op.outputs = {image(DType::kI8, {1, 16, 20, 20}, quantized(1.0f, 1))};
  c.constant = {false, true};
  const Outcome outcome = check(c, spec, 3);
  ASSERT_EQ(outcome.error, "");
  // 147 elements in tiles of 16 rows: 10 preloads where one tap a tile would need 49.
  std::vector<uint32_t> rows;
  for (const contract::Descriptor& d : outcome.program.descriptors) {
    if (contract::opcode(d) == contract::Opcode::kPreload) rows.push_back(contract::decode_preload(d).rows);
  }
  ASSERT_FALSE(rows.empty());
  for (uint32_t r : rows) EXPECT_TRUE(r == 16 || r == 147 % 16) << r;
}

TEST(Conv, RefusesZeroPointsThatDifferBetweenChannels) {
  Case c = depthwise_case(2);
  c.op.inputs[1].quant = std::make_shared<Quantization>(Quantization{{0.1f, 0.1f}, {1, 2}, 0});
  const Support support = Compiler(preset("edge-16x16")).supports(c.op);
  EXPECT_FALSE(support.yes);
  EXPECT_NE(support.reason.find("zero points"), std::string::npos) << support.reason;
}

}  // namespace
}  // namespace systole::npu::testing
