// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Counters, overall and by tag, and where every cycle went. Rules: docs/timing.md, section 9.
#pragma once

#include "sim/command.h"
#include "sim/npu.h"

namespace systole::sim {

class Accounting {
 public:
  void reset(uint64_t at) {
    *this = Accounting();
    last_ = at;
  }
  Counters& tag(uint16_t tag);
  const Stats& stats() const { return stats_; }
  Stats& stats() { return stats_; }

  // State that holds from the cycle passed to account() on, until it is changed.
  struct Now {
    uint64_t compute_until = 0, vector_until = 0;  // streaming, to this cycle
    uint16_t compute_tag = 0, vector_tag = 0;
    bool dram = false;      // a LOAD or STORE is in flight
    uint16_t dram_tag = 0;  // the oldest one's
    bool work = false;      // any other command waits or is in flight
    uint16_t work_tag = 0;
    bool pending = false;  // descriptors to be taken, or a fence under way
    bool fence = false;
    uint16_t fence_tag = 0;
  } now;

  void account(uint64_t until);   // attributes the cycles since the last call, up to but without `until`
  void dispatched(uint16_t tag);  // overhead since the last dispatch belongs to this tag
  void issued(const Command& command);
  void port_freed(const Command& command);
  void completed(const Command& command);
  void control_bytes(uint64_t bytes) { stats_.total.dram_bytes[static_cast<int>(Engine::kControl)] += bytes; }

 private:
  void charge(Cause cause, uint16_t tag, uint64_t cycles);

  Stats stats_;
  uint64_t last_ = 0;
  uint64_t unclaimed_ = 0;  // overhead that waits for the next dispatch
  uint16_t cached_tag_ = 0;
  Counters* cached_ = nullptr;
};

}  // namespace systole::sim
