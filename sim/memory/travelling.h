// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Bursts between the ports and the DRAM.
#pragma once

#include <cstddef>
#include <cstdint>

namespace systole::memory {

// A port's burst on its way; `address` is the memory's.
struct Travelling {
  size_t port = 0;
  uint64_t address = 0;
  uint64_t sequence = 0;  // among the port's of this direction
  bool write = false;
  bool whole = true;  // carries all bytes of the burst
};

// The DRAM has served a requester's burst: its data or write response leaves a channel in cycle `at`.
struct DramAnswer {
  size_t channel = 0, requester = 0;
  uint64_t sequence = 0;  // the requester's
  uint64_t at = 0;
  uint64_t row_hits = 0, row_misses = 0;  // of the device's bursts in it
  bool write = false;
};

}  // namespace systole::memory
