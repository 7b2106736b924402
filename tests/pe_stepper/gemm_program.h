// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// GEMMs as sequences of PRELOAD and COMPUTE, their layout in a scratchpad, the closed form of docs/timing.md section 3
// for them, and their values by a plain loop.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/pe_stepper/pe_stepper.h"

namespace systole::tests {

struct GemmCase {
  int m = 1, k = 1, n = 1;
  uint64_t seed = 1;
};

// Weights lie in the first bank, vectors from the second on: PRELOAD and COMPUTE never share one.
struct GemmProgram {
  std::vector<int8_t> scratchpad;
  std::vector<StepCommand> commands;  // PRELOAD, COMPUTE, PRELOAD, COMPUTE, ...; earliest = 0
  std::vector<int32_t> expected;      // accumulator image: tile of columns t at rows t*m .. t*m + m - 1
};

bool fits(const GemmCase& gemm, const StepperConfig& config);
GemmProgram make_gemm(const GemmCase& gemm, const StepperConfig& config);
// Cycles from the first PRELOAD's issue to the last write-back, when every command is dispatched in time.
int64_t closed_form(const GemmCase& gemm, const StepperConfig& config);

}  // namespace systole::tests
