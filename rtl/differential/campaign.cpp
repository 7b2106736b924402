// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/differential/campaign.h"

#include <cstring>

#include "rtl/differential/shrink.h"

namespace systole::differential {
namespace {

uint32_t value_of(const Outcome& outcome, const char* name) {
  for (const auto& [reg, value] : outcome.registers)
    if (std::strcmp(reg, name) == 0) return value;
  return 0;
}

Verdict dropped(const std::string& reason) { return {Verdict::Kind::kDropped, reason, {}, "", "", 0, 0}; }

}  // namespace

Verdict Campaign::judge(const Program& program) {
  if (program.commands.empty()) return dropped("its loops can't be ordered");
  const Outcome of_model = model_.run(program);
  if (of_model.racing) return dropped("race: " + of_model.problem.substr(0, of_model.problem.find(" of ")));
  Verdict verdict;
  verdict.cycles = of_model.cycles, verdict.commands = of_model.commands.size();
  const uint32_t error = value_of(of_model, "error_code");
  if (error) verdict.error = contract::name(static_cast<contract::ErrorCode>(error));
  if (program.expects_error && !error) return dropped("no error was raised");
  const auto diverged = [&](const Divergence& d, const Substrate& by) {
    verdict.kind = Verdict::Kind::kDiverged;
    verdict.divergence = d, verdict.substrate = by.name();
    return verdict;
  };
  if (!program.expects_error && error) {
    Divergence d;
    d.text = "the model raises " + verdict.error + " at " + std::to_string(value_of(of_model, "error_addr_lo"));
    d.sequence = value_of(of_model, "error_seq"), d.cycle = of_model.cycles;
    d.engine = contract::name(static_cast<contract::Engine>(value_of(of_model, "error_engine")));
    if (d.sequence < program.commands.size()) d.command = to_text(program.commands[d.sequence]);
    return diverged(d, model_);
  }
  std::vector<bool> ignore;
  for (Substrate* other : others_) {
    if (program.expects_error && std::strcmp(other->name(), "interpreter") == 0) continue;
    const Outcome outcome = other->run(program);
    if (outcome.nan_bits_read) return dropped("its values hang on the bits of a NaN");
    if (!outcome.free.empty()) ignore.assign(kDramBytes, false);
    for (size_t i = kData; i < outcome.free.size(); ++i) ignore[i] = outcome.free[i];
    if (const auto d = compare(program, spec_, model_, of_model, *other, outcome, ignore)) return diverged(*d, *other);
  }
  return verdict;
}

Program Campaign::shrink_failure(const Program& program, const Verdict& verdict) {
  return shrink(program, spec_, [&](const Program& candidate) {
    if (!program.expects_error && !all_defined(candidate.commands, spec_)) return false;
    const Verdict now = judge(candidate);
    return now.kind == Verdict::Kind::kDiverged && now.divergence.kind == verdict.divergence.kind &&
           std::strcmp(now.substrate, verdict.substrate) == 0 && now.error == verdict.error;
  });
}

Tally Campaign::run(const CampaignOptions& options) {
  Tally tally;
  for (uint64_t n = 0; n < options.programs && tally.failures.size() < options.most_failures; ++n) {
    const uint64_t seed = options.seed + n;
    const Program program = generate(spec_, seed, options.generator);
    Verdict verdict = judge(program);
    if (verdict.kind == Verdict::Kind::kDropped) {
      ++tally.dropped[verdict.reason];
    } else {
      ++tally.programs;
      tally.illegal += program.expects_error;
      tally.cycles += verdict.cycles, tally.commands += verdict.commands;
      if (!verdict.error.empty()) ++tally.errors[verdict.error];
      tally.coverage.add(program, spec_);
    }
    if (verdict.kind == Verdict::Kind::kDiverged) {
      Failure failure{seed, program, program.commands.size(), verdict};
      if (options.shrink) {
        failure.program = shrink_failure(program, verdict);
        failure.verdict = judge(failure.program);
      }
      tally.failures.push_back(std::move(failure));
    }
    if (options.progress && !options.progress(tally)) break;
  }
  return tally;
}

}  // namespace systole::differential
