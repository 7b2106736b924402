// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The shared L2 against docs/timing.md, section 7: cycles and counts by hand, a plain cache as reference, bounds.
#include "sim/memory/l2.h"

#include <algorithm>
#include <list>
#include <random>

#include "configs/spec/load.h"
#include "tests/memory/drain.h"

namespace systole::memory {
namespace {

constexpr spec::Clock kClock{1'000'000'000};
constexpr uint64_t kBurst = 64;

spec::DramSpec dram(const char* timing = "fixed") {
  spec::DramSpec d;
  d.bytes = 1 << 30;
  d.timing = timing;
  d.bytes_per_second = 4e9;  // banked: a burst in 16 cycles
  d.latency_cycles = 20;
  return d;
}

// Two sets of two ways unless told otherwise; a burst a cycle, hits after 5.
spec::L2Spec l2(int64_t lines = 4, int ways = 2, int banks = 1, int misses = 8, int bytes_per_cycle = 64) {
  spec::L2Spec s;
  s.bytes = lines * static_cast<int64_t>(kBurst);
  s.ways = ways;
  s.banks = banks;
  s.hit_cycles = 5;
  s.bytes_per_cycle = bytes_per_cycle;
  s.misses = misses;
  return s;
}

System make(const spec::L2Spec& s, size_t ports = 1, uint64_t outstanding = 1000) {
  return System(dram(), kClock, kBurst, std::vector<PortSpec>(ports, PortSpec{.outstanding = outstanding}), {}, s);
}

// One request on an idle memory: cycles from request to answer.
uint64_t alone(System& system, uint64_t line, bool write, uint64_t lines = 1, uint64_t short_of = 0) {
  static constexpr uint64_t kApart = 10'000;
  const uint64_t now = (system.stats().bursts_read + system.stats().bursts_written + 1) * kApart;
  system.push(now, {1, 0, line * kBurst, lines * kBurst - short_of, write});
  return drain(system).done[1] - now;
}

TEST(L2, HitsAndMissesTakeTheirCycles) {
  System system = make(l2());
  EXPECT_EQ(alone(system, 0, false), 5u + 20);  // asks the DRAM after 5
  EXPECT_EQ(alone(system, 0, false), 1u + 5);
  EXPECT_EQ(alone(system, 0, true), 1u + 5);
  EXPECT_EQ(alone(system, 1, true), 1u + 5);             // a whole line: nothing to be read
  EXPECT_EQ(alone(system, 3, true, 1, 32), 5u + 20);     // a part of one: the rest is
  EXPECT_EQ(system.stats().l2, (L2Counts{2, 3, 2, 0}));  // hits, misses, fills, write-backs
  EXPECT_EQ(system.stats().l2_dirty_lines, 3u);
  system.reset();
  EXPECT_EQ(system.stats().l2, L2Counts{});
  EXPECT_EQ(system.stats().l2_dirty_lines, 0u);
  EXPECT_EQ(alone(system, 0, false), 5u + 20);
}

TEST(L2, TheLeastRecentlyUsedLineGoes) {
  System system = make(l2());
  for (uint64_t line : {0, 2, 0, 4}) alone(system, line, false);  // one set; 4 takes the place of 2
  EXPECT_EQ(system.stats().l2, (L2Counts{1, 3, 3, 0}));
  EXPECT_EQ(alone(system, 0, false), 6u);
  EXPECT_EQ(alone(system, 2, false), 25u);  // for 4
  EXPECT_EQ(alone(system, 0, false), 6u);
  EXPECT_EQ(alone(system, 1, false), 25u);  // the other set
  EXPECT_EQ(alone(system, 4, false), 25u);
}

TEST(L2, ADirtyLineIsWrittenWhenItGoes) {
  System system = make(l2(2, 1));
  alone(system, 0, true);
  EXPECT_EQ(alone(system, 1, false), 25u);
  EXPECT_EQ(system.stats().l2, (L2Counts{0, 2, 1, 0}));
  EXPECT_EQ(alone(system, 2, true), 5u + 20);  // answered when the place is its own
  EXPECT_EQ(system.stats().l2, (L2Counts{0, 3, 1, 1}));
  EXPECT_EQ(alone(system, 4, false), 5u + 20);
  EXPECT_EQ(alone(system, 6, false), 5u + 20);  // 4 was clean
  EXPECT_EQ(system.stats().l2, (L2Counts{0, 5, 3, 2}));
  EXPECT_EQ(system.stats().l2_dirty_lines, 0u);
  // A line that is being written back is not read before that is done.
  system.reset();
  alone(system, 0, true);
  system.push(20'000, {1, 0, 2 * kBurst, kBurst, false});
  system.push(20'001, {2, 0, 0, kBurst, false});
  const auto done = drain(system).done;
  EXPECT_EQ(done.at(1), 20'025u);
  EXPECT_EQ(done.at(2), 20'025u + 25);
}

// Though another way of the set is free to be taken: line 0 is on its way to the DRAM, line 2 is clean.
TEST(L2, ALineThatIsWrittenBackIsNotReadMeanwhile) {
  System system = make(l2());
  alone(system, 0, true);
  alone(system, 2, false);
  system.push(40'000, {1, 0, 4 * kBurst, kBurst, false});
  system.push(40'001, {2, 0, 0, kBurst, false});
  const auto done = drain(system).done;
  EXPECT_EQ(done.at(1), 40'025u);
  EXPECT_EQ(done.at(2), 40'025u + 25);
}

TEST(L2, MissesUnderWayAreLimited) {
  for (const spec::L2Spec& s : {l2(16, 2, 1, 2), l2(16, 2, 1, 8)}) {
    System system = make(s);
    for (uint64_t line = 0; line < 4; ++line) system.push(0, {line, 0, line * kBurst, kBurst, false});
    const auto done = drain(system).done;
    EXPECT_EQ(done.at(0), 25u);
    EXPECT_EQ(done.at(1), 26u);
    EXPECT_EQ(done.at(2), s.misses == 2 ? 50u : 27u);
    EXPECT_EQ(done.at(3), s.misses == 2 ? 51u : 28u);
  }
  // No way of the set is free: the third line of one set waits, and what comes after it.
  System system = make(l2());
  for (uint64_t id = 0; id < 4; ++id) system.push(0, {id, 0, (id == 3 ? 1 : 2 * id) * kBurst, kBurst, false});
  const auto done = drain(system).done;
  EXPECT_EQ(done.at(2), 50u);
  EXPECT_EQ(done.at(3), 51u);
}

TEST(L2, ASecondMissJoinsTheFirst) {
  System system = make(l2(), 3);
  for (uint64_t port = 0; port < 3; ++port) system.push(0, {port, static_cast<int>(port), 0, kBurst, port == 2});
  const auto done = drain(system).done;
  for (uint64_t port = 0; port < 3; ++port) EXPECT_EQ(done.at(port), 25u) << port;
  EXPECT_EQ(system.stats().l2, (L2Counts{0, 3, 1, 0}));
  EXPECT_EQ(system.stats().l2_dirty_lines, 1u);
  // One that comes when the data nearly have is answered no earlier than a hit.
  system.reset();
  system.push(0, {0, 0, 0, kBurst, false});
  system.push(23, {1, 1, 0, kBurst, false});
  const auto late = drain(system).done;
  EXPECT_EQ(late.at(0), 25u);
  EXPECT_EQ(late.at(1), 23u + 1 + 5);
  EXPECT_EQ(system.stats().l2, (L2Counts{0, 2, 1, 0}));
}

TEST(L2, AStreamThatFitsTakesItsRateTheSecondTime) {
  for (int rate : {16, 32, 64})
    for (int banks : {1, 2}) {
      System system(dram("banked"), kClock, kBurst, {PortSpec{.outstanding = 1000}}, {}, l2(128, 4, banks, 8, rate));
      EXPECT_GT(alone(system, 0, false, 128), 127u * 16);
      const uint64_t slot = kBurst / static_cast<uint64_t>(rate), apart = std::max<uint64_t>(1, slot / banks);
      // Banks take turns line by line; the port asks for a burst a cycle.
      const uint64_t last = banks == 1 || slot == 1 ? 127 * apart : 126 / 2 * slot + 1;
      EXPECT_EQ(alone(system, 0, false, 128), last + slot + 5) << rate << " " << banks;
      EXPECT_EQ(system.stats().l2, (L2Counts{128, 128, 128, 0}));
      // Twice what fits, read in turn: the least recently used line is what comes next.
      system.reset();
      alone(system, 0, false, 128 + 128);
      alone(system, 0, false, 128 + 128);
      EXPECT_EQ(system.stats().l2.hits, 0u);
    }
}

TEST(L2, TwoCoresThatReadTheSameNeedHalfOfTheDram) {
  const std::vector<PortSpec> ports{{.outstanding = 16}, {.outstanding = 16, .core = 1}};
  uint64_t bursts[2];
  for (bool with : {false, true}) {
    System system(dram("banked"), kClock, kBurst, ports, {}, with ? l2(256, 4, 2) : spec::L2Spec{});
    system.push(0, {1, 0, 0, 200 * kBurst, false});
    system.push(0, {2, 1, 0, 200 * kBurst, false});
    drain(system);
    bursts[with] = system.stats().row_hits + system.stats().row_misses;
  }
  EXPECT_EQ(bursts[false], 400u);
  EXPECT_EQ(bursts[true], 200u);
}

// One burst at a time against a list in order of use.
TEST(L2, IsAPlainCache) {
  std::mt19937 random(5);
  for (const spec::L2Spec& s : {l2(16, 4), l2(24, 3, 2), l2(8, 8), l2(8, 1, 4)}) {
    System system = make(s);
    const uint64_t banks = static_cast<uint64_t>(s.banks), ways = static_cast<uint64_t>(s.ways);
    const uint64_t sets = static_cast<uint64_t>(s.bytes) / kBurst / ways / banks;
    struct Line {
      uint64_t line;
      bool dirty;
    };
    std::map<std::pair<uint64_t, uint64_t>, std::list<Line>> reference;  // most recently used first
    L2Counts counts;
    for (int i = 0; i < 2000; ++i) {
      const uint64_t line = random() % 40;
      const bool write = random() % 2, whole = random() % 2;
      alone(system, line, write, 1, whole ? 0 : 8);
      auto& set = reference[{line % banks, line / banks % sets}];
      const auto found = std::find_if(set.begin(), set.end(), [&](const Line& each) { return each.line == line; });
      Line used{line, write};
      if (found != set.end()) {
        ++counts.hits;
        used.dirty |= found->dirty;
        set.erase(found);
      } else {
        ++counts.misses;
        counts.fills += !write || !whole;
        if (set.size() == ways) {
          counts.write_backs += set.back().dirty;
          set.pop_back();
        }
      }
      set.push_front(used);
      ASSERT_EQ(system.stats().l2, counts) << i;
    }
    uint64_t dirty = 0;
    for (const auto& [key, set] : reference)
      for (const Line& line : set) dirty += line.dirty;
    EXPECT_EQ(system.stats().l2_dirty_lines, dirty);
  }
}

TEST(L2, KeepsOrderBeforeEveryMemory) {
  auto named = spec::load_npu_spec("edge-16x16");
  ASSERT_TRUE(named.ok());
  ASSERT_TRUE(spec::apply_override(*named, "dram.config=hbm2").ok());
  for (const spec::DramSpec& memory : {dram(), dram("banked"), named->dram})
    for (const char* topology : {"ideal", "crossbar", "mesh"})
      for (uint32_t seed = 0; seed < 6; ++seed) {
        std::mt19937 random(seed);
        std::vector<Request> requests;
        uint64_t bursts = 0;
        for (uint64_t id = 0; id < 60; ++id) {
          const uint64_t lines = 1 + random() % 24;
          requests.push_back(
              {id, static_cast<int>(random() % 6), random() % 200 * kBurst, lines * kBurst, random() % 2 != 0});
          bursts += lines;
        }
        std::vector<PortSpec> ports(6, PortSpec{.outstanding = 12});
        for (size_t i = 0; i < ports.size(); ++i) ports[i].core = i;
        spec::NocSpec noc;
        noc.topology = topology;
        System system(memory, named->clock, kBurst, ports, noc, l2(64, 2, 4, 3, 32));
        for (const Request& request : requests) system.push(0, request);
        const auto done = drain(system).done;
        ASSERT_EQ(done.size(), requests.size());
        const Stats stats = system.stats();
        EXPECT_EQ(stats.l2.hits + stats.l2.misses, bursts);
        uint64_t moved = 0;
        for (size_t channel = 0; channel < system.timeline().channels(); ++channel)
          for (bool write : {false, true})
            for (uint64_t bytes : system.timeline().bytes(channel, write)) moved += bytes;
        EXPECT_EQ(moved, (stats.l2.fills + stats.l2.write_backs) * kBurst);
        L2Counts of_cores;
        for (size_t core = 0; core < ports.size(); ++core) of_cores += system.served(core).l2;
        EXPECT_EQ(of_cores, stats.l2);
        std::map<std::pair<int, bool>, uint64_t> before;  // of a port and direction
        for (const Request& request : requests) {
          EXPECT_GT(done.at(request.id), std::exchange(before[{request.port, request.write}], done.at(request.id)));
        }
        // Again, after a reset, and lagging behind as far as it may: the same to the cycle.
        system.reset();
        for (const Request& request : requests) system.push(0, request);
        EXPECT_EQ(drain_lagging(system).done, done);
      }
}

TEST(L2, RefusesFiguresItCannotSimulate) {
  EXPECT_EQ(System::check(dram(), kClock, kBurst, {}, l2()), "");
  spec::L2Spec odd = l2();
  odd.bytes += 64;
  EXPECT_EQ(System::check(dram(), kClock, kBurst, {}, odd),
            "l2.bytes: expected a multiple of dma.burst_bytes x l2.ways x l2.banks (128), got 320");
  odd = l2();
  odd.misses = 0;
  EXPECT_EQ(System::check(dram(), kClock, kBurst, {}, odd), "l2.misses: expected at least 1, got 0");
}

}  // namespace
}  // namespace systole::memory
