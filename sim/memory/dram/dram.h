// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A DRAM at bank level: every channel with its controller. Requests are pushed over time, completions come out in order
// of time; a cycle is a tick of the device (spec/dram_device.h).
#pragma once

#include <vector>

#include "sim/memory/dram/channel.h"

namespace systole::memory::dram {

struct Stats {
  ChannelStats total;
  uint64_t reads = 0, writes = 0;          // bursts that went over the data bus
  Cycle open_ticks = 0, closed_ticks = 0;  // of ranks: some bank open, none
  double energy = 0;                       // joules: commands and background, up to the cycle asked for
};

class Dram {
 public:
  explicit Dram(const spec::DramDevice& device);
  void reset();
  void set_log(CommandLog* log);  // not owned; null: none

  Place place(uint64_t address) const { return map_.place(address); }
  // A request is one burst. It is taken where its channel's queue has room, and enters it at the end of cycle `now`;
  // only after advance(now).
  bool push(Cycle now, const Place& place, bool write, uint64_t id);

  void postpone_refresh(Cycle ticks);  // channel.h

  // First cycle with a command or a completion; kNever: nothing waits and nothing is under way.
  Cycle next_event();
  // Does all up to and with `now`; completions are appended in order of time, of equal ones the lower channel first.
  void advance(Cycle now, std::vector<Completion>& completions);

  Stats stats(Cycle now) const;
  uint64_t bursts_of(int channel) const;  // over its data buses

 private:
  spec::DramDevice device_;
  AddressMap map_;
  std::vector<BankChannel> channels_;
};

}  // namespace systole::memory::dram
