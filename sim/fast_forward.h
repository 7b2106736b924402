// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a core remembers of the loop it is in, to skip iterations: where the state as an iteration of the outermost loop
// begins is the one of an earlier iteration, but for time and place, all between happens again as often as it fits.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/accounting.h"
#include "sim/memory/imprint.h"
#include "sim/memory/system.h"

namespace systole::sim {

struct FastForward {
  uint64_t loop = kNever;   // ring index of its first command
  bool possible = false;    // its state can be told
  memory::Streams streams;  // of all its iterations
  uint64_t stride = 1;      // so many iterations later all streams are where the memory is alike
  std::vector<uint16_t> tags;

  bool noted = false;  // an earlier iteration is, to be compared with:
  uint64_t iteration = 0, cycle = 0;
  uint64_t compared = 0;  // with it, or one before it, in vain
  uint64_t patience = 1;  // strides until a later one is noted
  memory::Imprint then, now;
  Accounting::Sums counts;
  memory::System::Sums traffic;
};

}  // namespace systole::sim
