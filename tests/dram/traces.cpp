// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/dram/traces.h"

#include <cstdlib>

namespace systole::dram_tests {
namespace {

// splitmix64 (Steele, Lea, Flood 2014) from seed 1.
class Random {
 public:
  uint64_t next() {
    state_ += 0x9E3779B97F4A7C15;
    uint64_t z = state_;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
  }

 private:
  uint64_t state_ = 1;
};

// Tiles of 64 rows in a matrix with rows of 4 KiB, left to right, then the next 64 rows.
uint64_t tile_address(uint64_t i, uint64_t width, uint64_t burst) {
  const uint64_t across = width / burst, in_tile = 64 * across, tiles = 4096 / width;
  const uint64_t tile = i / in_tile, row = tile / tiles * 64 + i % in_tile / across;
  return (row * 4096 + tile % tiles * width) % kSpan + i % across * burst;
}

uint64_t strided_address(uint64_t i, uint64_t stride, uint64_t burst) {
  return i * stride % kSpan + i * stride / kSpan * burst;  // a wrap moves on by a burst
}

}  // namespace

Trace make_trace(const std::string& pattern, const std::string& rw, uint64_t requests, uint64_t burst) {
  Trace trace(requests);
  Random random;
  const uint64_t width = pattern.starts_with("tile") ? std::strtoull(pattern.c_str() + 4, nullptr, 10) : 0;
  const uint64_t stride = pattern == "seq"    ? burst
                          : pattern == "s1k"  ? 1024
                          : pattern == "s8k"  ? 8192
                          : pattern == "s64k" ? 65536
                                              : 0;
  for (uint64_t i = 0; i < requests; ++i) {
    trace[i].write = rw == "write" || (rw == "mixed2:1" && i % 3 == 2);
    if (width) {
      trace[i].address = tile_address(i, width, burst);
    } else if (stride) {
      trace[i].address = strided_address(i, stride, burst);
    } else if (pattern == "rand") {
      trace[i].address = random.next() % (kSpan / burst) * burst;
    } else {  // dual: a stream of reads, and one of writes from the middle on
      trace[i] = {i / 2 * burst + i % 2 * (kSpan / 2), i % 2 == 1};
    }
  }
  return trace;
}

}  // namespace systole::dram_tests
