// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A trace on a DRAM: requests enter in order, as many a cycle as are taken, while fewer reads are under way than the
// window allows. It ends once the last read is back and the last write is taken.
#pragma once

#include <cstdint>
#include <span>

#include "sim/memory/dram/dram.h"

namespace systole::memory::dram {

struct Access {
  uint64_t address = 0;
  bool write = false;
};

struct Replay {
  Cycle cycles = 0;
  uint64_t reads = 0, writes = 0;
  uint64_t latency_cycles = 0;  // of all reads: from the cycle they enter in to the end of their data
};

// `dram` is as after reset.
Replay replay(Dram& dram, std::span<const Access> trace, uint64_t window);

}  // namespace systole::memory::dram
