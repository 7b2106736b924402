// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Random programs on the RTL: the model's memory, cycles and registers.
#include <gtest/gtest.h>
#include <unistd.h>

#include "configs/spec/load.h"
#include "tests/rtl_differential/doubles.h"

namespace systole::differential {
namespace {

struct Built {
  std::unique_ptr<Substrate> rtl;
  Missing missing{};
  std::string error;
};
// Able to write waveforms where it is small: one library of that one, with them, is Verilated instead of two.
Built build(const spec::NpuSpec& spec) {
  Built built;
  const bool waves = spec.array.rows == 4;
  built.rtl = make_rtl(spec, {SYSTOLE_SOURCE_DIR "/rtl", "", waves}, built.missing, built.error);
  return built;
}

class Rtl : public testing::TestWithParam<const char*> {};

TEST_P(Rtl, DoesWhatTheModelDoesInTheSameCycles) {
  const spec::NpuSpec spec = small(GetParam());
  const auto [rtl, missing, error] = build(spec);
  if (missing == Missing::kVerilator) GTEST_SKIP() << error;
  ASSERT_NE(rtl, nullptr) << error;
  const auto timed = model(spec);
  const auto interpreter = make_interpreter(spec);
  Campaign campaign(spec, *timed, {interpreter.get(), rtl.get()});
  CampaignOptions options;
  options.programs = 100;
  options.most_failures = 2;
  const Tally tally = campaign.run(options);
  for (const Failure& failure : tally.failures) ADD_FAILURE() << describe(failure);
  for (const auto& [file, program] : regressions()) {
    if (program.npu != GetParam()) continue;
    const Verdict verdict = campaign.judge(program);
    EXPECT_EQ(verdict.kind, Verdict::Kind::kAgree) << file << ": " << verdict.reason << verdict.divergence.text;
  }
}

// The same memory at bank level behind both: reads overtake, refreshes, clocks that are no whole ratio apart.
TEST(RtlOnADramAtBankLevel, DoesWhatTheModelDoesInTheSameCycles) {
  for (const char* device : {"ddr4-2400", "hbm3"}) {
    spec::NpuSpec spec = small("4x4");
    ASSERT_TRUE(spec::apply_override(spec, std::string("dram.config=") + device).ok());
    const auto [rtl, missing, error] = build(spec);
    if (missing == Missing::kVerilator) GTEST_SKIP() << error;
    ASSERT_NE(rtl, nullptr) << error;
    const auto timed = model(spec);
    Campaign campaign(spec, *timed, {rtl.get()});
    CampaignOptions options;
    options.programs = 100;
    options.most_failures = 2;
    for (const Failure& failure : campaign.run(options).failures) ADD_FAILURE() << device << "\n" << describe(failure);
  }
}

TEST(RtlWaves, BeginAtACycleAndEndWithTheProgram) {
  const spec::NpuSpec spec = small("4x4");
  const auto [rtl, missing, error] = build(spec);
  if (missing == Missing::kVerilator) GTEST_SKIP() << error;
  ASSERT_NE(rtl, nullptr) << error;
  const auto folder = std::filesystem::temp_directory_path() / ("systole_waves_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const Program program = generate(spec, 4, {.illegal_percent = 0});
  uint64_t bytes[2] = {};
  for (const uint64_t cycle : {0, 1500}) {
    const std::string file = folder / (std::to_string(cycle) + ".fst");
    auto fresh = build(spec).rtl;
    ASSERT_TRUE(fresh->waves(file, cycle));
    EXPECT_EQ(fresh->run(program).problem, "");
    fresh.reset();  // the file is whole
    bytes[cycle != 0] = std::filesystem::file_size(file);
  }
  EXPECT_GT(bytes[0], bytes[1]);
  std::filesystem::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Small, Rtl, testing::Values("4x4", "8x8"));

}  // namespace
}  // namespace systole::differential
