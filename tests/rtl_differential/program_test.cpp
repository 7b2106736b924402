// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Programs as text; semaphores put in, taken out, and kept consistent.
#include <gtest/gtest.h>

#include "rtl/differential/shrink.h"
#include "rtl/differential/synchronise.h"
#include "tests/rtl_differential/doubles.h"

namespace systole::differential {
namespace {

TEST(Text, ComesBackAsItWas) {
  const spec::NpuSpec spec = small("4x4");
  for (uint64_t seed = 1; seed < 200; ++seed) {
    Program program = generate(spec, seed, {.illegal_percent = 40});
    program.npu = "4x4", program.settings = {"dma.outstanding=4", "dram.channels=1"};
    Program again;
    std::string error;
    ASSERT_TRUE(from_text(to_text(program), "x", again, error)) << error;
    EXPECT_EQ(to_text(again), to_text(program));
    EXPECT_EQ(again.commands, program.commands);
    EXPECT_EQ(initial_memory(again), initial_memory(program));
  }
}

struct Bad {
  const char* text;
  const char* error;
};

class BadText : public testing::TestWithParam<Bad> {};

TEST_P(BadText, IsRefusedWithItsLine) {
  Program program;
  std::string error;
  EXPECT_FALSE(from_text(GetParam().text, "f.program", program, error));
  EXPECT_EQ(error, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Text, BadText,
    testing::Values(
        Bad{"", "f.program:1: expected 'systole-program 1', got the end of the file"},
        Bad{"# nothing\n\nnop\n", "f.program:3: expected 'systole-program 1', got 'nop'"},
        Bad{"systole-program 1\n", "f.program:2: expected a command, got the end of the file"},
        Bad{"systole-program 1\nlaod\n",
            "f.program:2: expected npu, set, watchdog, expects_error, fill, raw or a command, got 'laod'"},
        Bad{"systole-program 1\nload rows=3\n", "f.program:2: expected a field of load, got 'rows'"},
        Bad{"systole-program 1\nload n0\n", "f.program:2: expected FIELD=NUMBER, got 'n0'"},
        Bad{"systole-program 1\nload n0=65536\n", "f.program:2: expected a number of 16 bits, got 'n0=65536'"},
        Bad{"systole-program 1\nload n0=1x\n", "f.program:2: expected a number of 16 bits, got 'n0=1x'"},
        Bad{"systole-program 1\nvector a_zero=256\n",
            "f.program:2: expected a number of 9 bits and a sign, got 'a_zero=256'"},
        Bad{"systole-program 1\nload n0=1 n0=2\n", "f.program:2: expected each field once, got 'n0=2'"},
        Bad{"systole-program 1\nnop opcode=3\n", "f.program:2: expected a field of nop, got 'opcode'"},
        Bad{"systole-program 1\nraw 0x1ffffffff\n", "f.program:2: expected a 32-bit word, got '0x1ffffffff'"},
        Bad{"systole-program 1\nfill 0x14000 64 f64 1\n",
            "f.program:2: expected bytes, i32, f32, bf16, scale or shift, got 'f64'"},
        Bad{"systole-program 1\nfill 0 64 f32 1\n", "f.program:2: expected bytes from 0x10000 to 0x80000, got '0 64'"},
        Bad{"systole-program 1\nfill 0x7fff0 64 f32 1\n",
            "f.program:2: expected bytes from 0x10000 to 0x80000, got '0x7fff0 64'"},
        Bad{"systole-program 1\nwatchdog -1\n", "f.program:2: expected cycles, got '-1'"},
        Bad{"systole-program 1\nnpu a b\n", "f.program:2: expected npu and one word, got '2 words'"}));

TEST(Semaphores, TakenOutAndPutInAgainOrderTheSameProgram) {
  const spec::NpuSpec spec = small("8x8");
  const auto timed = model(spec);
  const auto interpreter = make_interpreter(spec);
  Campaign campaign(spec, *timed, {interpreter.get()});
  for (uint64_t seed = 1; seed < 60; ++seed) {
    Program program = generate(spec, seed, {.illegal_percent = 0});
    std::vector<contract::Descriptor> ordered;
    ASSERT_TRUE(synchronise(without_semaphores(program.commands, spec), spec, seed + 7, ordered));
    program.commands = ordered;
    const Verdict verdict = campaign.judge(program);
    EXPECT_EQ(verdict.kind, Verdict::Kind::kAgree) << verdict.reason << verdict.divergence.text;
  }
}

// The others neither wait for counts that nobody gives any more, nor keep ones that nobody takes.
TEST(Semaphores, StayConsistentWithoutSomeCommands) {
  const spec::NpuSpec spec = small("4x4");
  for (uint64_t seed = 1; seed < 60; ++seed) {
    const Program program = generate(spec, seed, {.illegal_percent = 0});
    std::vector<bool> removed(program.commands.size(), false);
    for (size_t i = seed % 3; i + 1 < removed.size(); i += 3) {
      const contract::Opcode opcode = contract::opcode(program.commands[i]);
      removed[i] = opcode == contract::Opcode::kLoad || opcode == contract::Opcode::kStore ||
                   opcode == contract::Opcode::kVector || opcode == contract::Opcode::kSem;
    }
    const Program rest = without(program, removed);
    ASSERT_LT(rest.commands.size(), program.commands.size());
    const Outcome outcome = model(spec, false)->run(rest);
    EXPECT_EQ(outcome.problem, "");
    for (const auto& [name, value] : outcome.registers) {
      if (std::string(name) == "error_code") {
        EXPECT_EQ(value, 0u) << to_text(rest);
      }
    }
  }
}

TEST(Specs, ThatProgramsCantUseAreNamed) {
  spec::NpuSpec spec = small("4x4");
  spec.scratchpad.bytes = 4096;
  EXPECT_EQ(adapt(spec), "scratchpad.bytes: programs need 8192, got 4096");
  EXPECT_FALSE(small_spec("5x5", spec));
}

}  // namespace
}  // namespace systole::differential
