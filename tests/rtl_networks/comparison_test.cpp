// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The comparison itself: ranks by hand, and two models that are known to differ.
#include "tests/rtl_networks/comparison.h"

#include <gtest/gtest.h>

#include <cmath>

#include "devices/cpu/cpu_device.h"
#include "devices/npu/npu_device.h"
#include "hal/registry.h"
#include "tests/rtl_networks/random_graphs.h"

namespace systole::graph {
namespace {

TEST(SpreadOfErrors, RanksBySizeAndKeepsTheSign) {
  std::vector<double> errors;  // 19 from -0.9 to 0.9, and -7
  for (int i = -9; i <= 9; ++i) errors.push_back(i * 0.1);
  errors.push_back(-7);
  const Spread spread = spread_of(errors);
  EXPECT_NEAR(spread.p50, -0.1, 1e-12);  // the 10th of 20
  EXPECT_NEAR(std::abs(spread.p95), 0.9, 1e-12);
  EXPECT_EQ(spread.most, -7);
  EXPECT_EQ(spread_of({}).most, 0);
  EXPECT_EQ(spread_of({-3}).p50, -3);
  EXPECT_EQ(spread_of({-3}).p95, -3);
}

// A memory that answers later makes ops longer by what stall_dram_cycles tells, and no value other.
TEST(ComparisonOfDevices, SaysWhatDiffers) {
  Registry registry;
  ASSERT_TRUE(registry.add(npu_driver()).ok() && registry.add(cpu_driver()).ok());
  const auto fast = registry.open("npu:tiny-8x8"), cpu = registry.open("cpu");
  const auto slow = registry.open("npu:tiny-8x8?set=dram.latency_cycles:90");
  ASSERT_TRUE(fast.ok() && slow.ok() && cpu.ok());
  Comparison comparison(*fast, *slow, *cpu);
  RandomGraphs random(1);
  for (int i = 0; i < 5; ++i) {
    const auto graph = random.gemm();
    ASSERT_TRUE(graph.ok()) << graph.status().to_string();
    const Status status = comparison.add("GEMM", *graph, random.inputs(*graph));
    ASSERT_TRUE(status.ok()) << status.to_string();
  }
  EXPECT_EQ(comparison.networks(), 5);
  EXPECT_EQ(comparison.unequal_networks(), 0);
  EXPECT_GE(comparison.differences().size(), comparison.ops().size());
  EXPECT_GT(comparison.spread(kParts[0]).p50, 0);
  for (const OpPair& op : comparison.ops()) {
    double parts = 0;
    for (size_t i = 1; i < kParts.size(); ++i) parts += op.error(kParts[i]);
    EXPECT_NEAR(parts, op.error(kParts[0]), 1e-9) << "the causes sum to the cycles";
    EXPECT_EQ(op.error({"MACs", "macs"}), 0);
    EXPECT_GT(op.error({"DRAM", "stall_dram_cycles"}), 0);
  }
}

}  // namespace
}  // namespace systole::graph
