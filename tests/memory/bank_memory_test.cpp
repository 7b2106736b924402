// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The memory system with a DRAM at bank level behind it: clock crossing, split bursts, full queues, order of answers.
#include "sim/memory/bank_memory.h"

#include <random>

#include "configs/spec/load.h"
#include "sim/memory/system.h"
#include "tests/dram/devices.h"
#include "tests/memory/drain.h"

namespace systole::memory {
namespace {

using dram_tests::device;

spec::DramSpec named(const std::string& preset, const std::vector<std::string>& changes = {}) {
  spec::DramSpec d;
  d.bytes = 1 << 28;
  d.config = preset;
  d.device = device(preset, changes);
  d.bytes_per_second = d.device.peak_bytes_per_second();
  return d;
}

constexpr spec::Clock kGigahertz{1'000'000'000};

TEST(Crossing, IsExact) {
  const Crossing three_quarters(750'000, 1'000'000'000);  // 0.75 cycles a tick
  EXPECT_EQ(three_quarters.cycle_of(0), 0u);
  EXPECT_EQ(three_quarters.cycle_of(1), 1u);
  EXPECT_EQ(three_quarters.cycle_of(4), 3u);
  EXPECT_EQ(three_quarters.cycle_of(5), 4u);
  EXPECT_EQ(three_quarters.tick_at(3), 4u);
  EXPECT_EQ(three_quarters.cycles_in(5), 3u);
  for (const int64_t hz : {700'000'000, 1'000'000'000, 1'333'000'000}) {
    for (const int64_t tick : {312'500, 833'000, 1'250'000}) {
      const Crossing crossing(tick, hz);
      for (uint64_t k : {uint64_t{1}, uint64_t{7}, uint64_t{123456789}, uint64_t{1} << 50}) {
        const uint64_t cycle = crossing.cycle_of(k);
        EXPECT_GE(crossing.tick_at(cycle), k) << hz << " " << tick;  // the first cycle in which the tick has begun
        EXPECT_LT(crossing.tick_at(cycle - 1), k) << hz << " " << tick;
      }
    }
  }
}

// ddr4-2400 alone: activation at tick 1, read at 17, data until 37; a tick is 0.833 cycles of 1 GHz.
TEST(BankMemory, OneReadTakesItsTicksAndACycle) {
  System system(named("ddr4-2400"), kGigahertz, 64, {PortSpec{}});
  system.push(0, {1, 0, 0, 64, false});
  const auto replies = walk(system);
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[1].at, 31u + 1);  // 37 * 0.833 = 30.8
  EXPECT_EQ(system.timeline().bytes(0, false).size(), 30u + 1) << "the last cycle of its data";
}

TEST(BankMemory, ABurstIsDoneWithItsLastPiece) {
  // 256 bytes are eight bursts of 32: activation 1, second half 2, data clock 16, reads 17, 21, ... 45; 19 more: 64.
  System system(named("lpddr5-6400"), kGigahertz, 256, {PortSpec{}});
  system.push(0, {1, 0, 0, 256, false});
  const auto replies = walk(system);
  EXPECT_EQ(replies.back().at, 64u * 5 / 4 + 1);
  EXPECT_EQ(replies.back().bursts, 1u);
  EXPECT_EQ(system.stats().row_hits, 7u);
  EXPECT_EQ(system.stats().row_misses, 1u);
}

TEST(BankMemory, EveryRequestIsAnsweredOnce) {
  for (const char* preset : {"ddr4-2400", "hbm2", "hbm3", "lpddr5-6400", "ddr5-4800"}) {
    System system(named(preset, {"organization.channels=2", "controller.read_queue=2", "controller.write_queue=2"}),
                  {700'000'000}, 64, {PortSpec{16, 0}, PortSpec{16, 64}, PortSpec{4, 0}});
    std::mt19937 random(3);
    uint64_t now = 0, id = 0;
    std::vector<Reply> replies;
    for (int i = 0; i < 400; ++i) {
      now += random() % 40;
      system.advance(now++, replies);
      system.push(now,
                  {id++, static_cast<int>(random() % 3), random() % (1 << 24), 1 + random() % 700, random() % 2 == 0});
    }
    while (!system.idle()) system.advance(system.next_event(), replies);
    std::vector<int> answers(id);
    for (const Reply& reply : replies)
      if (reply.kind == Reply::Kind::kDone) ++answers[reply.id];
    for (const int count : answers) EXPECT_EQ(count, 1) << preset;
    const Stats stats = system.stats();
    EXPECT_GT(stats.row_hits, 0u) << preset;
    EXPECT_EQ(stats.channel_busy.size(), 2u);
    for (const uint64_t busy : stats.channel_busy) EXPECT_GT(busy, 0u) << preset;
  }
}

// A stream takes at least what the data buses need, and a full DRAM not much more.
TEST(BankMemory, StreamsReachMostOfThePeak) {
  const spec::DramSpec d = named("ddr4-2400-hashed");
  System system(d, kGigahertz, 64, {PortSpec{64, 0}});
  const uint64_t bytes = 1 << 20;
  system.push(0, {1, 0, 0, bytes, false});
  const uint64_t end = walk(system).back().at;
  const double least = static_cast<double>(bytes) / d.device.peak_bytes_per_second() * 1e9;
  EXPECT_GE(static_cast<double>(end), least);
  EXPECT_LE(static_cast<double>(end), 1.15 * least);  // refresh takes 5 %, rows that are opened the rest
}

TEST(BankMemory, SkippedCyclesAndResetChangeNothing) {
  System jumping(named("hbm2"), kGigahertz, 64, {PortSpec{}, PortSpec{}});
  const auto requests = [](System& system) {
    system.push(0, {1, 0, 0, 8192, false});
    system.push(0, {2, 1, 1 << 20, 8192, true});
  };
  requests(jumping);
  const auto first = walk(jumping);
  jumping.reset();
  requests(jumping);
  std::vector<Reply> stepped;
  for (uint64_t now = 0; !jumping.idle(); ++now) jumping.advance(now, stepped);
  ASSERT_EQ(stepped.size(), first.size());
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(stepped[i].at, first[i].at);
    EXPECT_EQ(stepped[i].id, first[i].id);
  }
}

TEST(BankMemory, ADramThatIsTooSmallIsRefused) {
  spec::DramSpec d = named("ddr4-2400");
  EXPECT_EQ(System::check(d, kGigahertz, 64), "");
  d.bytes = int64_t{9} << 30;
  EXPECT_NE(System::check(d, kGigahertz, 64).find("at most the 8589934592 that dram.config has"), std::string::npos);
}

TEST(NpuFile, NamesADram) {
  auto npu = spec::load_npu_spec("edge-16x16");
  ASSERT_TRUE(npu.ok());
  ASSERT_TRUE(spec::apply_override(*npu, "dram.config=ddr4-2400").ok());
  EXPECT_EQ(npu->dram.device.name, "ddr4-2400");
  EXPECT_NEAR(npu->dram.bytes_per_second, 64 / (4 * 833e-12), 1);
  EXPECT_EQ(npu->dram.latency_cycles, 17);  // 20 ticks of 0.833 ns
  ASSERT_TRUE(spec::apply_override(*npu, "dram.channels=2").ok());
  EXPECT_EQ(npu->dram.device.organization.channels, 2);
  const Status wrong = spec::apply_override(*npu, "dram.config=ddr4-2401");
  EXPECT_NE(wrong.message().find("dram.config: no DRAM preset 'ddr4-2401'; did you mean 'ddr4-2400'"),
            std::string::npos)
      << wrong.message();
}

}  // namespace
}  // namespace systole::memory
