// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Random programs on the model and the interpreter; a model with another figure is found out, and its program shrinks.
#include <gtest/gtest.h>

#include <iostream>

#include "rtl/differential/campaign.h"

namespace systole::differential {
namespace {

spec::NpuSpec small(const std::string& name) {
  spec::NpuSpec spec;
  EXPECT_TRUE(small_spec(name, spec));
  EXPECT_EQ(adapt(spec), "");
  return spec;
}

std::unique_ptr<Substrate> model(const spec::NpuSpec& spec, bool race_check = true) {
  std::string error;
  auto made = make_model(spec, race_check, error);
  EXPECT_NE(made, nullptr) << error;
  return made;
}

void print(const Tally& tally) {
  std::cout << tally.programs << " programs (" << tally.illegal << " illegal), " << tally.commands << " commands, "
            << tally.cycles << " cycles, " << tally.coverage.cells() << " cells\n";
  for (const auto& [reason, count] : tally.dropped) std::cout << "  dropped " << count << ": " << reason << "\n";
  for (const auto& [error, count] : tally.errors) std::cout << "  raised " << error << ": " << count << "\n";
}

std::string describe(const Failure& failure) {
  const Divergence& d = failure.verdict.divergence;
  return "seed " + std::to_string(failure.seed) + ": " + d.text + "\n" + d.command + " in cycle " +
         std::to_string(d.cycle) + "\n" + to_text(failure.program);
}

class Programs : public testing::TestWithParam<const char*> {};

TEST_P(Programs, DoOnTheModelWhatTheInterpreterSays) {
  const spec::NpuSpec spec = small(GetParam());
  const auto timed = model(spec);
  const auto interpreter = make_interpreter(spec);
  Campaign campaign(spec, *timed, {interpreter.get()});
  CampaignOptions options;
  options.programs = std::getenv("N") ? std::stoull(std::getenv("N")) : 300;
  const Tally tally = campaign.run(options);
  print(tally);
  for (const Failure& failure : tally.failures) ADD_FAILURE() << describe(failure);
  EXPECT_GE(tally.programs, 280u);
}

INSTANTIATE_TEST_SUITE_P(Small, Programs, testing::Values("4x4", "8x8"));

}  // namespace
}  // namespace systole::differential
