// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a memory system has counted since its reset.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace systole::memory {

struct Stats {
  uint64_t bursts_read = 0, bursts_written = 0;
  uint64_t row_hits = 0, row_misses = 0;
  std::vector<uint64_t> channel_busy;  // cycles, rounded down
};

// Of answered bursts of the ports that the host does not pace, sums that only grow: once all that such a port has asked
// for is answered, they hang on nothing else.
struct Served {
  // Bursts of the DRAM by whether their row was open; a burst that its controller answered by itself is a hit.
  uint64_t row_hits = 0, row_misses = 0;
  // Cycles from request to answer, over all bursts, reads and writes: divided by the bursts the mean latency, divided
  // by a time the mean number in flight (Little's law).
  std::array<uint64_t, 2> flight_cycles{};
};

}  // namespace systole::memory
