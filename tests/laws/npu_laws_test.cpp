// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What no NPU can do, on random products and convolutions: more than its peaks, less than the compulsory time, other
// times for other values, cycles that belong to no cause, bytes that its timeline has not seen.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "configs/spec/load.h"
#include "tests/laws/npu_runs.h"

namespace systole::laws {
namespace {

struct Machine {
  const char *npu, *memory;  // memory: overrides of the preset's
};

class NpuLaws : public testing::TestWithParam<Machine> {
 protected:
  std::vector<std::string> options(const std::string& functional) const {
    std::vector<std::string> all = {"functional=" + functional};
    if (*GetParam().memory != 0) all.push_back(std::string("set=") + GetParam().memory);
    return all;
  }
  bool fixed() const { return std::string(GetParam().memory).find("fixed") != std::string::npos; }
  void SetUp() override {
    machine = *spec::load_npu_spec(std::string(GetParam().npu).substr(4));
    if (*GetParam().memory != 0) {
      ASSERT_TRUE(spec::apply_overrides(machine, GetParam().memory).ok());
    }
    burst = machine.dma.burst_bytes;
    if (!machine.dram.config.empty()) bus = std::max<int64_t>(1, machine.dram.device.burst_bytes() / burst);
  }
  spec::NpuSpec machine;
  int64_t burst = 0;
  int64_t bus = 1;  // bytes on the data bus for each byte of a burst: a device moves whole bursts of its own
};

std::vector<conformance::OpCase> cases() {
  std::mt19937 random(7);
  const auto between = [&](int64_t least, int64_t most) {
    return least + static_cast<int64_t>(random() % static_cast<uint64_t>(most - least + 1));
  };
  std::vector<conformance::OpCase> made;
  for (int i = 0; i < 10; ++i)
    made.push_back(matmul(i % 2 ? DType::kBF16 : DType::kI8, between(1, 150), between(1, 300), between(1, 200)));
  for (int i = 0; i < 6; ++i)
    made.push_back(convolution(i % 2 ? DType::kBF16 : DType::kI8, between(1, 40), between(3, 24), between(1, 48),
                               2 * between(0, 2) + 1));
  return made;
}

int64_t total(const Ran& ran, const char* direction) {
  int64_t sum = 0;
  for (const Series& series : ran.traffic)
    if (series.name.ends_with(direction)) sum = std::accumulate(series.values.begin(), series.values.end(), sum);
  return sum;
}

TEST_P(NpuLaws, EveryCycleHasOneCause) {
  for (const auto& op_case : cases()) {
    const Ran ran = run(GetParam().npu, options("off"), op_case);
    int64_t sum = 0;
    for (const char* cause : kCauses) {
      EXPECT_GE(ran.record.counter(cause), 0) << cause;
      sum += ran.record.counter(cause);
    }
    EXPECT_EQ(sum, ran.cycles());
  }
}

TEST_P(NpuLaws, NeverAbovePeakNorBelowTheCompulsoryTime) {
  for (const auto& op_case : cases()) {
    const Ran ran = run(GetParam().npu, options("off"), op_case);
    const auto cycles = static_cast<double>(ran.cycles());
    EXPECT_LE(static_cast<double>(ran.record.counter("array_busy_cycles")), cycles);
    EXPECT_LE(static_cast<double>(ran.record.counter("macs")), cycles * ran.peak_macs_per_cycle);
    EXPECT_GE(ran.dram_bytes(), ran.compulsory_bytes);
    if (fixed()) continue;  // no channels: a burst a cycle and port
    EXPECT_LE(static_cast<double>(ran.dram_bytes()), cycles * ran.peak_bytes_per_cycle);
    EXPECT_GE(cycles, static_cast<double>(ran.compulsory_bytes) / ran.peak_bytes_per_cycle);
    // A bin may have one burst more of each channel: it counts where it ends.
    const size_t channels = ran.traffic.size() / 2;
    for (size_t bin = 0; bin < ran.traffic[0].values.size(); ++bin) {
      for (size_t channel = 0; channel < channels; ++channel) {
        const int64_t bytes = ran.traffic[2 * channel].values[bin] + ran.traffic[2 * channel + 1].values[bin];
        const double bin_cycles = ran.traffic[0].bin_ns * cycles / (ran.record.end_ns - ran.record.start_ns);
        EXPECT_LE(static_cast<double>(bytes - bus * burst),
                  bin_cycles * ran.peak_bytes_per_cycle / static_cast<double>(channels) * 1.0001)
            << "channel " << channel << ", bin " << bin;
      }
    }
  }
}

// Beyond what LOAD and STORE move there are the fetches of descriptors, and one fence record of 64 bytes.
TEST_P(NpuLaws, TheTimelineHasEveryByte) {
  for (const auto& op_case : cases()) {
    const Ran ran = run(GetParam().npu, options("off"), op_case);
    const int64_t record = (64 + burst - 1) / burst * burst;
    EXPECT_EQ(total(ran, "write_bytes"), bus * (ran.record.counter("dram_write_bytes") + record));
    const int64_t fetched = total(ran, "read_bytes") - bus * ran.record.counter("dram_read_bytes");
    EXPECT_GT(fetched, 0);
    EXPECT_EQ(fetched % (bus * burst), 0);
    EXPECT_LE(ran.traffic[0].values.size(), 1024u);
  }
}

TEST_P(NpuLaws, ValuesChangeNoCounter) {
  for (const auto& op_case : cases()) {
    const Ran with = run(GetParam().npu, options("on"), op_case),
              without = run(GetParam().npu, options("off"), op_case);
    ASSERT_EQ(with.record.counters.size(), without.record.counters.size());
    for (size_t i = 0; i < with.record.counters.size(); ++i) {
      const Counter &a = with.record.counters[i], &b = without.record.counters[i];
      EXPECT_EQ(a.name, b.name);
      if (a.name != "overflow") {  // a count of values
        EXPECT_EQ(a.value, b.value) << a.name;
      }
    }
    ASSERT_EQ(with.traffic.size(), without.traffic.size());
    for (size_t i = 0; i < with.traffic.size(); ++i) EXPECT_EQ(with.traffic[i].values, without.traffic[i].values);
  }
}

// More commands wait than fit nowhere, and means are not above what was seen at most.
TEST_P(NpuLaws, OccupancyIsWithinItsLimits) {
  const spec::CoreSpec& core = machine.core;
  const int depths[] = {core.load_queue, core.store_queue, core.preload_queue, core.compute_queue, core.vector_queue};
  const char* names[] = {"load", "store", "preload", "compute", "vector"};
  for (const auto& op_case : cases()) {
    const Ran ran = run(GetParam().npu, options("off"), op_case);
    for (size_t q = 0; q < std::size(names); ++q) {
      const int64_t most = ran.record.counter(names[q] + std::string("_queue_most"));
      EXPECT_LE(most, depths[q]) << names[q];
      EXPECT_LE(ran.record.counter(names[q] + std::string("_queue_cycles")), most * ran.cycles()) << names[q];
    }
    for (const char* direction : {"dram_read_flight_cycles", "dram_write_flight_cycles"}) {
      EXPECT_GT(ran.record.counter(direction), 0);
      EXPECT_LE(ran.record.counter(direction), machine.dma.outstanding * ran.cycles()) << direction;
    }
    EXPECT_LE(ran.record.counter("scratchpad_bytes") + ran.record.counter("resident_bytes"), machine.scratchpad.bytes);
    EXPECT_LE(ran.record.counter("accumulator_bytes"), spec::accumulator_bytes(machine));
    if (fixed()) continue;
    const int64_t bursts = ran.record.counter("dram_row_hits") + ran.record.counter("dram_row_misses");
    const int64_t pieces =
        machine.dram.config.empty() ? 1 : std::max<int64_t>(1, burst / machine.dram.device.burst_bytes());
    EXPECT_EQ(bursts, ran.dram_bytes() / burst * pieces) << "a burst hits or misses";
  }
}

// Tiles are chosen anew for every size, and edges of tiles take what whole ones do: one row more may be faster. What
// holds is that twice as much of anything is never faster.
TEST_P(NpuLaws, TwiceTheWorkIsNeverFaster) {
  for (const DType type : {DType::kI8, DType::kBF16}) {
    for (const auto& [m, k, n] : std::vector<std::array<int64_t, 3>>{{5, 20, 12}, {33, 64, 40}, {64, 130, 48}}) {
      const int64_t once = run(GetParam().npu, options("off"), matmul(type, m, k, n)).cycles();
      EXPECT_GE(run(GetParam().npu, options("off"), matmul(type, 2 * m, k, n)).cycles(), once) << m << " rows";
      EXPECT_GE(run(GetParam().npu, options("off"), matmul(type, m, 2 * k, n)).cycles(), once) << k << " deep";
      EXPECT_GE(run(GetParam().npu, options("off"), matmul(type, m, k, 2 * n)).cycles(), once) << n << " columns";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(On, NpuLaws,
                         testing::Values(Machine{"npu:tiny-8x8", ""}, Machine{"npu:tiny-8x8", "dram.timing:fixed"},
                                         Machine{"npu:tiny-8x8", "dram.config:ddr4-2400"},
                                         Machine{"npu:edge-16x16", ""},
                                         Machine{"npu:edge-16x16", "dram.config:hbm3,dram.channels:2"},
                                         Machine{"npu:datacenter-128x128", ""}),
                         [](const auto& each) {
                           std::string name;
                           for (const char c : std::string(each.param.npu) + "_" + each.param.memory)
                             name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace systole::laws
