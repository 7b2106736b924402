// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The two sides of a LOAD or STORE as boxes, and its padding.
#pragma once

#include <utility>

#include "configs/contract/generated/npu_contract.h"
#include "sim/box.h"

namespace systole::sim {

struct DmaShape {
  Box local;           // every row, padding too
  Box inner;           // on-chip rows that come from or go to memory
  Box dram;            // the same rows on the far side
  bool empty = false;  // nothing but padding
  uint64_t pad_bytes = 0;
};

// Cycles of a transfer between two places of the scratchpad, without padding: rows that touch are one run.
inline uint64_t on_chip_cycles(const Box& far, uint64_t bytes_per_cycle) {
  const auto cycles_of = [&](uint64_t bytes) { return (bytes + bytes_per_cycle - 1) / bytes_per_cycle; };
  uint64_t run = static_cast<uint64_t>(far.bytes), runs = 1;
  int64_t last = 0;  // run of a dimension, from its first one
  bool touch = false;
  for (size_t d = 0; d < far.counts.size(); ++d) {
    const uint32_t count = far.counts[d];
    if (count == 1) continue;
    if (runs == 1 && far.strides[d] == static_cast<int64_t>(run)) {
      run *= count;
      continue;
    }
    touch = touch || far.strides[d] == last + static_cast<int64_t>(run);
    last += (int64_t{count} - 1) * far.strides[d];
    runs *= count;
  }
  if (!touch) return runs * cycles_of(run);
  uint64_t cycles = 0;
  int64_t end = far.base;
  run = 0;
  far.each_row([&](int64_t at) {
    if (at != end) cycles += cycles_of(std::exchange(run, 0));
    run += static_cast<uint64_t>(far.bytes);
    end = at + far.bytes;
    return true;
  });
  return cycles + cycles_of(run);
}

template <typename Transfer>  // contract::Load or contract::Store: the same fields
DmaShape dma_shape(const Transfer& t) {
  DmaShape s;
  const int64_t bytes = t.row_bytes;
  s.local = {t.local_addr, bytes, {t.n0, t.n1, t.n2}, {t.local_stride0, t.local_stride1, t.local_stride2}};
  s.inner = s.local;
  s.inner.counts = {t.n0 - t.pad0_before - t.pad0_after, t.n1 - t.pad1_before - t.pad1_after, t.n2};
  s.inner.base += int64_t{t.pad0_before} * t.local_stride0 + int64_t{t.pad1_before} * t.local_stride1;
  s.dram = {static_cast<int64_t>(t.dram_addr), bytes, s.inner.counts, {t.dram_stride0, t.dram_stride1, t.dram_stride2}};
  s.empty = s.inner.counts[0] == 0 || s.inner.counts[1] == 0;
  const uint64_t rows = uint64_t{t.n0} * t.n1 * t.n2;
  s.pad_bytes = (rows - uint64_t{s.inner.counts[0]} * s.inner.counts[1] * t.n2) * t.row_bytes;
  return s;
}

}  // namespace systole::sim
