// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Which channel a block of consecutive addresses lies on (docs/timing.md, section 7).
#pragma once

#include <bit>
#include <cstdint>

#include "sim/memory/divisor.h"

namespace systole::memory {

// Block mod channels; folded: the exclusive or of all of the block's digits to the base of `channels`, a power of two
// then. One of each `channels` neighbouring blocks lies on each channel either way, so that block / channels is the
// block within its channel.
class ChannelHash {
 public:
  ChannelHash(uint64_t channels, bool folded)
      : channels_(channels), digit_(folded && channels > 1 ? std::countr_zero(channels) : 0), widest_(digit_) {
    while (digit_ > 0 && widest_ < 32) widest_ *= 2;
  }
  uint64_t channel_of(uint64_t block) const {
    if (digit_ == 0) return channels_.rest(block);
    for (int digits = widest_; digits >= digit_; digits /= 2) block ^= block >> digits;  // halves onto each other
    return channels_.rest(block);
  }
  uint64_t within_channel(uint64_t block) const { return channels_.divide(block); }
  uint64_t channels() const { return channels_.value(); }
  bool folded() const { return digit_ > 0; }
  uint64_t block_of(uint64_t channel, uint64_t within) const {  // not folded
    return within * channels_.value() + channel;
  }

 private:
  Divisor channels_;
  int digit_, widest_;  // bits of a digit, 0: not folded; the first fold's: twice as many reach beyond a block
};

}  // namespace systole::memory
