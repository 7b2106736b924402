// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Seeded random programs: legal, deterministic in what they compute, of every command in shapes of use and at edges.
#pragma once

#include <cstdint>

#include "rtl/differential/program.h"

namespace systole::differential {

struct GeneratorOptions {
  int commands = 24;         // about so many that move or compute, besides loops' repetitions
  int illegal_percent = 10;  // programs in which one command is an error
};

// The program of a seed. The last commands of a legal one store all of the scratchpad and accumulators that it used.
Program generate(const spec::NpuSpec& spec, uint64_t seed, const GeneratorOptions& options);

}  // namespace systole::differential
