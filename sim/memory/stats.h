// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a memory system has counted since its reset.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace systole::memory {

// What a sum has grown by since it was `before` is added so many times again.
inline void repeat_growth(uint64_t& sum, uint64_t before, uint64_t times) { sum += (sum - before) * times; }

// Of bursts that banks of the L2 have taken.
struct L2Counts {
  uint64_t hits = 0, misses = 0;        // a burst that joined a miss under way is one, too
  uint64_t fills = 0, write_backs = 0;  // bursts of the DRAM
  L2Counts& operator+=(const L2Counts& other) {
    hits += other.hits, misses += other.misses, fills += other.fills, write_backs += other.write_backs;
    return *this;
  }
  L2Counts operator-(const L2Counts& other) const {
    return {hits - other.hits, misses - other.misses, fills - other.fills, write_backs - other.write_backs};
  }
  bool operator==(const L2Counts&) const = default;
};

struct Stats {
  uint64_t bursts_read = 0, bursts_written = 0;
  uint64_t row_hits = 0, row_misses = 0;
  std::vector<uint64_t> channel_busy;  // cycles, rounded down
  L2Counts l2;                         // of all ports
  uint64_t l2_dirty_lines = 0;         // now
};

// Of answered bursts of the ports that the host does not pace, sums that only grow: once all that such a port has asked
// for is answered, they hang on nothing else.
struct Served {
  L2Counts l2;
  // Bursts of the DRAM (of an L2: that they made it ask for) by whether their row was open; a burst that its controller
  // answered by itself is a hit.
  uint64_t row_hits = 0, row_misses = 0;
  // Cycles from request to answer, over all bursts, reads and writes: divided by the bursts the mean latency, divided
  // by a time the mean number in flight (Little's law).
  std::array<uint64_t, 2> flight_cycles{};
  // What has come to it since happens so many times again; without an L2.
  void repeat(const Served& since, uint64_t times) {
    repeat_growth(row_hits, since.row_hits, times);
    repeat_growth(row_misses, since.row_misses, times);
    for (size_t d = 0; d < 2; ++d) repeat_growth(flight_cycles[d], since.flight_cycles[d], times);
  }
};

}  // namespace systole::memory
