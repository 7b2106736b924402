// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The timed memory system against docs/timing.md, section 7: closed forms for single requests, bounds and fairness for
// many.
#include <gtest/gtest.h>

#include <random>

#include "sim/memory/system.h"
#include "tests/memory/drain.h"

namespace systole::memory {
namespace {

constexpr spec::Clock kClock{1'000'000'000};

spec::DramSpec dram() {
  spec::DramSpec d;
  d.bytes = 1 << 30;
  d.channels = 1;
  d.bytes_per_second = 25.6e9;  // a 64-byte burst: 2.5 cycles
  d.latency_cycles = 60;
  d.row_miss_cycles = 30;
  d.turnaround_cycles = 8;
  return d;
}

Request read(uint64_t id, int port, uint64_t address, uint64_t bytes) { return {id, port, address, bytes, false}; }
Request write(uint64_t id, int port, uint64_t address, uint64_t bytes) { return {id, port, address, bytes, true}; }

uint64_t done(const std::vector<Reply>& replies, uint64_t id) {
  for (const Reply& r : replies)
    if (r.id == id && r.kind == Reply::Kind::kDone) return r.at;
  ADD_FAILURE() << "request " << id << " never completed";
  return 0;
}
uint64_t accepted(const std::vector<Reply>& replies, uint64_t id) {
  for (const Reply& r : replies)
    if (r.id == id && r.kind == Reply::Kind::kAccepted) return r.at;
  ADD_FAILURE() << "request " << id << " never accepted";
  return 0;
}

TEST(Memory, RefusesFiguresItCannotSimulate) {
  spec::DramSpec d = dram();
  d.bytes_per_second = 0;
  EXPECT_NE(System::check(d, kClock, 64), "");
  d = dram();
  d.interleave_bytes = 96;
  EXPECT_NE(System::check(d, kClock, 64), "");
  EXPECT_NE(System::check(dram(), kClock, 48), "");
  EXPECT_EQ(System::check(dram(), kClock, 64), "");
}

TEST(Memory, FixedTimingAnswersEachBurstAfterItsLatency) {
  spec::DramSpec d = dram();
  d.timing = "fixed";
  d.latency_cycles = 20;
  ASSERT_EQ(System::check(d, kClock, 64), "");
  // Three ports at once, rows and directions as they come: only outstanding bursts hold anything up.
  System system(d, kClock, 64, {{4, 64}, {4, 64}, {4, 64}});
  system.push(10, read(1, 0, 0, 64 * 8));
  system.push(10, write(2, 1, 1 << 20, 64));
  system.push(12, read(3, 2, 64, 1));
  const auto replies = walk(system);
  EXPECT_EQ(done(replies, 2), 30u);
  EXPECT_EQ(done(replies, 3), 32u);
  EXPECT_EQ(accepted(replies, 1), 34u);  // four at 10 .. 13, four more at 30 .. 33
  EXPECT_EQ(done(replies, 1), 53u);
  EXPECT_EQ(system.stats().bursts_read, 9u);
  d.latency_cycles = 0;
  EXPECT_NE(System::check(d, kClock, 64), "");
}

TEST(Memory, OneBurstTakesMissLatencyAndSlot) {
  System system(dram(), kClock, 64, {{}});
  system.push(100, read(1, 0, 0, 64));
  auto replies = walk(system);
  EXPECT_EQ(accepted(replies, 1), 101u);
  EXPECT_EQ(done(replies, 1), 100u + 30 + 60 + 3);  // 2.5 rounded up
}

TEST(Memory, SlotsAddUpExactly) {
  System system(dram(), kClock, 64, {{.outstanding = 1000}});
  system.push(0, read(1, 0, 0, 64 * 32));  // one row of 2048 bytes: one miss
  EXPECT_EQ(done(walk(system), 1), 30u + 32 * 5 / 2 + 60);
  EXPECT_EQ(system.stats().row_misses, 1u);
  EXPECT_EQ(system.stats().row_hits, 31u);
}

TEST(Memory, AHitIsAMissCheaper) {
  System system(dram(), kClock, 64, {{}});
  system.push(0, read(1, 0, 0, 64));
  uint64_t first = done(walk(system), 1);
  system.push(1000, read(2, 0, 64, 64));
  uint64_t hit = done(walk(system), 2) - 1000;
  system.push(2000, read(3, 0, 2048 * 16, 64));  // same bank, next row
  uint64_t miss = done(walk(system), 3) - 2000;
  EXPECT_EQ(first, miss);
  EXPECT_EQ(miss - hit, 30u);
}

TEST(Memory, TurnaroundOnChangeOfDirection) {
  System system(dram(), kClock, 64, {{}, {}});
  system.push(0, read(1, 0, 0, 64));
  walk(system);
  system.push(200, write(2, 1, 64, 64));
  system.push(200, read(3, 0, 128, 64));
  auto replies = walk(system);
  // The bus last read, so the read goes first at 200, although port 1 is next in turn.
  EXPECT_EQ(done(replies, 3), 200u + 3 + 60);
  EXPECT_EQ(done(replies, 2), 200u + 5 + 8 + 60 + 0u);  // from 202.5 + 8 to 213
}

// Two streams in two banks, 64 bursts each: the bus turns once a batch, in a batch of one once a burst.
TEST(Memory, DirectionIsKeptForABatch) {
  const auto cycles = [](int batch) {
    spec::DramSpec d = dram();
    d.batch_bursts = batch;
    System system(d, kClock, 64, {{.outstanding = 1000}, {.outstanding = 1000}});
    system.push(0, read(1, 0, 0, 64 * 32));
    system.push(0, write(2, 1, 2048, 64 * 32));
    auto replies = walk(system);
    return std::max(done(replies, 1), done(replies, 2));
  };
  const uint64_t slots = 64 * 5 / 2;
  EXPECT_EQ(cycles(32), 30u + slots + 8 + 60);
  EXPECT_EQ(cycles(16), 30u + slots + 3 * 8 + 60);
  EXPECT_EQ(cycles(1), 30u + slots + 63 * 8 + 60);
}

TEST(Memory, RowsWithoutGapsAreOneRunAndPartialBurstsAreWhole) {
  System system(dram(), kClock, 64, {{}});
  Request r = read(1, 0, 32, 16);
  r.counts = {4, 1, 1};
  r.strides = {16, 0, 0};  // bytes 32 .. 95: two bursts
  system.push(0, r);
  walk(system);
  EXPECT_EQ(system.stats().bursts_read, 2u);
  r.id = 2;
  r.strides = {128, 0, 0};  // four separate rows: four bursts
  system.push(1000, r);
  walk(system);
  EXPECT_EQ(system.stats().bursts_read, 6u);
}

TEST(Memory, BurstCursorCoversEveryByteOnce) {
  std::mt19937 rng(7);
  for (int trial = 0; trial < 200; ++trial) {
    Request r = read(1, 0, rng() % 5000 + 100000, rng() % 300 + 1);
    r.counts = {static_cast<uint32_t>(rng() % 4 + 1), static_cast<uint32_t>(rng() % 4 + 1),
                static_cast<uint32_t>(rng() % 3 + 1)};
    r.strides = {static_cast<int64_t>(rng() % 2 ? r.bytes : rng() % 1000), static_cast<int64_t>(rng() % 4000) - 2000,
                 static_cast<int64_t>(rng() % 8000)};
    // The plain walk: byte by byte; a new burst at a gap or at a multiple of 64.
    uint64_t bursts = 0, bytes = 0, previous = ~0ull;
    for (uint32_t i2 = 0; i2 < r.counts[2]; ++i2)
      for (uint32_t i1 = 0; i1 < r.counts[1]; ++i1)
        for (uint32_t i0 = 0; i0 < r.counts[0]; ++i0)
          for (uint64_t b = 0; b < r.bytes; ++b) {
            uint64_t a = r.address + i2 * r.strides[2] + i1 * r.strides[1] + i0 * r.strides[0] + b;
            if (a != previous + 1 || a % 64 == 0) ++bursts;
            previous = a;
            ++bytes;
          }
    BurstCursor cursor(r, 64);
    uint64_t n = 0, carried = 0;
    while (!cursor.done()) {
      Burst b = cursor.next();
      EXPECT_EQ(b.address % 64, 0u);
      carried += b.bytes;
      ++n;
    }
    EXPECT_EQ(n, bursts);
    EXPECT_EQ(carried, bytes);
  }
}

TEST(Memory, OutstandingLimitsTheRateOfOnePort) {
  spec::DramSpec d = dram();
  d.row_miss_cycles = 0;
  d.bytes_per_second = 64e9;  // a slot a cycle
  System system(d, kClock, 64, {{.outstanding = 4}});
  system.push(0, read(1, 0, 0, 64 * 40));
  // Four bursts a round trip of 61 cycles; the last four start at 9 * 61.
  EXPECT_EQ(done(walk(system), 1), 9u * 61 + 3 + 61);
}

TEST(Memory, PacingOfAPort) {
  System system(dram(), kClock, 64, {{.outstanding = 1000, .bytes_per_cycle = 16}});
  system.push(0, read(1, 0, 0, 64 * 8));
  EXPECT_EQ(accepted(walk(system), 1), 8u * 4);
}

TEST(Memory, NeverAbovePeakAndNearIt) {
  for (double rate : {3e9, 25.6e9, 34e9, 64e9}) {
    spec::DramSpec d = dram();
    d.channels = 2;
    d.bytes_per_second = rate;
    System system(d, kClock, 64, {{.outstanding = 256}, {.outstanding = 256}});
    const uint64_t bytes = 1 << 20;
    system.push(0, read(1, 0, 0, bytes));
    system.push(0, read(2, 1, (1 << 24) + 8 * 2 * 2048, bytes));  // eight banks away: rows do not collide
    auto replies = walk(system);
    double cycles = static_cast<double>(std::max(done(replies, 1), done(replies, 2)));
    double least = 2.0 * bytes / rate * 1e9;
    EXPECT_GE(cycles, least) << rate;
    EXPECT_LE(cycles, least * 1.6 + 200) << rate;
  }
}

TEST(Memory, RoundRobinIsFair) {
  spec::DramSpec d = dram();
  d.bytes_per_second = 64e9;
  System system(d, kClock, 64, {{.outstanding = 1}, {.outstanding = 1}, {.outstanding = 1}});
  for (int p = 0; p < 3; ++p) system.push(0, read(static_cast<uint64_t>(p), p, static_cast<uint64_t>(p) * 640, 640));
  auto replies = walk(system);
  uint64_t first = std::min({done(replies, 0), done(replies, 1), done(replies, 2)});
  uint64_t last = std::max({done(replies, 0), done(replies, 1), done(replies, 2)});
  EXPECT_LE(last - first, 2u);
}

TEST(Memory, AdvancingInStepsOrAtOnceIsTheSame) {
  auto run = [](bool steps) {
    System system(dram(), kClock, 64, {{.outstanding = 8, .bytes_per_cycle = 32}, {.outstanding = 3}});
    std::mt19937 rng(3);
    std::vector<Reply> replies;
    uint64_t now = 0;
    for (uint64_t id = 0; id < 200; ++id) {
      Request r = id % 2 ? write(id, 1, rng() % 100000, rng() % 700 + 1) : read(id, 0, rng() % 100000, rng() % 700 + 1);
      system.push(now, r);
      uint64_t next = now + rng() % 300;
      if (steps)
        for (uint64_t t = now; t < next; ++t) system.advance(t, replies);
      else if (next > now)
        system.advance(next - 1, replies);
      now = next;
    }
    while (!system.idle()) system.advance(system.next_event(), replies);
    std::vector<std::array<uint64_t, 4>> out;  // those of different requests come in any order
    for (const Reply& r : replies) out.push_back({r.id, static_cast<uint64_t>(r.kind), r.at, r.bursts});
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a[0] < b[0]; });
    return out;
  };
  EXPECT_EQ(run(true), run(false));
  EXPECT_EQ(run(false), run(false));
}

TEST(Memory, ResetIsAsNew) {
  System system(dram(), kClock, 64, {{}, {}});
  auto once = [&] {
    system.push(0, read(1, 0, 4096, 3000));
    system.push(0, write(2, 1, 100000, 3000));
    auto r = walk(system);
    return std::make_pair(done(r, 1), done(r, 2));
  };
  auto fresh = once();
  system.push(5000, read(3, 0, 77, 9999));
  std::vector<Reply> replies;
  system.advance(5020, replies);
  system.reset();
  EXPECT_TRUE(system.idle());
  EXPECT_EQ(once(), fresh);
}

}  // namespace
}  // namespace systole::memory
