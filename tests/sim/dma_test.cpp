// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// LOAD and STORE: strides, padding, cycles.
#include <random>

#include "harness.h"
#include "sim/dma_shape.h"

namespace systole::sim {
namespace {

TEST(Dma, RandomStridedLoadsMatchTheContractsLoop) {
  std::mt19937 rng(4);
  for (int trial = 0; trial < 60; ++trial) {
    Device d;
    std::vector<uint8_t> memory(1 << 16);
    for (auto& b : memory) b = static_cast<uint8_t>(rng());
    d.put(kData, memory);
    auto pick = [&](uint32_t n) { return static_cast<uint32_t>(rng() % n); };
    c::Load l = load(kData + 20000 + pick(64), 8192, 1 + pick(40), 0);
    l.n0 = 1 + pick(5);
    l.n1 = 1 + pick(5);
    l.n2 = 1 + pick(3);
    l.pad0_before = pick(l.n0);
    l.pad0_after = pick(l.n0 - l.pad0_before + 1);
    l.pad1_before = pick(l.n1);
    l.pad1_after = pick(l.n1 - l.pad1_before + 1);
    const bool pads = l.pad0_before || l.pad0_after || l.pad1_before || l.pad1_after;
    l.pad_bytes = pads ? 1u << pick(3) : 0;
    l.pad_pattern = static_cast<uint32_t>(rng());
    l.dram_stride0 = static_cast<int32_t>(pick(200)) - 100;
    l.dram_stride1 = static_cast<int32_t>(pick(900)) - 450;
    l.dram_stride2 = static_cast<int32_t>(pick(3000));
    l.local_stride0 = static_cast<int32_t>(l.row_bytes + pick(8));
    l.local_stride1 = l.local_stride0 * static_cast<int32_t>(l.n0) + static_cast<int32_t>(pick(30));
    l.local_stride2 = l.local_stride1 * static_cast<int32_t>(l.n1) + 5;
    d.add(load(kData, 0, 32768, 3)).add(waiting(l, 3)).add(store(0, kData + 0x80000, 32768, 0));
    d.run();
    d.expect_clean();
    std::vector<uint8_t> want(memory.begin(), memory.begin() + 32768);
    for (uint32_t i2 = 0; i2 < l.n2; ++i2)
      for (uint32_t i1 = 0; i1 < l.n1; ++i1)
        for (uint32_t i0 = 0; i0 < l.n0; ++i0)
          for (uint32_t b = 0; b < l.row_bytes; ++b) {
            const bool pad =
                i1 < l.pad1_before || i1 >= l.n1 - l.pad1_after || i0 < l.pad0_before || i0 >= l.n0 - l.pad0_after;
            const int64_t from = static_cast<int64_t>(l.dram_addr - kData) + int64_t{i2} * l.dram_stride2 +
                                 (int64_t{i1} - l.pad1_before) * l.dram_stride1 +
                                 (int64_t{i0} - l.pad0_before) * l.dram_stride0 + b;
            const int64_t to = l.local_addr + int64_t{i2} * l.local_stride2 + int64_t{i1} * l.local_stride1 +
                               int64_t{i0} * l.local_stride0 + b;
            want[static_cast<size_t>(to)] =
                pad ? static_cast<uint8_t>(l.pad_pattern >> (b % l.pad_bytes * 8)) : memory[static_cast<size_t>(from)];
          }
    EXPECT_EQ(d.take<uint8_t>(kData + 0x80000, 32768), want) << trial;
  }
}

TEST(Dma, CyclesOfOneLoadAndOneStore) {
  Device d;
  d.add(load(kData, 0, 640, 0)).add(store(0, kData + 4096, 64, 0)).run();
  d.expect_clean();
  const Span &l = d.span(Engine::kLoad), &s = d.span(Engine::kStore);
  EXPECT_EQ(l.port_free, l.issue + 4 + 10);               // setup, ten bursts
  EXPECT_EQ(l.complete, l.issue + 4 + 30 + 10 + 60 + 1);  // setup, row miss, ten slots, latency, plus one
  EXPECT_EQ(s.issue, l.complete);
  EXPECT_EQ(s.port_free, s.issue + 4 + 1);
  EXPECT_EQ(d.npu->stats().total.dram_bytes[0], 640u);
  EXPECT_EQ(d.get(c::reg::kPerfDramWriteLo), 64u);
}

TEST(Dma, PaddingCostsCyclesAfterTheRequests) {
  Device d;
  c::Load l = load(kData, 0, 64, 0);
  l.n0 = 10;
  l.local_stride0 = 64;
  l.pad0_before = 4;
  l.pad0_after = 5;
  l.pad_bytes = 1;
  d.add(l);
  l.pad0_before = 10;
  l.pad0_after = 0;
  d.add(l).run();
  const Span &a = d.span(Engine::kLoad), &b = d.span(Engine::kLoad, 1);
  EXPECT_EQ(a.port_free, a.issue + 4 + 1 + 9);
  EXPECT_EQ(b.issue, a.port_free);
  EXPECT_EQ(b.port_free, b.issue + 4 + 10);
  EXPECT_GE(b.complete, a.complete);  // in order
}

TEST(Dma, UnalignedRowsMoveWholeBursts) {
  Device d;
  c::Load l = load(kData + 60, 0, 8, 0);
  l.n0 = 4;
  l.dram_stride0 = 256;
  l.local_stride0 = 8;
  d.add(l).run();
  EXPECT_EQ(d.npu->stats().total.dram_bytes[0], 8u * 64);  // two bursts a row
  EXPECT_EQ(d.span(Engine::kLoad).port_free, d.span(Engine::kLoad).issue + 4 + 8);
}

TEST(Dma, CyclesOnChipAreThoseOfTheRunsOfRowsThatTouch) {
  std::mt19937 rng(3);
  const auto draw = [&](int low, int high) { return std::uniform_int_distribution(low, high)(rng); };
  for (int round = 0; round < 20000; ++round) {
    Box box{draw(0, 100), draw(1, 5), {}, {}};
    for (size_t d = 0; d < 3; ++d) box.counts[d] = static_cast<uint32_t>(draw(1, 3)), box.strides[d] = draw(-4, 24);
    if (draw(0, 1)) box.strides[0] = box.bytes;
    if (draw(0, 1)) box.strides[1] = box.strides[0] * box.counts[0];
    const auto rate = static_cast<uint64_t>(draw(1, 4));
    uint64_t cycles = 0;
    for (int64_t run = 0, i = 0; i < int64_t{box.counts[0]} * box.counts[1] * box.counts[2]; ++i) {
      const auto at = [&](int64_t row) {
        return row % box.counts[0] * box.strides[0] + row / box.counts[0] % box.counts[1] * box.strides[1] +
               row / box.counts[0] / box.counts[1] * box.strides[2];
      };
      const bool touches = i > 0 && at(i) == at(i - 1) + box.bytes;
      if (!touches) run = 0;
      const auto before = (static_cast<uint64_t>(run) + rate - 1) / rate;
      run += box.bytes;
      cycles += (static_cast<uint64_t>(run) + rate - 1) / rate - before;
    }
    ASSERT_EQ(on_chip_cycles(box, rate), cycles) << "round " << round;
  }
}

TEST(Dma, LongLoadRunsAtTheMemorysRate) {
  spec::NpuSpec s = small_spec();
  s.dram.bytes_per_second = 16e9;  // four cycles a burst
  Device d(s);
  d.add(load(kData, 0, 32768, 0)).run();
  const Span& l = d.span(Engine::kLoad);
  EXPECT_GE(l.complete - l.issue, 512u * 4);
  EXPECT_LE(l.complete - l.issue, 512u * 4 + 16 * 30 + 100);
}

TEST(Dma, LoadsAndStoresMoveAtOnce) {
  Device d;
  d.add(load(kData, 0, 16384, 0))
      .add(load(kData + 65536, 16384, 16384, 1))
      .add(store(0, kData + 0x80000, 16384, 0))
      .run();
  EXPECT_LT(d.span(Engine::kStore).issue, d.span(Engine::kLoad, 1).complete);
}

}  // namespace
}  // namespace systole::sim
