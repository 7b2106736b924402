// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Strided blocks between device memory and the scratchpad, in the fewest loops.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>

#include "configs/contract/generated/npu_contract.h"

namespace systole::npu {

inline constexpr int64_t kMostLoops = 65535;  // of one DMA or vector dimension: a 16-bit field

struct DmaLoop {
  int64_t count = 1;  // with padding
  int64_t dram_stride = 0, local_stride = 0;  // bytes
  int64_t pad_before = 0, pad_after = 0;
  bool padded() const { return pad_before || pad_after; }
};

// Innermost loop first; only the first two may be padded.
struct DmaBlock {
  int64_t row_bytes = 0;
  std::array<DmaLoop, 3> loops;
  uint32_t pad_pattern = 0;
  int pad_bytes = 0;

  // Loops of one pass disappear, and a loop over rows that touch on both sides becomes a longer row.
  DmaBlock merged() const {
    DmaBlock b = *this;
    for (int pass = 0; pass < 3; ++pass) {
      DmaLoop& l = b.loops[0];
      if (l.padded() || (l.count > 1 && (l.dram_stride != b.row_bytes || l.local_stride != b.row_bytes))) break;
      b.row_bytes *= l.count;
      b.loops = {b.loops[1], b.loops[2], DmaLoop{}};
    }
    if (!b.loops[1].padded() && b.loops[1].count == 1) b.loops = {b.loops[0], b.loops[2], DmaLoop{}};
    if (!b.loops[0].padded() && !b.loops[1].padded()) b.pad_bytes = 0;
    return b;
  }
};

template <typename Command>
Command dma_command(const DmaBlock& block, int64_t local_addr) {
  const DmaBlock b = block.merged();
  Command c;
  c.local_addr = static_cast<uint32_t>(local_addr);
  c.row_bytes = static_cast<uint32_t>(b.row_bytes);
  for (const DmaLoop& l : b.loops) {
    assert(l.count >= 1 && l.count <= kMostLoops);
    (void)l;
  }
  const auto stride = [](const DmaLoop& l, int64_t value) { return l.count > 1 ? static_cast<int32_t>(value) : 0; };
  c.n0 = static_cast<uint32_t>(b.loops[0].count);
  c.n1 = static_cast<uint32_t>(b.loops[1].count);
  c.n2 = static_cast<uint32_t>(b.loops[2].count);
  c.dram_stride0 = stride(b.loops[0], b.loops[0].dram_stride), c.local_stride0 = stride(b.loops[0], b.loops[0].local_stride);
  c.dram_stride1 = stride(b.loops[1], b.loops[1].dram_stride), c.local_stride1 = stride(b.loops[1], b.loops[1].local_stride);
  c.dram_stride2 = stride(b.loops[2], b.loops[2].dram_stride), c.local_stride2 = stride(b.loops[2], b.loops[2].local_stride);
  c.pad0_before = static_cast<uint32_t>(b.loops[0].pad_before), c.pad0_after = static_cast<uint32_t>(b.loops[0].pad_after);
  c.pad1_before = static_cast<uint32_t>(b.loops[1].pad_before), c.pad1_after = static_cast<uint32_t>(b.loops[1].pad_after);
  c.pad_bytes = static_cast<uint32_t>(b.pad_bytes);
  c.pad_pattern = b.pad_bytes ? b.pad_pattern : 0;
  return c;
}

// The inputs of outputs [first, first + count) along one axis of a sliding window: where they begin in the image, and how
// many of them lie before and after it.
struct WindowSpan {
  int64_t start = 0;  // first position inside the image, if any
  int64_t count = 0, pad_before = 0, pad_after = 0;
};
inline WindowSpan window_span(int64_t first, int64_t count, int64_t stride, int64_t kernel, int64_t dilation, int64_t pad,
                              int64_t extent) {
  const int64_t low = first * stride - pad;
  WindowSpan s;
  s.count = (count - 1) * stride + (kernel - 1) * dilation + 1;
  s.pad_before = low < 0 ? (-low < s.count ? -low : s.count) : 0;
  const int64_t beyond = low + s.count - extent;
  s.pad_after = beyond > 0 ? (beyond < s.count - s.pad_before ? beyond : s.count - s.pad_before) : 0;
  s.start = low < 0 ? 0 : low;
  if (s.pad_before + s.pad_after == s.count) s.start = 0;
  return s;
}

}  // namespace systole::npu
