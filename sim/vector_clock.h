// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Happened-before among the engines: entry e is how many commands of engine e are known to have completed.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "sim/npu.h"

namespace systole::sim {

struct VectorClock {
  std::array<uint64_t, kEngines> known{};
  void join(const VectorClock& other) {
    for (int e = 0; e < kEngines; ++e) known[e] = std::max(known[e], other.known[e]);
  }
};

}  // namespace systole::sim
