// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/channel.h"

#include <algorithm>

namespace systole::memory {

Channel::Channel(const ChannelSpec& spec)
    : spec_(spec),
      slot_{spec.slot_numerator / spec.slot_denominator, spec.slot_numerator % spec.slot_denominator},
      row_(spec.row_bytes),
      bank_(static_cast<uint64_t>(spec.banks)),
      banks_(static_cast<size_t>(spec.banks)) {}

void Channel::reset() {
  std::fill(banks_.begin(), banks_.end(), Bank{});
  free_ = {};
  used_ = write_ = false;
  hits_ = misses_ = 0;
}

uint64_t Channel::serve(uint64_t now, uint64_t address, bool write) {
  const uint64_t line = row_.divide(address);
  Bank& bank = banks_[bank_.rest(line)];
  const uint64_t row = bank_.divide(line);
  Moment start{now, 0};
  if (bank.row == row) {
    ++hits_;
  } else {
    ++misses_;
    start = std::max(start, bank.free);
    start.cycle += spec_.row_miss;
    bank.row = row;
  }
  Moment bus = free_;
  if (used_ && write != write_) bus.cycle += spec_.turnaround;
  start = std::max(start, bus);

  Moment end{start.cycle + slot_.cycle, start.part + slot_.part};
  if (end.part >= spec_.slot_denominator) {
    end.part -= spec_.slot_denominator;
    ++end.cycle;
  }
  free_ = bank.free = end;
  used_ = true;
  write_ = write;
  return end.cycle + (end.part != 0) + spec_.latency;
}

uint64_t Channel::busy_cycles() const {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>(static_cast<Wide>(hits_ + misses_) * spec_.slot_numerator / spec_.slot_denominator);
}

}  // namespace systole::memory
