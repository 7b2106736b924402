// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Small NPUs, and a substrate that is wrong on purpose.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "rtl/differential/campaign.h"

namespace systole::differential {

inline spec::NpuSpec small(const std::string& name) {
  spec::NpuSpec spec;
  EXPECT_TRUE(small_spec(name, spec));
  EXPECT_EQ(adapt(spec), "");
  return spec;
}

inline std::unique_ptr<Substrate> model(const spec::NpuSpec& spec, bool race_check = true) {
  std::string error;
  auto made = make_model(spec, race_check, error);
  EXPECT_NE(made, nullptr) << error;
  return made;
}

// A model that runs every program changed, or of a spec changed.
class Double final : public Substrate {
 public:
  explicit Double(const spec::NpuSpec& spec, std::function<void(Program&)> change = {})
      : model_(model(spec, false)), change_(std::move(change)) {}
  const char* name() const override { return "double"; }
  Outcome run(const Program& program) override {
    Program mine = program;
    if (change_) change_(mine);
    Outcome outcome = model_->run(mine);
    const auto ring = initial_memory(program);  // what was asked for
    std::copy_n(ring.begin(), kRecords, outcome.memory.begin());
    return outcome;
  }

 private:
  std::unique_ptr<Substrate> model_;
  std::function<void(Program&)> change_;
};

// Every program of the folder tests/rtl_differential/programs, by its file's name.
inline std::vector<std::pair<std::string, Program>> regressions() {
  std::vector<std::pair<std::string, Program>> programs;
  for (const auto& entry : std::filesystem::directory_iterator(SYSTOLE_SOURCE_DIR "/tests/rtl_differential/programs")) {
    std::ifstream in(entry.path());
    std::stringstream text;
    text << in.rdbuf();
    Program program;
    std::string error;
    EXPECT_TRUE(from_text(text.str(), entry.path().filename(), program, error)) << error;
    programs.emplace_back(entry.path().filename(), program);
  }
  EXPECT_GE(programs.size(), 5u);
  return programs;
}

inline std::string describe(const Failure& failure) {
  const Divergence& d = failure.verdict.divergence;
  return "seed " + std::to_string(failure.seed) + ": " + d.text + "\n" + d.command + " in cycle " +
         std::to_string(d.cycle) + "\n" + to_text(failure.program);
}

}  // namespace systole::differential
