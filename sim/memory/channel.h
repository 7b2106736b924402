// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One DRAM channel: banks with an open row each, one data bus in which every burst has a slot of exact rational length.
// Formulas: docs/timing.md, section 7.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/memory/divisor.h"
#include "sim/memory/imprint.h"
#include "sim/memory/stats.h"

namespace systole::memory {

// A moment: cycle + part / denominator of the channel's slot length.
struct Moment {
  uint64_t cycle = 0;
  uint64_t part = 0;
  friend bool operator<(const Moment& a, const Moment& b) {
    return a.cycle != b.cycle ? a.cycle < b.cycle : a.part < b.part;
  }
};

struct ChannelSpec {
  uint64_t slot_numerator = 1, slot_denominator = 1;  // cycles a burst occupies the bus
  int banks = 1;
  uint64_t row_bytes = 0;
  uint64_t latency = 0, row_miss = 0, turnaround = 0;  // cycles
};

class Channel {
 public:
  explicit Channel(const ChannelSpec& spec);
  void reset();
  struct Bus {
    Moment free;
    bool used = false, write = false;
  };
  struct Served {
    uint64_t at;  // cycle of its answer
    bool hit;     // the row was open
  };
  // Serves a burst taken at cycle `now` (not decreasing); `address` is within the channel. The bus is the channel's, or
  // a copy that set_bus() gives back after a run of bursts.
  Served serve(Bus& bus, uint64_t now, uint64_t address, bool write);

  const Bus& bus() const { return bus_; }
  // As so many bursts have left it, so many of them hits.
  void set_bus(const Bus& bus, uint64_t bursts, uint64_t hits) {
    bus_ = bus;
    hits_ += hits;
    misses_ += bursts - hits;
  }
  // The next burst is taken row_miss cycles before the bus is free at the earliest: soon enough to hide a miss.
  uint64_t takes_from(const Bus& bus) const {
    return bus.free.cycle > spec_.row_miss ? bus.free.cycle - spec_.row_miss : 0;
  }
  uint64_t takes_from() const { return takes_from(bus_); }
  bool writing() const { return bus_.write; }
  // Of a burst taken at t the answer comes no earlier than t plus these cycles, at least one.
  uint64_t least_answer() const { return slot_.cycle + (slot_.part != 0) + spec_.latency; }

  // The moments that count yet in cycle `now`, and the open rows by an address in each, within the channel.
  template <typename Address>
  void imprint(Imprint& print, uint64_t now, Address&& address) const {
    print.word(uint64_t{bus_.used} << 1 | uint64_t{bus_.write});
    moment(print, bus_.free, bus_.free.cycle + spec_.turnaround < now);
    for (size_t i = 0; i < banks_.size(); ++i) {
      if (banks_[i].row == kNoRow)
        print.word(kNoRow);
      else
        print.address(address((banks_[i].row * banks_.size() + i) * spec_.row_bytes));
      moment(print, banks_[i].free, banks_[i].free.cycle < now);
    }
  }
  // Rows move with the addresses in them, which stay in their banks: moved(address), both within the channel.
  template <typename Moved>
  void move(Moved&& moved) {
    for (size_t i = 0; i < banks_.size(); ++i)
      if (banks_[i].row != kNoRow)
        banks_[i].row = bank_.divide(row_.divide(moved((banks_[i].row * banks_.size() + i) * spec_.row_bytes)));
  }
  // As many more bursts have been served as since there were so many hits and misses, so many times.
  void repeat(uint64_t hits, uint64_t misses, uint64_t times) {
    repeat_growth(hits_, hits, times);
    repeat_growth(misses_, misses, times);
  }

  uint64_t hits() const { return hits_; }
  uint64_t misses() const { return misses_; }
  uint64_t busy_cycles() const;  // of the data bus, rounded down

 private:
  static constexpr uint64_t kNoRow = ~uint64_t{0};
  static void moment(Imprint& print, const Moment& at, bool over) {
    print.distance(over ? kNever : at.cycle);
    print.word(over ? 0 : at.part);
  }
  struct Bank {
    uint64_t row = kNoRow;  // none open
    Moment free;            // end of its last slot
  };
  ChannelSpec spec_;
  Moment slot_;
  Divisor row_, bank_;
  std::vector<Bank> banks_;
  Bus bus_;
  uint64_t hits_ = 0, misses_ = 0;
};

inline Channel::Served Channel::serve(Bus& bus, uint64_t now, uint64_t address, bool write) {
  const uint64_t line = row_.divide(address);
  Bank& bank = banks_[bank_.rest(line)];
  const uint64_t row = bank_.divide(line);
  Moment start{now, 0};
  const bool hit = bank.row == row;
  if (!hit) {
    if (start < bank.free) start = bank.free;
    start.cycle += spec_.row_miss;
    bank.row = row;
  }
  Moment free = bus.free;
  if (bus.used && write != bus.write) free.cycle += spec_.turnaround;
  if (start < free) start = free;

  Moment end{start.cycle + slot_.cycle, start.part + slot_.part};
  if (end.part >= spec_.slot_denominator) {
    end.part -= spec_.slot_denominator;
    ++end.cycle;
  }
  // Field by field: a Moment stored whole and read by halves soon after would wait for its store.
  bus.free.cycle = bank.free.cycle = end.cycle;
  bus.free.part = bank.free.part = end.part;
  bus.used = true;
  bus.write = write;
  return {end.cycle + (end.part != 0) + spec_.latency, hit};
}

}  // namespace systole::memory
