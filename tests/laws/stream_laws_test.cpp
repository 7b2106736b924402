// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A stream of reads, or of writes, through the whole NPU: more of the memory's means never makes it slower. A copy is
// both at once: they take turns on the bus, and a memory that answers sooner may make them take turns more often.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "configs/spec/load.h"
#include "tests/laws/npu_runs.h"
#include "tests/sim/harness.h"

namespace systole::laws {
namespace {

// Cycles of one LOAD, or of one STORE, of so many bytes; the fetches of descriptors are over before it begins.
uint64_t stream(const std::string& settings, bool write, uint32_t bytes) {
  auto spec = spec::load_npu_spec("edge-16x16");
  std::istringstream overrides(settings);
  for (std::string each; std::getline(overrides, each, ',');)
    EXPECT_TRUE(spec::apply_override(*spec, each).ok()) << each;
  sim::Device device(*spec, {.functional = false});
  if (write) {
    auto out = sim::store(0, sim::kData, bytes, 0);
    out.header.wait0_count = 0;
    device.add(out);
  } else {
    auto in = sim::load(sim::kData, 0, bytes);
    in.header.signal0_count = 0;
    device.add(in);
  }
  const uint64_t cycles = device.run();
  device.expect_clean();
  return cycles;
}

// `settings`, each at least as good as the one before; the last one must be better than the first.
void never_slower(const std::vector<std::string>& settings, bool writes = true) {
  for (const bool write : {false, true}) {
    if (write && !writes) continue;
    uint64_t before = 0, first = 0;
    for (const std::string& set : settings) {
      const uint64_t now = stream(set, write, 96 * 1024);
      if (first == 0) first = before = now;
      EXPECT_LE(now, before) << (write ? "writes, " : "reads, ") << set;
      before = now;
    }
    EXPECT_LT(before, first) << "the law was not tried: " << settings.back();
  }
}

TEST(Streams, MoreChannelsAreNeverSlower) {
  std::vector<std::string> banked, device;
  for (const int channels : {1, 2, 4, 8}) {
    const std::string number = std::to_string(channels);
    banked.push_back("dram.channels=" + number + ",dram.bytes_per_second=" + std::to_string(2 * channels) + "GB/s");
    device.push_back("dram.config=lpddr4-3200,dram.channels=" + number);
  }
  never_slower(banked);
  never_slower(device);
}

TEST(Streams, AFasterMemoryIsNeverSlower) {
  never_slower({"dram.bytes_per_second=2GB/s", "dram.bytes_per_second=3.7GB/s", "dram.bytes_per_second=8GB/s",
                "dram.bytes_per_second=20GB/s"});
  never_slower(
      {"dram.latency_cycles=200", "dram.latency_cycles=90", "dram.latency_cycles=31", "dram.latency_cycles=5"});
  never_slower({"dram.row_miss_cycles=100", "dram.row_miss_cycles=40", "dram.row_miss_cycles=0"});
  never_slower({"dram.timing=fixed,dram.latency_cycles=300", "dram.timing=fixed,dram.latency_cycles=100",
                "dram.timing=fixed,dram.latency_cycles=1"});
  never_slower({"dram.config=ddr4-2400", "dram.config=ddr4-3200"});
}

TEST(Streams, MoreInFlightIsNeverSlower) {
  for (const std::string memory : {"", ",dram.timing=fixed", ",dram.config=lpddr4-3200"}) {
    std::vector<std::string> settings;
    for (const int bursts : {1, 2, 3, 5, 8, 16, 32, 64})
      settings.push_back("dma.outstanding=" + std::to_string(bursts) + memory);
    // A controller at bank level gathers writes and drains them in batches: which batch is the last, and how full,
    // hangs on how many come at once. More may take it a few cycles more.
    never_slower(settings, memory.find("config") == std::string::npos);
  }
}

TEST(Streams, ALongerOneIsNeverFaster) {
  for (const bool write : {false, true}) {
    uint64_t before = 0;
    for (uint32_t bytes = 1; bytes < 40'000; bytes += bytes / 3 + 1) {
      const uint64_t now = stream("dram.channels=1", write, bytes);
      EXPECT_GE(now, before) << bytes;
      before = now;
    }
  }
}

TEST(Streams, ThePeakIsNearlyReachedAndNeverExceeded) {
  const Ran ran = copy("npu:edge-16x16", {"functional=off", "set=dram.config:lpddr4-3200,dma.outstanding:64"}, 1 << 20);
  const double peak = static_cast<double>(ran.cycles()) * ran.peak_bytes_per_cycle;
  EXPECT_LE(static_cast<double>(ran.dram_bytes()), peak);
  EXPECT_GT(static_cast<double>(ran.dram_bytes()), 0.5 * peak);
}

}  // namespace
}  // namespace systole::laws
