// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Bytes over time: exact sums in a bounded number of bins, and the memory system's own sums beside it.
#include <gtest/gtest.h>

#include <numeric>

#include "tests/memory/drain.h"

namespace systole::memory {
namespace {

uint64_t sum(const std::vector<uint64_t>& bins) { return std::accumulate(bins.begin(), bins.end(), uint64_t{0}); }

TEST(Timeline, BinsDoubleAndKeepTheirSums) {
  Timeline timeline(2);
  timeline.reset(100);
  timeline.add(0, false, 100, 64);
  timeline.add(0, false, 100, 64);
  timeline.add(1, true, 103, 32);
  EXPECT_EQ(timeline.bytes(0, false), (std::vector<uint64_t>{128}));
  EXPECT_EQ(timeline.bytes(1, true), (std::vector<uint64_t>{0, 0, 0, 32}));
  timeline.add(0, false, 100 + 1023, 1);
  EXPECT_EQ(timeline.bin_cycles(), 1u);
  timeline.add(0, false, 100 + 1024, 2);
  EXPECT_EQ(timeline.bin_cycles(), 2u);
  EXPECT_EQ(timeline.bytes(0, false).size(), 513u);
  EXPECT_EQ(timeline.bytes(0, false)[511], 1u);
  EXPECT_EQ(timeline.bytes(0, false)[512], 2u);
  EXPECT_EQ(timeline.bytes(1, true), (std::vector<uint64_t>{0, 32}));
  timeline.add(0, false, 100 + (uint64_t{1} << 40), 4);
  EXPECT_EQ(timeline.bin_cycles(), uint64_t{1} << 31);
  EXPECT_EQ(sum(timeline.bytes(0, false)), 135u);
}

// What was noted, again and again, as if it had been added one by one.
TEST(Timeline, RepeatsWhatWasNoted) {
  for (const uint64_t period : {7u, 300u, 5000u}) {
    for (const uint64_t times : {1u, 5u, 2000u}) {
      Timeline one_by_one(2), at_once(2);
      for (Timeline* each : {&one_by_one, &at_once}) {
        each->reset(50);
        each->add(0, false, 60, 64);
        each->note(true);
        each->add(1, true, 70, 64);
        each->add(0, false, 75, 32);
      }
      for (uint64_t i = 1; i <= times; ++i) {
        one_by_one.add(1, true, 70 + i * period, 64);
        one_by_one.add(0, false, 75 + i * period, 32);
      }
      at_once.repeat(period, times);
      one_by_one.add(0, true, 80 + period * times, 16);
      at_once.add(0, true, 80, 16);  // later by all that was skipped
      EXPECT_EQ(at_once.origin(), 50u);
      EXPECT_EQ(at_once.bin_cycles(), one_by_one.bin_cycles());
      for (const size_t channel : {0u, 1u})
        for (const bool write : {false, true})
          EXPECT_EQ(at_once.bytes(channel, write), one_by_one.bytes(channel, write)) << period << " " << times;
    }
  }
}

// Two reads a cycle apart, answered 10 cycles after each: 2 x 10 cycles in flight. A host's port is not counted.
TEST(MemoryServed, FlightIsFromRequestToAnswer) {
  spec::DramSpec dram;
  dram.timing = "fixed";
  dram.bytes = 1 << 20;
  dram.bytes_per_second = 1e9;
  dram.latency_cycles = 10;
  System system(dram, {1'000'000'000}, 64, {PortSpec{}, PortSpec{}, PortSpec{16, 0, true}});
  system.push(0, {0, 1, 0, 128, false});
  system.push(0, {1, 2, 4096, 64, false});
  walk(system);
  EXPECT_EQ(system.served().flight_cycles, (std::array<uint64_t, 2>{20, 0}));
  EXPECT_EQ(sum(system.timeline().bytes(0, false)), 192u);
}

// A row opens, and is left for another.
TEST(MemoryServed, HitsAndMissesAreOfEachBurst) {
  spec::DramSpec dram;
  dram.bytes = 1 << 20;
  dram.bytes_per_second = 64e9;
  dram.banks = 1;
  dram.row_bytes = 256;
  dram.interleave_bytes = 256;
  System system(dram, {1'000'000'000}, 64, {PortSpec{}, PortSpec{16, 0, true}});
  system.push(0, {0, 0, 0, 320, true});
  system.push(0, {1, 1, 0, 64, false});
  walk(system);
  EXPECT_EQ(system.served().row_hits + system.served().row_misses, 5u);
  EXPECT_GE(system.served().row_misses, 1u) << "the second row; the first may have been opened by the read";
  EXPECT_GE(system.stats().row_misses, 2u);
  EXPECT_EQ(system.stats().row_hits + system.stats().row_misses, 6u);
  EXPECT_EQ(sum(system.timeline().bytes(0, true)), 320u);
  EXPECT_EQ(sum(system.timeline().bytes(0, false)), 64u);
}

// Behind a network, too: each core's bursts are its own, and the timeline has all.
TEST(MemoryServed, OfEachCore) {
  spec::DramSpec dram;
  dram.bytes = 1 << 20;
  dram.bytes_per_second = 64e9;
  dram.channels = 4;
  dram.channel_hash = "fold";
  for (const char* topology : {"ideal", "crossbar", "mesh"}) {
    spec::NocSpec noc;
    noc.topology = topology;
    System system(dram, {1'000'000'000}, 64, {PortSpec{16, 0, false, 0}, PortSpec{16, 0, false, 1}}, noc);
    system.push(0, {0, 0, 0, 64 * 40, true});
    system.push(0, {1, 1, 1 << 16, 64 * 24, false});
    walk(system);
    EXPECT_EQ(system.served(0).row_hits + system.served(0).row_misses, 40u) << topology;
    EXPECT_EQ(system.served(1).row_hits + system.served(1).row_misses, 24u) << topology;
    EXPECT_EQ(system.served(0).flight_cycles[0], 0u) << topology;
    EXPECT_EQ(system.served(1).flight_cycles[1], 0u) << topology;
    EXPECT_GT(system.served(1).flight_cycles[0], 0u) << topology;
    uint64_t bytes = 0;
    for (size_t channel = 0; channel < 4; ++channel)
      bytes += sum(system.timeline().bytes(channel, true)) + sum(system.timeline().bytes(channel, false));
    EXPECT_EQ(bytes, 64u * 64u) << topology;
  }
}

}  // namespace
}  // namespace systole::memory
