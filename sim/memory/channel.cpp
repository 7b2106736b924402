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
  bus_ = {};
  hits_ = misses_ = 0;
}

uint64_t Channel::busy_cycles() const {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>(static_cast<Wide>(hits_ + misses_) * spec_.slot_numerator / spec_.slot_denominator);
}

}  // namespace systole::memory
