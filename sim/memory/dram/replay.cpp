// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram/replay.h"

namespace systole::memory::dram {

Replay replay(Dram& dram, std::span<const Access> trace, uint64_t window) {
  Replay result;
  std::vector<Completion> completions;
  Cycle now = 0, last_taken = 0;
  uint64_t under_way = 0;
  Place place;
  if (!trace.empty()) place = dram.place(trace[0].address);
  for (size_t next = 0;;) {
    while (next < trace.size()) {
      const bool write = trace[next].write;
      if ((!write && under_way >= window) || !dram.push(now, place, write, now)) break;
      last_taken = now;
      ++(write ? result.writes : result.reads);
      under_way += !write;
      if (++next < trace.size()) place = dram.place(trace[next].address);
    }
    if (next == trace.size() && under_way == 0) break;
    now = dram.next_event();
    completions.clear();
    dram.advance(now, completions);
    for (const Completion& done : completions) {
      if (done.write) continue;
      --under_way;
      result.latency_cycles += done.at - done.id;
    }
  }
  result.cycles = std::max(now, last_taken + 1);
  return result;
}

}  // namespace systole::memory::dram
