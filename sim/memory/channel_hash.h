// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Which channel a block of consecutive addresses lies on (docs/timing.md, section 7).
#pragma once

#include <bit>
#include <cstdint>

namespace systole::memory {

// block mod channels; folded: the exclusive or of all of the block's digits to the base of `channels`, a power of two
// then. One of each `channels` neighbouring blocks lies on each channel either way, so that block / channels is the
// block within its channel.
inline uint64_t channel_of(uint64_t block, uint64_t channels, bool folded) {
  if (!folded || channels == 1) return block % channels;
  const int bits = std::countr_zero(channels);
  uint64_t channel = 0;
  for (; block; block >>= bits) channel ^= block & (channels - 1);
  return channel;
}

}  // namespace systole::memory
