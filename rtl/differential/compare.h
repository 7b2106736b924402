// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Two substrates' outcomes of a program.
#pragma once

#include <optional>

#include "rtl/differential/substrates.h"

namespace systole::differential {

struct Divergence {
  enum class Kind { kProblem, kTime, kMemory, kRegister, kCause } kind = Kind::kProblem;
  std::string text;     // what differs, with both values
  std::string command;  // the command that it began with, as text; "" where none is to blame
  const char* engine = "";
  size_t sequence = 0;  // its ring index
  uint64_t cycle = 0;   // from the doorbell; of kTime the first cycle that differs, else the command's completion
};
const char* name(Divergence::Kind kind);

// The first difference: of what happens in time the earliest, else of memory the first byte, else of registers, else of
// the causes of cycles. Nothing where both agree in all that both have; `ignore` names the bytes of memory that are
// free.
std::optional<Divergence> compare(const Program& program, const spec::NpuSpec& spec, const Substrate& a,
                                  const Outcome& of_a, const Substrate& b, const Outcome& of_b,
                                  const std::vector<bool>& ignore);

}  // namespace systole::differential
