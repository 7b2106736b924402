// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products whose parameters are loaded at once and stepped through by their VECTORs.
#include "devices/npu/compiler/tokens.h"
#include "tests/npu_compiler/harness.h"
#include "tests/sim/harness.h"

namespace systole::npu::testing {
namespace {

// Of so many bytes and in one row.
int loads_of(const Program& program, uint32_t bytes) {
  int count = 0;
  for (const contract::Descriptor& d : program.descriptors) {
    if (contract::opcode(d) != contract::Opcode::kLoad) continue;
    const contract::Load load = contract::decode_load(d);
    count += load.row_bytes == bytes && load.n0 == 1 && load.n1 == 1 && load.n2 == 1;
  }
  return count;
}
int steps_of(const Program& program, contract::CSteps steps) {
  int count = 0;
  for (const contract::Descriptor& d : program.descriptors)
    count += contract::opcode(d) == contract::Opcode::kVector && contract::decode_vector(d).c_steps == steps;
  return count;
}

spec::NpuSpec fast_memory() {
  spec::NpuSpec spec = preset("tiny-8x8");
  spec.scratchpad.bytes = 128 * 1024;
  spec.dram.bytes_per_second = 64e9;
  spec.dram.latency_cycles = 200;
  return spec;
}

struct Epilogues {
  const char* name;
  bool bias, residual;
  contract::CSteps steps;
};
void PrintTo(const Epilogues& e, std::ostream* out) { *out << e.name; }

class IntegerWeights : public ::testing::TestWithParam<Epilogues> {};

TEST_P(IntegerWeights, LoadTheirScalesOnce) {
  constexpr int64_t kColumns = 203;  // 26 tiles of columns, the last one narrower
  Case c;
  c.op.op = Matmul{false, false, Epilogue{.bias = GetParam().bias, .residual = GetParam().residual}};
  std::mt19937 random(3);
  const auto scales = quantized_channels(random, kColumns, 0.01f, 0, 1);
  c.op.inputs = {row_major(DType::kBF16, {3, 100}), row_major(DType::kI8, {100, kColumns}, scales)};
  if (GetParam().bias) c.op.inputs.push_back(row_major(DType::kF32, {kColumns}));
  if (GetParam().residual) c.op.inputs.push_back(row_major(DType::kBF16, {3, kColumns}));
  c.op.outputs = {row_major(DType::kBF16, {3, kColumns})};
  for (const bool constant_bias : {true, false}) {
    c.constant = {false, true, constant_bias};
    const Outcome outcome = check(c, fast_memory(), 1, 5, 100);
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(loads_of(outcome.program, kColumns * 4 * (GetParam().bias ? 2 : 1)), 1) << outcome.program.ops[0].plan;
    EXPECT_GT(steps_of(outcome.program, GetParam().steps), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(With, IntegerWeights,
                         ::testing::Values(Epilogues{"nothing", false, false, contract::CSteps::kParams},
                                           Epilogues{"bias", true, false, contract::CSteps::kBoth},
                                           Epilogues{"residual", false, true, contract::CSteps::kParams},
                                           Epilogues{"bias_and_residual", true, true, contract::CSteps::kBoth}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(RequantizedProduct, LoadsItsParametersOnce) {
  constexpr int64_t kColumns = 120;
  Case c;
  c.op.op = Matmul{false, false, Epilogue{.bias = true, .requant = RequantMode::kTflite}};
  c.op.inputs = {row_major(DType::kI8, {20, 50}, quantized(0.05f, 3)),
                 row_major(DType::kI8, {50, kColumns}, quantized(0.02f, 0)), row_major(DType::kI32, {kColumns})};
  c.op.outputs = {row_major(DType::kI8, {20, kColumns}, quantized(0.3f, -4))};
  c.constant = {false, true, true};
  const Outcome outcome = check(c, fast_memory(), 1, 5);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(loads_of(outcome.program, kColumns * 4 * 3), 1) << outcome.program.ops[0].plan;
}

// All VECTORs follow what the first one waits for.
TEST(RequantizedProduct, WaitsForItsParameters) {
  Case c;
  c.op.op = Matmul{false, false, Epilogue{.bias = true}};
  c.op.inputs = {row_major(DType::kI8, {20, 50}), row_major(DType::kI8, {50, 120}), row_major(DType::kI32, {120})};
  c.op.outputs = {row_major(DType::kI32, {20, 120})};
  c.constant = {false, true, true};
  EXPECT_NE(check_without(static_cast<int>(Token::kOutFree), c, fast_memory(), 1, 40).error, "");
}

// A product of one vector and i8 weights, and an op that takes its result on chip.
TEST(FastForward, SkipsThroughADecodeStepOfIntegerWeights) {
  constexpr int64_t kWidth = 4096;
  spec::NpuSpec spec = preset("datacenter-128x128");
  spec.dram.bytes = 64 << 20;
  const auto view = [](std::shared_ptr<Buffer> buffer, TensorDesc desc, bool transient) {
    TensorView v;
    v.buffer = std::move(buffer), v.desc = std::move(desc), v.transient = transient;
    return v;
  };
  const auto host = [&] { return reference()->allocate({kWidth * 2, 0, MemoryKind::kDeviceLocal, ""}).value(); };
  const TensorDesc row = row_major(DType::kBF16, {1, kWidth});
  auto weights = allocate_host({kWidth * kWidth, 0, MemoryKind::kConstant, "w"}).value();
  weights->freeze();
  const TensorView between = view(host(), row, true);
  CommandList list(reference());
  const TensorDesc w = row_major(DType::kI8, {kWidth, kWidth}, quantized(0.01f, 0));
  ASSERT_TRUE(list.op({Matmul{}, {view(host(), row, false), view(weights, w, false)}, {between}, "product"}).ok());
  ASSERT_TRUE(list.op({Unary{UnaryKind::kRelu}, {between}, {view(host(), row, false)}, "relu"}).ok());
  auto compiled = Compiler(spec, Residency::kTensors, false).compile(list);
  ASSERT_TRUE(compiled.ok()) << compiled.status().to_string();
  Program program = flat(std::move(compiled).value());
  for (const Relocation& r : program.relocations) {
    const uint64_t base = r.target == Target::kBuffer      ? sim::kData + static_cast<uint64_t>(r.index) * kWidth * 2
                          : r.target == Target::kConstants ? 4 * sim::kData
                                                           : sim::kRecord;
    patch_address(program.descriptors[r.descriptor], base + static_cast<uint64_t>(r.offset));
  }
  patch_fence(program.descriptors.back(), 2, true);
  uint64_t cycles[2], skipped[2];
  for (const bool on : {false, true}) {
    sim::Device d(spec, {.functional = false, .fast_forward = on});
    d.program = program.descriptors;
    d.run(false);
    d.expect_clean();
    cycles[on] = d.npu->now(), skipped[on] = d.npu->skipped();
  }
  EXPECT_EQ(cycles[0], cycles[1]);
  EXPECT_EQ(skipped[0], 0u);
  EXPECT_GT(100 * skipped[1], 60 * cycles[1]) << program.ops[0].plan;
}

}  // namespace
}  // namespace systole::npu::testing
