// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Random programs on the model and the interpreter; what is wrong on purpose is found, and its program shrinks.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/rtl_differential/doubles.h"

namespace systole::differential {
namespace {

Tally until_one_fails(Campaign& campaign, int programs, int illegal_percent) {
  CampaignOptions options;
  options.programs = programs;
  options.most_failures = 1;
  options.generator.illegal_percent = illegal_percent;
  return campaign.run(options);
}

class Programs : public testing::TestWithParam<const char*> {};

TEST_P(Programs, DoOnTheModelWhatTheInterpreterSays) {
  const spec::NpuSpec spec = small(GetParam());
  const auto timed = model(spec);
  const auto interpreter = make_interpreter(spec);
  Campaign campaign(spec, *timed, {interpreter.get()});
  CampaignOptions options;
  options.programs = 400;
  const Tally tally = campaign.run(options);
  for (const Failure& failure : tally.failures) ADD_FAILURE() << describe(failure);
  EXPECT_GE(tally.programs, 380u);
  EXPECT_GE(tally.illegal, 20u);
  EXPECT_EQ(tally.coverage.pair_kinds(), kKinds * kKinds) << "every command after every other one";
  EXPECT_GE(tally.coverage.cells(), 250);
}

TEST_P(Programs, ThatAreLegalNeverRace) {
  const spec::NpuSpec spec = small(GetParam());
  const auto timed = model(spec);
  Campaign campaign(spec, *timed, {});
  for (uint64_t seed = 5000; seed < 5300; ++seed) {
    const Program program = generate(spec, seed, {.commands = 40, .illegal_percent = 0});
    const Verdict verdict = campaign.judge(program);
    EXPECT_EQ(verdict.kind, Verdict::Kind::kAgree) << seed << ": " << verdict.reason << verdict.divergence.text;
    EXPECT_TRUE(all_defined(program.commands, spec)) << seed;
  }
}

// The reset before a program undoes what the last one left, an error and a deadlock too.
TEST_P(Programs, AreTheSameAfterAnyOther) {
  const spec::NpuSpec spec = small(GetParam());
  const auto used = model(spec);
  for (uint64_t seed = 1; seed < 40; ++seed) {
    used->run(generate(spec, seed, {.illegal_percent = 100}));
    const Program program = generate(spec, 1000 + seed, {});
    const auto fresh = model(spec);
    const Outcome a = fresh->run(program), b = used->run(program);
    const auto difference = compare(program, spec, *fresh, a, *used, b, {});
    EXPECT_FALSE(difference) << difference->text;
  }
}

INSTANTIATE_TEST_SUITE_P(Small, Programs, testing::Values("4x4", "8x8"));

TEST(Regressions, AgreeOnModelAndInterpreter) {
  for (const auto& [file, program] : regressions()) {
    const spec::NpuSpec spec = small(program.npu);
    const auto timed = model(spec);
    const auto interpreter = make_interpreter(spec);
    const Verdict verdict = Campaign(spec, *timed, {interpreter.get()}).judge(program);
    EXPECT_EQ(verdict.kind, Verdict::Kind::kAgree) << file << ": " << verdict.reason << verdict.divergence.text;
  }
}

TEST(Generator, GivesTheSameProgramForASeed) {
  const spec::NpuSpec spec = small("8x8");
  EXPECT_EQ(to_text(generate(spec, 12, {})), to_text(generate(spec, 12, {})));
  EXPECT_NE(to_text(generate(spec, 12, {})), to_text(generate(spec, 13, {})));
}

TEST(Generator, MakesEveryErrorThatACommandCanRaise) {
  const spec::NpuSpec spec = small("4x4");
  const auto timed = model(spec);
  Campaign campaign(spec, *timed, {});
  CampaignOptions options;
  options.programs = 400;
  options.generator.illegal_percent = 100;
  const Tally tally = campaign.run(options);
  for (const char* error : {"bad_opcode", "reserved_bits", "unsupported", "bad_operand", "dma_fault", "sem_underflow",
                            "sem_overflow", "watchdog", "loop"})
    EXPECT_TRUE(tally.errors.contains(error)) << error;
}

struct Fault {
  const char* name;
  std::function<void(spec::NpuSpec&)> figure;
  Divergence::Kind kind;
  size_t most_commands;  // of the shrunk program
};

class Figures : public testing::TestWithParam<Fault> {};

TEST_P(Figures, ThatDifferAreFoundAndTheProgramShrinks) {
  const spec::NpuSpec spec = small("4x4");
  spec::NpuSpec other = spec;
  GetParam().figure(other);
  const auto timed = model(spec);
  const auto interpreter = make_interpreter(spec);
  Double wrong(other);
  Campaign campaign(spec, *timed, {interpreter.get(), &wrong});
  const Tally tally = until_one_fails(campaign, 60, GeneratorOptions{}.illegal_percent);
  ASSERT_EQ(tally.failures.size(), 1u);
  const Failure& failure = tally.failures[0];
  EXPECT_EQ(failure.verdict.kind, Verdict::Kind::kDiverged);
  EXPECT_EQ(failure.verdict.divergence.kind, GetParam().kind) << failure.verdict.divergence.text;
  EXPECT_STREQ(failure.verdict.substrate, "double");
  EXPECT_LE(failure.program.commands.size(), GetParam().most_commands) << describe(failure);
  EXPECT_GT(failure.commands_before, failure.program.commands.size());
}

INSTANTIATE_TEST_SUITE_P(
    Model, Figures,
    testing::Values(Fault{"read_latency", [](auto& s) { ++s.scratchpad.read_latency; }, Divergence::Kind::kTime, 6},
                    Fault{"rmw_interval", [](auto& s) { s.accumulator.rmw_interval += 3; }, Divergence::Kind::kTime, 7},
                    Fault{"pipeline", [](auto& s) { ++s.vector.pipeline; }, Divergence::Kind::kTime, 5},
                    Fault{"outstanding", [](auto& s) { s.dma.outstanding = 2; }, Divergence::Kind::kTime, 5},
                    Fault{"fetch_ahead", [](auto& s) { s.core.fetch_ahead = 1; }, Divergence::Kind::kTime, 6},
                    Fault{"interleave", [](auto& s) { s.scratchpad.interleave = 2; }, Divergence::Kind::kTime, 8}),
    [](const auto& fault) { return std::string(fault.param.name); });

// A COMPUTE that forgets to add to what is there: values alone.
TEST(Values, ThatDifferAreFoundAndTheCommandIsNamed) {
  const spec::NpuSpec spec = small("4x4");
  const auto timed = model(spec);
  const auto interpreter = make_interpreter(spec);
  Double wrong(spec, [](Program& program) {
    for (contract::Descriptor& d : program.commands)
      if (contract::opcode(d) == contract::Opcode::kCompute) d.words[25] &= ~(1u << 6);  // accumulate
  });
  Campaign campaign(spec, *timed, {interpreter.get(), &wrong});
  const Tally tally = until_one_fails(campaign, 60, 0);
  ASSERT_EQ(tally.failures.size(), 1u);
  const Failure& failure = tally.failures[0];
  EXPECT_EQ(failure.verdict.divergence.kind, Divergence::Kind::kMemory) << failure.verdict.divergence.text;
  EXPECT_TRUE(failure.verdict.divergence.command.starts_with("compute ")) << describe(failure);
  EXPECT_STREQ(failure.verdict.divergence.engine, "compute");
  EXPECT_LE(failure.program.commands.size(), 9u) << describe(failure);
}

// What a fault leaves in the registers is compared too.
TEST(Errors, OfAnotherAddressAreFound) {
  const spec::NpuSpec spec = small("4x4");
  const auto timed = model(spec);
  Double wrong(spec, [](Program& program) { program.watchdog += 7; });
  Campaign campaign(spec, *timed, {&wrong});
  const Tally tally = until_one_fails(campaign, 200, 100);
  ASSERT_EQ(tally.failures.size(), 1u);
  EXPECT_EQ(tally.failures[0].verdict.divergence.kind, Divergence::Kind::kRegister);
}

// Who is charged for a cycle, too.
TEST(Causes, OfAnotherTagAreFound) {
  const spec::NpuSpec spec = small("4x4");
  const auto timed = model(spec);
  Double wrong(spec, [](Program& program) {
    program.commands[program.commands.size() / 2].words[0] ^= 0x80000;  // its tag
  });
  Campaign campaign(spec, *timed, {&wrong});
  const Tally tally = until_one_fails(campaign, 60, 0);
  ASSERT_EQ(tally.failures.size(), 1u);
  EXPECT_EQ(tally.failures[0].verdict.divergence.kind, Divergence::Kind::kCause);
}

}  // namespace
}  // namespace systole::differential
