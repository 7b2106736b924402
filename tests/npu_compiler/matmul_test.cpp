// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/npu_compiler/harness.h"

namespace systole::npu::testing {
namespace {

struct Maker {
  std::mt19937 random;
  int64_t upto(int64_t most) { return 1 + static_cast<int64_t>(random() % static_cast<uint64_t>(most)); }
  bool coin() { return random() % 2 == 0; }
};

TensorDesc swapped(TensorDesc d, bool swap) {
  if (!swap) return d;
  // The same shape with the last two axes' memory order exchanged: the caller's transposed operand.
  std::swap(d.shape[d.shape.size() - 1], d.shape[d.shape.size() - 2]);
  return row_major(d.dtype, d.shape, d.quant);
}

Case integer_matmul(Maker& m) {
  const int64_t rows = m.upto(70), k = m.upto(90), columns = m.upto(60);
  Matmul op;
  op.transpose_a = m.random() % 4 == 0, op.transpose_b = m.coin();
  op.epilogue.bias = m.coin();
  const DType x = m.coin() ? DType::kI8 : DType::kU8, w = m.coin() ? DType::kI8 : DType::kU8;
  const int kind = static_cast<int>(m.random() % 3);  // i32, i8, u8
  const DType y = kind == 0 ? DType::kI32 : kind == 1 ? DType::kI8 : DType::kU8;
  const auto zero = [&](DType t) {
    return t == DType::kI8 ? static_cast<int32_t>(m.random() % 21) - 10 : static_cast<int32_t>(m.random() % 256);
  };
  const int64_t wn = op.transpose_b ? 0 : 1;
  auto qw = m.coin() ? quantized(0.02f, zero(w))
                     : quantized_channels(m.random, columns, 0.02f, zero(w), static_cast<int>(wn));
  if (kind != 0) {
    op.epilogue.requant = m.coin() ? RequantMode::kOnnx : RequantMode::kTflite;
    op.epilogue.activation = static_cast<Activation>(m.random() % 3);
    op.epilogue.clip_lo = -1.5f, op.epilogue.clip_hi = 6.0f;
  }
  Case c;
  c.op.op = op;
  c.op.inputs = {swapped(row_major(x, {rows, k}, quantized(0.05f, zero(x))), op.transpose_a),
                 swapped(row_major(w, {k, columns}, qw), op.transpose_b)};
  if (op.epilogue.bias) c.op.inputs.push_back(row_major(DType::kI32, {columns}));
  c.op.outputs = {row_major(y, {rows, columns}, kind ? quantized(0.3f, zero(y)) : nullptr)};
  c.constant = {false, m.coin(), m.coin()};
  return c;
}

class MatmulOn : public ::testing::TestWithParam<const char*> {};

TEST_P(MatmulOn, IntegersAgreeToTheBit) {
  const spec::NpuSpec spec = preset(GetParam());
  for (uint32_t seed = 0; seed < 60; ++seed) {
    Maker m{std::mt19937(seed)};
    const Case c = integer_matmul(m);
    const Outcome outcome = check(c, spec, seed);
    ASSERT_EQ(outcome.error, "") << "seed " << seed << " a " << c.op.inputs[0].to_string() << " w "
                                 << c.op.inputs[1].to_string() << " y " << c.op.outputs[0].to_string();
  }
}

TEST_P(MatmulOn, Bfloat16LiesWithinTheBound) {
  const spec::NpuSpec spec = preset(GetParam());
  for (uint32_t seed = 100; seed < 125; ++seed) {
    Maker m{std::mt19937(seed)};
    const int64_t batch = m.upto(3), rows = m.upto(40), k = m.upto(80), columns = m.upto(50);
    Matmul op;
    op.epilogue.bias = m.coin(), op.epilogue.residual = m.coin();
    op.epilogue.activation = static_cast<Activation>(m.random() % 3);
    op.epilogue.clip_lo = -0.5f, op.epilogue.clip_hi = 2.0f;
    const bool shared = m.coin();
    Case c;
    c.op.op = op;
    c.op.inputs = {row_major(DType::kBF16, {batch, rows, k}),
                   shared ? row_major(DType::kBF16, {k, columns}) : row_major(DType::kBF16, {batch, k, columns})};
    if (op.epilogue.bias) c.op.inputs.push_back(row_major(DType::kF32, {columns}));
    const DType y = m.coin() ? DType::kBF16 : DType::kF32;
    if (op.epilogue.residual)
      c.op.inputs.push_back(row_major(m.coin() ? DType::kBF16 : DType::kF32, {batch, rows, columns}));
    c.op.outputs = {row_major(y, {batch, rows, columns})};
    c.constant = {false, m.coin(), m.coin()};
    const Outcome outcome = check(c, spec, seed, 2, k);
    ASSERT_EQ(outcome.error, "") << "seed " << seed << " a " << c.op.inputs[0].to_string() << " w "
                                 << c.op.inputs[1].to_string();
  }
}

// i8 and i4 weights of bf16, with every epilogue, and i4 weights of i8.
TEST_P(MatmulOn, NarrowWeightsAreWidenedAndScaled) {
  const spec::NpuSpec spec = preset(GetParam());
  for (uint32_t seed = 200; seed < 240; ++seed) {
    Maker m{std::mt19937(seed)};
    const int64_t batch = m.upto(3), rows = m.upto(40), k = m.upto(80), columns = m.upto(50);
    const bool four = m.coin();
    const DType w = four ? DType::kI4 : DType::kI8, y = m.coin() ? DType::kBF16 : DType::kF32;
    Matmul op;
    op.transpose_b = !four && m.coin();
    op.epilogue.bias = m.coin(), op.epilogue.residual = m.coin();
    op.epilogue.activation = static_cast<Activation>(m.random() % 3);
    op.epilogue.clip_lo = -0.5f, op.epilogue.clip_hi = 2.0f;
    const float scale = 0.5f / (four ? 8.0f : 128.0f);
    const auto quant =
        m.coin() ? quantized(scale, 0) : quantized_channels(m.random, columns, scale, 0, op.transpose_b ? 0 : 1);
    Case c;
    c.op.op = op;
    c.op.inputs = {row_major(DType::kBF16, {batch, rows, k}),
                   swapped(row_major(w, {k, columns}, quant), op.transpose_b)};
    if (op.epilogue.bias) c.op.inputs.push_back(row_major(DType::kF32, {columns}));
    if (op.epilogue.residual)
      c.op.inputs.push_back(row_major(m.coin() ? DType::kBF16 : DType::kF32, {batch, rows, columns}));
    c.op.outputs = {row_major(y, {batch, rows, columns})};
    c.constant = {false, m.coin(), m.coin()};
    const Outcome outcome = check(c, spec, seed, 3, k);
    ASSERT_EQ(outcome.error, "") << "seed " << seed << " a " << c.op.inputs[0].to_string() << " w "
                                 << c.op.inputs[1].to_string();
  }
  for (uint32_t seed = 240; seed < 250; ++seed) {
    Maker m{std::mt19937(seed)};
    Case c = integer_matmul(m);
    auto& op = std::get<Matmul>(c.op.op);
    const int64_t k = c.op.inputs[0].shape[op.transpose_a ? 0 : 1], columns = c.op.outputs[0].shape[1];
    op.transpose_b = false;
    c.op.inputs[0].dtype = DType::kI8;
    c.op.inputs[0].quant = quantized(0.05f, -3);
    c.op.inputs[1] = row_major(DType::kI4, {k, columns}, quantized_channels(m.random, columns, 0.2f, 1, 1));
    const Outcome outcome = check(c, spec, seed);
    ASSERT_EQ(outcome.error, "") << "seed " << seed << " w " << c.op.inputs[1].to_string();
  }
}

// What is loaded of constant weights: half, and a quarter, of bf16's bytes.
TEST_P(MatmulOn, NarrowWeightsAreFewerBytes) {
  const spec::NpuSpec spec = preset(GetParam());
  const auto read = [&](DType w) {
    Case c;
    c.op.op = Matmul{};
    c.op.inputs = {row_major(DType::kBF16, {2, 64}),
                   row_major(w, {64, 256}, w == DType::kBF16 ? nullptr : quantized(0.5f / 128.0f, 0))};
    c.op.outputs = {row_major(DType::kBF16, {2, 256})};
    c.constant = {false, true};
    const Outcome outcome = check(c, spec, 5, 1, 64);
    EXPECT_EQ(outcome.error, "");
    return static_cast<int64_t>(outcome.program.ops.at(0).dram_read_bytes);
  };
  const int64_t weights = 64 * 256, scales = 256 * 4, wide = read(DType::kBF16);
  EXPECT_EQ(wide - read(DType::kI8), weights - scales);
  EXPECT_EQ(wide - read(DType::kI4), weights * 3 / 2 - scales);
}

INSTANTIATE_TEST_SUITE_P(Presets, MatmulOn, ::testing::Values("tiny-4x4", "tiny-8x8", "edge-16x16"));

TEST(Matmul, LargerThanTheScratchpadInEveryDimension) {
  spec::NpuSpec spec = preset("tiny-8x8");
  spec.scratchpad.bytes = 4096;
  Case c;
  c.op.op = Matmul{};
  c.op.inputs = {row_major(DType::kI8, {200, 300}), row_major(DType::kI8, {300, 150})};
  c.op.outputs = {row_major(DType::kI32, {200, 150})};
  for (bool constant : {true, false}) {
    c.constant = {false, constant};
    const Outcome outcome = check(c, spec, 7, 2);
    EXPECT_EQ(outcome.error, "");
    EXPECT_LE(outcome.program.scratchpad_high_water_bytes, 4096);
  }
}

TEST(Matmul, HundredsOfThousandsOfTilesAreAFewThousandDescriptors) {
  const spec::NpuSpec spec = preset("datacenter-128x128");
  auto list = std::make_shared<CommandList>(reference());
  // 635 x 635 tiles of 128 x 128, as many as a 7B-parameter model has in all.
  const int64_t n = 635 * 128;
  OpCall call{Matmul{}, {}, {}, "large"};
  const auto slot = [&](TensorDesc desc, const char* name) {
    TensorView v;
    v.slot = list->add_slot(desc.span_bytes(), name), v.desc = std::move(desc);
    return v;
  };
  call.inputs = {slot(row_major(DType::kI8, {16, n}), "a"), slot(row_major(DType::kI8, {n, n}), "w")};
  call.outputs = {slot(row_major(DType::kI32, {16, n}), "y")};
  ASSERT_TRUE(list->op(call).ok());
  const Result<Program> program = Compiler(spec).compile(*list);
  ASSERT_TRUE(program.ok()) << program.status().to_string();
  // Loops fold 403,225 tiles into one descriptor for about 60 of them; what stays outside is a run's first and last
  // blocks.
  EXPECT_LT(program.value().descriptors.size(), 6500u) << program.value().ops[0].plan;
}

TEST(Matmul, RefusesWithNumbersWhatFitsNowhere) {
  spec::NpuSpec spec = preset("tiny-8x8");
  spec.scratchpad.bytes = 64;
  OpDesc op;
  op.op = Matmul{};
  op.inputs = {row_major(DType::kI8, {20, 30}), row_major(DType::kI8, {30, 15})};
  op.outputs = {row_major(DType::kI32, {20, 15})};
  const Support support = Compiler(spec).supports(op);
  EXPECT_FALSE(support.yes);
  EXPECT_NE(support.reason.find("64 bytes"), std::string::npos) << support.reason;
}

TEST(Matmul, RefusesTypesTheArrayCannotMultiply) {
  OpDesc op;
  op.op = Matmul{};
  op.inputs = {row_major(DType::kF32, {4, 4}), row_major(DType::kF32, {4, 4})};
  op.outputs = {row_major(DType::kF32, {4, 4})};
  EXPECT_FALSE(Compiler(preset("edge-16x16")).supports(op).yes);
  for (TensorDesc& d : op.inputs) d = row_major(DType::kBF16, {4, 4});
  EXPECT_TRUE(Compiler(preset("edge-16x16")).supports(op).yes);
  const Support on_tpu = Compiler(preset("tpu-v1")).supports(op);
  EXPECT_FALSE(on_tpu.yes);
  EXPECT_NE(on_tpu.reason.find("bf16"), std::string::npos) << on_tpu.reason;
}

TEST(Matmul, RefusesWeightsThatTheArrayDoesNotWiden) {
  spec::NpuSpec spec = preset("edge-16x16");
  const auto refusal = [&](DType x, DType w, bool transposed) {
    OpDesc op;
    op.op = Matmul{false, transposed, {}};
    op.inputs = {row_major(x, {4, 4}), row_major(w, {4, 4}, quantized(0.5f, 0))};
    op.outputs = {row_major(x == DType::kI8 ? DType::kI32 : DType::kBF16, {4, 4})};
    const Support support = Compiler(spec).supports(op);
    return support.yes ? std::string() : support.reason;
  };
  EXPECT_EQ(refusal(DType::kBF16, DType::kI4, false), "");
  EXPECT_NE(refusal(DType::kBF16, DType::kI4, true).find("packed along k"), std::string::npos);
  EXPECT_NE(refusal(DType::kF16, DType::kI8, false).find("products of f16 and i8"), std::string::npos);
  spec.array.weight_types = "i8";
  EXPECT_EQ(refusal(DType::kBF16, DType::kI8, true), "");
  EXPECT_NE(refusal(DType::kBF16, DType::kI4, false).find("array.weight_types: i8"), std::string::npos);
  EXPECT_NE(refusal(DType::kI8, DType::kI4, false).find("array.weight_types: i8"), std::string::npos);
  spec.array.weight_types = "same";
  EXPECT_NE(refusal(DType::kBF16, DType::kI8, false).find("array.weight_types: same"), std::string::npos);
  spec.array.weight_types = "i4", spec.array.cols = 15;
  EXPECT_NE(refusal(DType::kBF16, DType::kI4, false).find("odd number"), std::string::npos);
}

}  // namespace
}  // namespace systole::npu::testing
