// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The clocked model against the closed form: cycles and values of random GEMMs.
#include <gtest/gtest.h>

#include <random>

#include "tests/pe_stepper/gemm_program.h"

namespace systole::tests {
namespace {

StepperConfig square(int size) {
  StepperConfig config;
  config.rows = config.cols = size;
  config.line_bytes = size;
  config.banks = 4;
  config.interleave = 4;
  config.scratchpad_bytes = 1 << 20;
  config.accumulator_rows = 4096;
  return config;
}

class ClosedForm : public testing::TestWithParam<int> {};

TEST_P(ClosedForm, EqualsTheClockedArrayOnRandomGemms) {
  std::mt19937_64 random(static_cast<uint64_t>(GetParam()));
  for (int run = 0; run < 40; ++run) {
    StepperConfig config = square(GetParam());
    config.weight_rows_per_cycle = 1 << random() % 3;
    config.vector_interval = 1 + static_cast<int>(random() % 2);
    config.rmw_interval = 1 + static_cast<int>(random() % 7);
    config.read_latency = 1 + static_cast<int>(random() % 3);
    const GemmCase gemm{1 + static_cast<int>(random() % 60), 1 + static_cast<int>(random() % 70),
                        1 + static_cast<int>(random() % 50), random()};
    SCOPED_TRACE(testing::Message() << gemm.m << "x" << gemm.k << "x" << gemm.n);
    ASSERT_TRUE(fits(gemm, config));
    const GemmProgram program = make_gemm(gemm, config);
    PeStepper stepper(config, program.scratchpad);
    const std::vector<StepEvents> events = stepper.run(program.commands, 1'000'000);
    ASSERT_EQ(events.size(), program.commands.size());
    EXPECT_EQ(events.back().complete - events.front().issue, closed_form(gemm, config));
    EXPECT_EQ(stepper.accumulators(), program.expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, ClosedForm, testing::Values(4, 8, 16));

// A bank that both engines read makes the second wait for the first.
TEST(PeStepper, SharedBankSerialises) {
  StepperConfig config = square(4);
  GemmProgram apart = make_gemm({8, 8, 4, 3}, config);
  config.banks = 1;
  PeStepper shared(config, apart.scratchpad);
  const auto events = shared.run(apart.commands, 10'000);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[2].issue, events[1].port_free);
  EXPECT_EQ(shared.accumulators(), apart.expected);
}

TEST(PeStepper, VectorThatNeedsTwoLinesOfASubBankTakesTwoCycles) {
  StepperConfig config = square(4);
  std::vector<int8_t> scratchpad(config.scratchpad_bytes, 1);
  const int64_t base = config.scratchpad_bytes / config.banks;
  StepCommand preload{StepCommand::Kind::kPreload, 0, 0, 4, 4, 4, 0, 0, false, true, {}};
  StepCommand compute{StepCommand::Kind::kCompute, 0, base, 4, 4, 4, 10, 0, false, true,
                      {0, 1, 16 * 4, 16 * 4 + 1}};  // the same sub-bank of four, four lines on
  PeStepper stepper(config, scratchpad);
  const auto events = stepper.run({preload, compute}, 10'000);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].port_free - events[1].issue, 20);
}

}  // namespace
}  // namespace systole::tests
