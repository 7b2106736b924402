// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A DRAM at bank level in core cycles: DMA bursts of several ports wait for room in its queues and become bursts of the
// device; ticks and cycles are an exact ratio apart. While no burst waits or is under way the device rests: the
// countdown to its next refresh stands still, and the next burst begins with a clock of it. A port that the host paces
// finds it with nothing left to do, so that no cycle hangs on how long the host took.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "sim/memory/dram/dram.h"
#include "sim/memory/request.h"
#include "sim/memory/timeline.h"
#include "sim/memory/travelling.h"

namespace systole::memory {

// Core cycles per tick as a ratio of whole numbers; both begin at 0.
class Crossing {
 public:
  Crossing(int64_t tick_femtoseconds, int64_t core_hz);
  uint64_t tick_at(uint64_t cycle) const;  // the last one that begins by then
  uint64_t cycle_of(uint64_t tick) const;  // the first one that begins with it or later
  // Whole cycles that so many ticks take, rounded down.
  uint64_t cycles_in(uint64_t ticks) const;

 private:
  uint64_t cycles_, ticks_;  // cycles_ core cycles last as long as ticks_ ticks
};

class BankMemory {
 public:
  BankMemory(const spec::DramDevice& device, const spec::Clock& clock, uint64_t burst_bytes,
             std::vector<bool> host_paced);  // by port
  void reset();

  // A DMA burst waits from the cycle that advance() covers next.
  void wait(size_t port, uint64_t address, uint64_t sequence, bool write);
  size_t channel_of(uint64_t address) const { return dram_.place(address).channel; }
  const std::vector<size_t>& entered() const { return entered_; }  // ports whose burst did, in the last advance()
  bool idle() const { return waiting_ == 0 && under_way_ == 0; }
  uint64_t next_event();  // first cycle in which something can change, after the one covered last
  // Completions first, answered in the next cycle; then each port's oldest burst enters, ports in turn from the one
  // after the last that did (requester of an answer: the port). A port whose burst finds no room waits with it for the
  // device's next command.
  void advance(uint64_t now, std::vector<DramAnswer>& answers, Timeline& timeline);

  dram::Stats stats(uint64_t now) const { return dram_.stats(tick_at(now)); }
  std::vector<uint64_t> channel_busy() const;  // cycles of data, rounded down

 private:
  struct Waiting {
    uint64_t address, sequence, left;  // left: bursts of the device that have not entered
    bool write;
    uint32_t slot;
    dram::Place place;  // of the next one
  };
  struct Flight {  // a DMA burst on its way
    size_t port = 0;
    uint64_t sequence = 0, left = 0;  // left: bursts of the device that are not done
    uint64_t row_hits = 0, row_misses = 0;
  };
  dram::Cycle tick_at(uint64_t now) const { return base_ + crossing_.tick_at(now - origin_); }
  uint64_t cycle_of(dram::Cycle tick) const { return origin_ + crossing_.cycle_of(tick - base_); }
  void wake(uint64_t now);
  dram::Cycle settled_in() const;
  bool enter(size_t port, dram::Cycle tick);

  spec::DramDevice device_;
  Crossing crossing_;
  uint64_t pieces_, piece_bytes_;  // bursts of the device in one of the DMA's
  dram::Dram dram_;
  std::vector<bool> host_paced_;
  std::vector<std::deque<Waiting>> ports_;
  std::vector<Flight> flights_;
  std::vector<uint32_t> free_;
  std::vector<dram::Completion> completions_;
  std::vector<size_t> entered_;
  uint64_t waiting_ = 0, under_way_ = 0, covered_ = 0;
  bool resting_ = true;
  uint64_t origin_ = 0;  // the cycle that tick base_ begins with
  dram::Cycle base_ = 0, rested_from_ = 0;
  size_t last_ = 0;
  bool next_cycle_ = false;  // a burst could enter in the cycle after the one covered last
};

}  // namespace systole::memory
