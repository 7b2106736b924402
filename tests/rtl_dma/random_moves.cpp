// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl_dma/random_moves.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace systole::sim {

using contract::Far;
using contract::Load;
using contract::Space;

void move(Memories& memories, const Move& m) {
  const Load& t = m.transfer;
  for (int64_t i2 = 0; i2 < t.n2; ++i2)
    for (int64_t i1 = 0; i1 < t.n1; ++i1)
      for (int64_t i0 = 0; i0 < t.n0; ++i0)
        for (int64_t b = 0; b < t.row_bytes; ++b) {
          std::byte& near = memories.near(m)[static_cast<size_t>(t.local_addr + i2 * t.local_stride2 +
                                                                 i1 * t.local_stride1 + i0 * t.local_stride0 + b)];
          if (i1 < t.pad1_before || i1 >= t.n1 - t.pad1_after || i0 < t.pad0_before || i0 >= t.n0 - t.pad0_after) {
            near = static_cast<std::byte>(t.pad_pattern >> 8 * (b % t.pad_bytes));
            continue;
          }
          std::byte& far = memories.far(m)[static_cast<size_t>(static_cast<int64_t>(t.dram_addr) + i2 * t.dram_stride2 +
                                                               (i1 - t.pad1_before) * t.dram_stride1 +
                                                               (i0 - t.pad0_before) * t.dram_stride0 + b)];
          (m.store ? far : near) = m.store ? near : far;
        }
}

void RandomMoves::clear() {
  for (auto* memory : {&memories_.dram, &memories_.scratchpad, &memories_.accumulators})
    for (size_t at = 0; at < memory->size(); at += 8) {
      const uint64_t bits = random_();
      std::memcpy(memory->data() + at, &bits, 8);
    }
  dram_free_ = static_cast<int64_t>(memories_.dram.size() / 2);
  scratchpad_free_ = static_cast<int64_t>(memories_.scratchpad.size() / 2);
  accumulators_free_ = static_cast<int64_t>(memories_.accumulators.size() / 2);
}

std::optional<Move> RandomMoves::next(bool store) {
  Move m;
  m.store = store;
  Load& t = m.transfer;
  Box near, far;
  int64_t unit = 1;  // of the near side
  do {
    t = {};
    t.space = static_cast<Space>(chance(25));
    t.far = static_cast<Far>(chance(20));
    unit = t.space == Space::kAccumulator ? 4 : 1;
    sizes(m);
    if (!store && chance(40)) pad(t);
    const DmaShape shape = dma_shape(t);
    near = shape.local, far = shape.dram;
    near.base = far.base = 0;
    for (uint32_t& n : far.counts) n = std::max(n, 1u);
    if (t.pad_bytes == 0 && chance(5))  // rows that lie on each other: the last one stays
      read_strides(store ? far : near, store ? 1 : unit);
    else
      written_strides(store ? far : near, store ? 1 : unit);
    read_strides(store ? near : far, store ? unit : 1);
  } while (near.high() - near.low() > 6000 || far.high() - far.low() > 6000);

  const auto to = write_base(store ? far : near, store ? memories_.far(m) : memories_.near(m), store ? 1 : unit);
  if (!to) return std::nullopt;
  (store ? far : near).base = *to;
  Box& from = store ? near : far;
  from.base = read_base(from, store ? memories_.near(m) : memories_.far(m), store ? unit : 1);
  t.local_addr = static_cast<uint32_t>(near.base);
  t.dram_addr = static_cast<uint64_t>(far.base);
  t.local_stride0 = static_cast<int32_t>(near.strides[0]);
  t.local_stride1 = static_cast<int32_t>(near.strides[1]);
  t.local_stride2 = static_cast<int32_t>(near.strides[2]);
  t.dram_stride0 = static_cast<int32_t>(far.strides[0]);
  t.dram_stride1 = static_cast<int32_t>(far.strides[1]);
  t.dram_stride2 = static_cast<int32_t>(far.strides[2]);
  return m;
}

uint32_t RandomMoves::count() {
  if (chance(30)) return 1;
  return static_cast<uint32_t>(chance(85) ? between(1, 5) : between(6, 40));
}

void RandomMoves::sizes(Move& m) {
  Load& t = m.transfer;
  do {
    t.n0 = count(), t.n1 = count(), t.n2 = count();
    const int64_t kind = between(0, 99);
    int64_t bytes = kind < 40   ? between(1, 8)
                    : kind < 70 ? burst_ * between(1, 3) + between(-2, 2)
                    : kind < 95 ? between(1, 100)
                                : between(100, 3000);
    if (t.space == Space::kAccumulator) bytes += -bytes & 3;
    t.row_bytes = static_cast<uint32_t>(bytes);
  } while (int64_t{t.n0} * t.n1 * t.n2 * t.row_bytes > 4000);
}

void RandomMoves::pad(Load& t) {
  const auto sides = [&](uint32_t n, uint32_t& before, uint32_t& after) {
    if (chance(10))
      before = n;
    else if (chance(60))
      before = static_cast<uint32_t>(between(0, std::min(n, 3u)));
    if (chance(60)) after = static_cast<uint32_t>(between(0, std::min(n - before, 3u)));
  };
  if (chance(70)) sides(t.n0, t.pad0_before, t.pad0_after);
  if (chance(70)) sides(t.n1, t.pad1_before, t.pad1_after);
  if (!t.pad0_before && !t.pad0_after && !t.pad1_before && !t.pad1_after) return;
  t.pad_bytes = 1u << between(0, 2);
  t.pad_pattern = static_cast<uint32_t>(random_());
}

// Dense, apart, the same place, overlapping, backwards.
void RandomMoves::read_strides(Box& box, int64_t unit) {
  int64_t dense = box.bytes;
  for (int d = 0; d < 3; ++d) {
    const int64_t kind = between(0, 99);
    int64_t stride = dense;
    if (kind >= 60) stride = dense + unit * between(1, 9);
    if (kind >= 75) stride = unit * between(-2, 2);
    if (kind >= 90) stride = -dense;
    box.strides[static_cast<size_t>(d)] = stride;
    dense = std::max<int64_t>(unit, std::abs(stride)) * box.counts[static_cast<size_t>(d)];
  }
}

// No row lies on another one, whichever dimension is innermost.
void RandomMoves::written_strides(Box& box, int64_t unit) {
  size_t order[] = {0, 1, 2};
  if (chance(30)) std::shuffle(order, order + 3, random_);
  int64_t span = box.bytes;
  for (size_t d : order) {
    int64_t stride = span + (chance(30) ? unit * between(1, 9) : 0);
    span += stride * (int64_t{box.counts[d]} - 1);
    box.strides[d] = chance(20) ? -stride : stride;
  }
}

std::optional<int64_t> RandomMoves::write_base(const Box& box, const std::vector<std::byte>& memory, int64_t unit) {
  int64_t& free = &memory == &memories_.dram         ? dram_free_
                  : &memory == &memories_.scratchpad ? scratchpad_free_
                                                     : accumulators_free_;
  free += -free & (unit - 1);
  if (chance(50)) free += unit * between(1, 70);
  const int64_t base = free - box.low();
  if (base + box.high() > static_cast<int64_t>(memory.size())) return std::nullopt;
  free = base + box.high();
  return base;
}

int64_t RandomMoves::read_base(const Box& box, const std::vector<std::byte>& memory, int64_t unit) {
  const int64_t last = static_cast<int64_t>(memory.size() / 2) - (box.high() - box.low());
  int64_t at = between(0, last);
  at -= at % (chance(30) ? burst_ : unit);
  return at - box.low();
}

}  // namespace systole::sim
