// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A shared L2 between the ports (or their network) and the channels of the DRAM: banks by line address, sets, true
// least-recently-used replacement, write-back, write-allocate. Rules: docs/timing.md, section 7. Integer cycles, no
// values.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "sim/memory/channel.h"
#include "sim/memory/stats.h"
#include "sim/memory/travelling.h"

namespace systole::memory {

class L2 {
 public:
  // A line is a burst of `line_bytes`.
  L2(const spec::L2Spec& spec, uint64_t line_bytes);
  // "" or why the figures can't be simulated.
  static std::string check(const spec::L2Spec& spec, uint64_t line_bytes);
  void reset();

  size_t banks() const { return banks_.size(); }
  size_t bank_of(uint64_t address) const { return bank_.rest(line_.divide(address)); }
  void wait(const Travelling& burst) { banks_[bank_of(burst.address)].queue.push_back(burst); }

  struct Answer {
    Travelling burst;
    size_t bank;
    uint64_t at;  // may lie ahead, and is final
  };
  struct Taken {
    Travelling burst;
    L2Counts counts;
  };
  struct Step {
    std::vector<Taken> taken;         // by their banks in this cycle
    std::vector<Answer> answers;      // to ports
    std::vector<Travelling> of_dram;  // asked of it in this cycle; port: 2 x bank + write, sequence: the miss
  };
  // Every cycle with an event is advanced. Valid until the next call.
  const Step& advance(uint64_t now);
  // The DRAM has answered a burst of a miss in cycle `at`, later than the last advance. Answers to ports, likewise.
  const std::vector<Answer>& answered(uint64_t miss, uint64_t at);
  const Travelling& cause_of(uint64_t miss) const { return misses_[miss].waiting.front(); }
  uint64_t next_event() const;
  uint64_t dirty_lines() const;

 private:
  static constexpr uint64_t kNone = ~uint64_t{0};
  struct Way {
    uint64_t line = kNone;
    uint64_t used = 0;      // when, by count of bursts taken
    uint64_t miss = kNone;  // under way
    bool dirty = false;
  };
  struct Miss {
    uint64_t way = 0;          // its line's
    uint64_t evicted = kNone;  // line being written back
    int left = 0;              // bursts that the DRAM has not answered
    uint64_t done = 0;         // last answer
    std::vector<Travelling> waiting;
  };
  struct Bank {
    std::deque<Travelling> queue;
    std::vector<uint64_t> misses;  // under way
    uint64_t free = 0;             // first cycle in which the next burst can be taken
    bool blocked = false;          // until one of the misses is done
  };
  struct Due {
    uint64_t at;
    Travelling burst;
  };

  void retire(Bank& bank, uint64_t now);
  bool take(uint64_t now, size_t bank);
  void ask(uint64_t at, size_t bank, uint64_t line, uint64_t miss, bool write);

  Divisor line_, bank_, set_;
  uint64_t ways_count_, hit_cycles_, slot_cycles_, most_misses_;
  std::vector<Way> ways_;  // of a bank's set beside each other
  std::vector<Bank> banks_;
  std::vector<Miss> misses_;
  std::vector<uint64_t> free_;  // misses
  std::deque<Due> due_;         // to be asked of the DRAM
  uint64_t takes_ = 0;
  Step step_;
  std::vector<Answer> answers_;
};

}  // namespace systole::memory
