// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/npu_driver/model_bench.h"

namespace systole::npu {
namespace {

namespace reg = contract::reg;
using contract::encode;

TEST(Model, CapabilitiesAreTheSpecs) {
  ModelBench bench;
  const auto caps = bench.driver->probe();
  ASSERT_TRUE(caps.ok());
  EXPECT_EQ(caps->rows, 4u);
  EXPECT_EQ(caps->cols, 4u);
  EXPECT_EQ(caps->scratchpad_bytes, static_cast<uint64_t>(bench.spec.scratchpad.bytes));
  EXPECT_EQ(caps->accumulator_rows, static_cast<uint32_t>(bench.spec.accumulator.rows));
  EXPECT_EQ(caps->dram_bytes, static_cast<uint64_t>(bench.spec.dram.bytes));
  EXPECT_EQ(caps->clock_hz, 100000000u);
  EXPECT_EQ(caps->loop_buffer, static_cast<uint32_t>(bench.spec.core.loop_buffer));
}

TEST(Model, FencesCompleteAndInterrupt) {
  ModelBench bench;
  EXPECT_TRUE(bench.run({}).ok());
  EXPECT_TRUE(bench.run({}).ok());
  EXPECT_EQ(bench.driver->lost_interrupts(), 0u);
  const auto counters = bench.driver->counters();
  ASSERT_TRUE(counters.ok());
  EXPECT_EQ(counters->commands, 2u);
}

TEST(Model, AnInterruptCauseStaysUntilAOneIsWritten) {
  ModelBench bench;
  contract::Fence fence;
  fence.sequence = 1;
  fence.irq = 1;
  ASSERT_TRUE(bench.driver->submit(Descriptors{contract::encode(fence)}).ok());
  Transport& transport = bench.driver->transport();
  ASSERT_TRUE(transport.irq_wait(10000).value());
  EXPECT_EQ(transport.read(reg::kIrqStatus, 4).value(), reg::irq_status::kFenceMask);
  ASSERT_TRUE(transport.write(reg::kIrqStatus, 0, 4).ok());
  ASSERT_TRUE(transport.advance(4).ok());
  EXPECT_EQ(transport.read(reg::kIrqStatus, 4).value(), reg::irq_status::kFenceMask);
  ASSERT_TRUE(transport.write(reg::kIrqStatus, reg::irq_status::kFenceMask, 4).ok());
  ASSERT_TRUE(transport.advance(4).ok());
  EXPECT_EQ(transport.read(reg::kIrqStatus, 4).value(), 0u);
  EXPECT_FALSE(transport.irq_wait(100).value());
}

TEST(Model, TheRingWrapsManyTimes) {
  ModelBench bench("tiny-4x4", 8);
  ASSERT_TRUE(bench.run(Descriptors(5000, contract::encode(contract::Nop{}))).ok());
  EXPECT_EQ(bench.driver->submitted(), 5001u);
  EXPECT_EQ(bench.driver->transport().read(reg::kRingHead, 4).value(), 5001u);
}

TEST(Model, BytesGoThroughTheScratchpadAndBack) {
  ModelBench bench;
  const uint64_t from = bench.data(), to = bench.data() + 4096;
  for (int i = 0; i < 1000; ++i) *bench.at(from + i) = static_cast<std::byte>(i * 7 + 1);
  contract::Load in = load(from, 64, 100, 10);
  in.header.signal0_id = 3;
  in.header.signal0_count = 1;
  contract::Store out = store(to, 64, 1000);
  out.header.wait0_id = 3;
  out.header.wait0_count = 1;
  ASSERT_TRUE(bench.run({contract::encode(in), contract::encode(out)}).ok());
  EXPECT_TRUE(std::equal(bench.at(from), bench.at(from + 1000), bench.at(to)));
}

TEST(Model, TheFenceRecordHoldsWhatTheRegistersSay) {
  ModelBench bench;
  contract::Fence fence;
  fence.sequence = 9;
  fence.irq = 1;
  fence.record_addr = bench.data();
  ASSERT_TRUE(
      bench.driver->submit(Descriptors{contract::encode(load(bench.data() + 64, 0, 64)), contract::encode(fence)})
          .ok());
  ASSERT_TRUE(bench.driver->wait_fence(9).ok());
  uint64_t record[8];
  std::memcpy(record, bench.at(bench.data()), sizeof record);
  const auto counters = bench.driver->counters();
  ASSERT_TRUE(counters.ok());
  EXPECT_EQ(record[0], 9u);
  EXPECT_GT(record[1], 0u);
  EXPECT_LE(record[1], counters->cycles);
  EXPECT_EQ(record[3], 64u);
  EXPECT_EQ(record[3], counters->dram_read_bytes);
  EXPECT_EQ(record[7], 0u);
}

TEST(Model, TheSameProgramTakesTheSameCyclesAfterReset) {
  ModelBench bench;
  const Descriptors program = {contract::encode(load(bench.data(), 0, 512, 4))};
  std::vector<uint64_t> cycles;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(bench.run(program).ok());
    cycles.push_back(bench.driver->counters()->cycles);
    ASSERT_TRUE(bench.driver->reset().ok());
  }
  EXPECT_EQ(cycles[0], cycles[1]);
  EXPECT_EQ(cycles[1], cycles[2]);
}

TEST(Model, WithoutFunctionCyclesAreTheSameAndPayloadsUntouched) {
  uint64_t cycles[2];
  for (const bool functional : {false, true}) {
    ModelBench bench("tiny-4x4", 64, functional);
    *bench.at(bench.data()) = std::byte{5};
    contract::Load in = load(bench.data(), 0, 256);
    in.header.signal0_id = 1;
    in.header.signal0_count = 1;
    contract::Store out = store(bench.data() + 4096, 0, 256);
    out.header.wait0_id = 1;
    out.header.wait0_count = 1;
    ASSERT_TRUE(bench.run({contract::encode(in), contract::encode(out)}).ok());
    cycles[functional] = bench.driver->counters()->cycles;
    EXPECT_EQ(*bench.at(bench.data() + 4096), functional ? std::byte{5} : std::byte{0});
  }
  EXPECT_EQ(cycles[0], cycles[1]);
}

TEST(Model, RacesAndReadsOfUnwrittenStorageAreReportedOnce) {
  ModelBench bench("tiny-4x4", 64, true, true);
  Transport& transport = bench.driver->transport();
  const Descriptors unordered = {encode(load(bench.data(), 0, 64)), encode(store(bench.data() + 4096, 0, 64))};
  ASSERT_TRUE(bench.run(unordered).ok());
  EXPECT_FALSE(transport.take_race_reports().empty());
  EXPECT_TRUE(transport.take_race_reports().empty());
  ASSERT_TRUE(bench.driver->reset().ok());
  ASSERT_TRUE(bench.run({encode(store(bench.data() + 4096, 1024, 64))}).ok());
  EXPECT_FALSE(transport.take_race_reports().empty()) << "scratchpad bytes that nobody wrote";
  ASSERT_TRUE(bench.driver->reset().ok());
  ASSERT_TRUE(bench.run({encode(load(bench.data(), 0, 64))}).ok());
  EXPECT_TRUE(transport.take_race_reports().empty());
}

TEST(Model, ResetInMidFlightLeavesAUsableDeviceWithItsMemory) {
  ModelBench bench;
  *bench.at(bench.data()) = std::byte{42};
  ASSERT_TRUE(bench.driver->submit(Descriptors(20, contract::encode(load(bench.data(), 0, 4096)))).ok());
  ASSERT_TRUE(bench.driver->transport().advance(100).ok());
  ASSERT_TRUE(bench.driver->reset().ok());
  EXPECT_EQ(bench.driver->counters()->commands, 0u);
  EXPECT_EQ(*bench.at(bench.data()), std::byte{42});
  EXPECT_TRUE(bench.run({contract::encode(load(bench.data(), 0, 64))}).ok());
}

}  // namespace
}  // namespace systole::npu
