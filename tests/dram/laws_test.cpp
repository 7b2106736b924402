// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What no DRAM can do, whatever its figures.
#include <algorithm>
#include <map>
#include <random>

#include "sim/memory/dram/checker.h"
#include "tests/dram/devices.h"
#include "tests/dram/traces.h"

namespace systole::dram_tests {
namespace {

namespace dram = memory::dram;

constexpr uint64_t kRequests = 6000;
constexpr uint64_t kWindow = 64;

struct Pattern {
  const char *name, *rw;
};
constexpr Pattern kPatterns[] = {{"seq", "read"},         {"seq", "write"},  {"seq", "mixed2:1"},
                                 {"rand", "read"},        {"rand", "write"}, {"rand", "mixed2:1"},
                                 {"tile128", "mixed2:1"}, {"s1k", "read"},   {"s8k", "mixed2:1"},
                                 {"s64k", "write"},       {"dual", ""},      {"tile512", "write"}};

dram::Replay replay(const spec::DramDevice& device, const Trace& trace, uint64_t window = kWindow) {
  dram::Dram memory(device);
  return dram::replay(memory, trace, window);
}

Trace trace_for(const spec::DramDevice& device, const Pattern& pattern, uint64_t requests = kRequests) {
  return make_trace(pattern.name, pattern.rw, requests, static_cast<uint64_t>(device.burst_bytes()));
}

TEST(Laws, NoCommandIsTooEarly) {
  for (const auto& [name, device] : variants()) {
    for (const Pattern& pattern : kPatterns) {
      dram::Dram memory(device);
      dram::Checker checker(device);
      memory.set_log(&checker);
      dram::replay(memory, trace_for(device, pattern), kWindow);
      EXPECT_GE(checker.commands(), kRequests / 2);
      EXPECT_EQ(checker.violations(), 0u)
          << name << " " << pattern.name << " " << pattern.rw << ": " << checker.first_ones()[0];
    }
  }
}

// Presets with a few figures drawn anew; what is then not consistent is refused, and not looked at.
TEST(Laws, NoCommandIsTooEarlyWhateverTheFigures) {
  const char* times[] = {"burst",
                         "cl",
                         "cwl",
                         "rcd_read",
                         "rcd_write",
                         "rp",
                         "rp_all",
                         "ras",
                         "rc",
                         "wr",
                         "rtp",
                         "ccd_s",
                         "ccd_l",
                         "ccd_s_write",
                         "ccd_r",
                         "ccd_l_write",
                         "rrd_s",
                         "rrd_l",
                         "faw",
                         "wtr_s",
                         "read_to_write",
                         "wtr_l",
                         "ppd",
                         "rank_switch",
                         "rfc",
                         "refi",
                         "refi_bank",
                         "rfc_bank",
                         "bank_to_activate",
                         "bank_to_bank",
                         "write_array"};
  const char* others[] = {"organization.ranks=2",        "organization.stacks=2",   "controller.page=closed",
                          "controller.refresh=per_bank", "controller.read_queue=5", "controller.write_queue=1",
                          "commands.activate=3",         "commands.column=2",       "commands.precharge=2"};
  std::mt19937 random(7);
  const auto names = preset_names();
  int tried = 0;
  for (int round = 0; round < 600; ++round) {
    spec::DramDevice chip = device(names[random() % names.size()]);
    std::string changes;
    for (uint32_t n = 1 + random() % 5; n > 0; --n) {
      const bool time = random() % 3 != 0;
      const std::string change = time ? std::string("timing.") + times[random() % std::size(times)] + "=" +
                                            std::to_string(1 + (random() % 4 == 0 ? random() % 3000 : random() % 60))
                                      : others[random() % std::size(others)];
      if (spec::apply_override(chip, change).ok()) changes += " " + change;
    }
    if (changes.empty()) continue;
    ++tried;
    dram::Dram memory(chip);
    dram::Checker checker(chip);
    memory.set_log(&checker);
    const dram::Replay result = dram::replay(memory, trace_for(chip, kPatterns[round % std::size(kPatterns)], 600), 24);
    EXPECT_EQ(result.reads + result.writes, 600u);
    EXPECT_EQ(checker.violations(), 0u) << chip.name << changes << ": " << checker.first_ones()[0];
  }
  EXPECT_GT(tried, 300);
}

// Several readers of one log.
struct Tee : dram::CommandLog {
  std::vector<dram::Checker> all;
  void record(const dram::CommandRecord& command) override {
    for (dram::Checker& each : all) each.record(command);
  }
};

// Nor too late: a checker that asks for a tick more of any one time finds commands that come before it.
// Left out are those of a precharge of all, which a refresh always follows, and between refreshes of banks, which
// refi_bank keeps apart.
TEST(Laws, EveryTimeIsReachedToTheTick) {
  using T = spec::DramTiming;
  const struct {
    const char* name;
    int T::*ticks;
  } times[] = {{"rcd_read", &T::rcd_read},
               {"rcd_write", &T::rcd_write},
               {"rp", &T::rp},
               {"ras", &T::ras},
               {"rc", &T::rc},
               {"wr", &T::wr},
               {"rtp", &T::rtp},
               {"ccd_s", &T::ccd_s},
               {"ccd_l", &T::ccd_l},
               {"ccd_s_write", &T::ccd_s_write},
               {"ccd_l_write", &T::ccd_l_write},
               {"ccd_r", &T::ccd_r},
               {"rrd_s", &T::rrd_s},
               {"rrd_l", &T::rrd_l},
               {"faw", &T::faw},
               {"wtr_s", &T::wtr_s},
               {"wtr_l", &T::wtr_l},
               {"read_to_write", &T::read_to_write},
               {"rank_switch", &T::rank_switch},
               {"ppd", &T::ppd},
               {"rfc", &T::rfc},
               {"rfc_bank", &T::rfc_bank},
               {"bank_to_activate", &T::bank_to_activate}};
  std::map<std::string, uint64_t> found;
  for (const spec::DramDevice& chip :
       {device("ddr4-2400", {"organization.ranks=2"}), device("gddr6"), device("hbm3"),
        device("lpddr5-6400", {"controller.refresh=per_bank", "timing.refi_bank=170"}),
        device("lpddr5-6400", {"timing.refi=1200"}), device("ddr4-2400", {"controller.page=closed"})})
    for (const Pattern& pattern : kPatterns) {
      dram::Dram memory(chip);
      Tee stricter;
      for (const auto& time : times) {
        spec::DramDevice longer = chip;
        ++(longer.timing.*time.ticks);
        stricter.all.emplace_back(longer);
      }
      memory.set_log(&stricter);
      dram::replay(memory, trace_for(chip, pattern, 1500), kWindow);
      for (size_t i = 0; i < std::size(times); ++i) found[times[i].name] += stricter.all[i].violations();
    }
  for (const auto& [name, violations] : found) EXPECT_GT(violations, 0u) << name;
}

// Each burst takes its time on the data bus, and the last one read comes at least a read's latency after it was sent.
TEST(Laws, NeverAbovePeakNorBelowTheCompulsoryTime) {
  for (const auto& [name, device] : variants()) {
    const auto buses = static_cast<uint64_t>(device.organization.channels * device.organization.pseudo_channels);
    for (const Pattern& pattern : kPatterns) {
      const Trace trace = trace_for(device, pattern);
      dram::Dram memory(device);
      const dram::Replay result = dram::replay(memory, trace, kWindow);
      ASSERT_EQ(result.reads + result.writes, kRequests);
      const dram::Stats stats = memory.stats(result.cycles);
      const uint64_t moved = (stats.reads + stats.writes) / buses * static_cast<uint64_t>(device.timing.burst);
      EXPECT_GE(result.cycles, moved) << name << " " << pattern.name;
      if (result.reads == 0) continue;
      EXPECT_EQ(stats.reads + stats.total.forwarded, result.reads);
      const auto least = static_cast<uint64_t>(device.timing.cl + device.timing.burst);
      EXPECT_GE(result.latency_cycles, stats.reads * least) << name << " " << pattern.name;
    }
  }
}

// From a window on: of a few requests, one more can turn the direction that goes first, and with it the order.
TEST(Laws, MoreRequestsNeverTakeLessTime) {
  for (const std::string& name : preset_names()) {
    const spec::DramDevice chip = device(name);
    for (const Pattern& pattern : kPatterns) {
      uint64_t before = 0;
      for (uint64_t requests = kWindow; requests <= 4096; requests *= 2) {
        const uint64_t cycles = replay(chip, trace_for(chip, pattern, requests)).cycles;
        EXPECT_GE(cycles, before) << name << " " << pattern.name << " " << requests;
        before = cycles;
      }
    }
  }
}

TEST(Laws, MoreChannelsAreNeverSlowerOnStreams) {
  for (const std::string& name : preset_names()) {
    for (const char* rw : {"read", "write", "mixed2:1"}) {
      uint64_t before = UINT64_MAX;
      for (const char* channels : {"1", "2", "4", "8"}) {
        const spec::DramDevice chip = device(name, {std::string("organization.channels=") + channels});
        const uint64_t cycles = replay(chip, trace_for(chip, {"seq", rw}), 512).cycles;
        EXPECT_LE(cycles, before) << name << " " << rw << " " << channels;
        before = cycles;
      }
    }
  }
}

TEST(Laws, EqualRunsAreEqualAndResetForgetsAll) {
  for (const auto& [name, device] : variants()) {
    dram::Dram memory(device);
    const Trace trace = trace_for(device, {"rand", "mixed2:1"}), other = trace_for(device, {"dual", ""});
    const dram::Replay first = dram::replay(memory, trace, kWindow);
    const double energy = memory.stats(first.cycles).energy;
    memory.reset();
    dram::replay(memory, other, kWindow);
    memory.reset();
    const dram::Replay again = dram::replay(memory, trace, kWindow);
    EXPECT_EQ(again.cycles, first.cycles) << name;
    EXPECT_EQ(again.latency_cycles, first.latency_cycles) << name;
    EXPECT_EQ(memory.stats(again.cycles).energy, energy) << name;
  }
}

// Jumping from event to event is the same as looking at every cycle; completions come by time.
TEST(Laws, SkippedCyclesHoldNothing) {
  for (const auto& [name, device] : variants()) {
    const Trace trace = trace_for(device, {"rand", "mixed2:1"}, 500);
    dram::Dram jumping(device), stepping(device);
    const dram::Replay expected = dram::replay(jumping, trace, kWindow);
    std::vector<dram::Completion> done;
    uint64_t under_way = 0, latency = 0;
    size_t next = 0, seen = 0;
    dram::Cycle now = 0, last = 0;
    for (; next < trace.size() || under_way > 0; ++now) {
      stepping.advance(now, done);
      for (; seen < done.size(); ++seen) {
        EXPECT_EQ(done[seen].at, now) << name;
        if (done[seen].write) continue;
        --under_way;
        latency += now - done[seen].id;
        last = now;
      }
      while (next < trace.size() && (trace[next].write || under_way < kWindow) &&
             stepping.push(now, stepping.place(trace[next].address), trace[next].write, now)) {
        under_way += !trace[next++].write;
        last = std::max(last, now + 1);
      }
    }
    EXPECT_EQ(last, expected.cycles) << name;
    EXPECT_EQ(latency, expected.latency_cycles) << name;
  }
}

}  // namespace
}  // namespace systole::dram_tests
