// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Program after program on every substrate.
#pragma once

#include <functional>
#include <map>

#include "rtl/differential/compare.h"
#include "rtl/differential/coverage.h"
#include "rtl/differential/generator.h"

namespace systole::differential {

struct Verdict {
  enum class Kind { kAgree, kDropped, kDiverged } kind = Kind::kAgree;
  std::string reason;  // kDropped
  Divergence divergence;
  const char* substrate = "";  // that differs from the model
  std::string error;           // the contract's name of the error that was raised; "" without
  uint64_t cycles = 0, commands = 0;
};

struct Failure {
  uint64_t seed = 0;
  Program program;  // shrunk where that was asked for
  size_t commands_before = 0;
  Verdict verdict;
};

struct Tally {
  uint64_t programs = 0, illegal = 0, commands = 0, cycles = 0;  // that were compared
  std::map<std::string, uint64_t> dropped, errors;
  std::vector<Failure> failures;
  Coverage coverage;
};

struct CampaignOptions {
  uint64_t seed = 1, programs = 1000;
  GeneratorOptions generator;
  bool shrink = true;
  size_t most_failures = 10;                   // then it stops
  std::function<bool(const Tally&)> progress;  // after each program; false: stop
};

class Campaign {
 public:
  // `model` finds races; the others are compared with it. None is owned.
  Campaign(const spec::NpuSpec& spec, Substrate& model, std::vector<Substrate*> others)
      : spec_(spec), model_(model), others_(std::move(others)) {}

  Verdict judge(const Program& program);
  Program shrink_failure(const Program& program, const Verdict& verdict);
  Tally run(const CampaignOptions& options);

 private:
  spec::NpuSpec spec_;
  Substrate& model_;
  std::vector<Substrate*> others_;
};

}  // namespace systole::differential
