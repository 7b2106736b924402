// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/driver.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/npu_driver/conversation.h"

namespace systole::npu {
namespace {

namespace reg = contract::reg;

TEST(Probe, ReadsIdentityThenCapabilities) {
  auto transport = std::make_unique<MockTransport>(4096);
  MockTransport& mock = *transport;
  script_probe(mock);
  Driver driver(std::move(transport));
  const auto caps = driver.probe();
  ASSERT_TRUE(caps.ok()) << caps.status().to_string();
  EXPECT_EQ(mock.difference(), "");
  EXPECT_EQ(caps->rows, 16u);
  EXPECT_EQ(caps->cols, 32u);
  EXPECT_EQ(caps->scratchpad_bytes, 512u * 1024);
  EXPECT_EQ(caps->dram_bytes, 8ull << 30);
  EXPECT_EQ(caps->clock_hz, 700000000u);
}

TEST(Probe, AnotherContractIsRefusedWithBothHashes) {
  auto transport = std::make_unique<MockTransport>(4096);
  MockTransport& mock = *transport;
  mock.reads(reg::kId, 0x12345678).reads(reg::kIdHi, 0x9abcdef0);
  Driver driver(std::move(transport));
  const Status status = driver.probe().status();
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  char ours[32];
  std::snprintf(ours, sizeof ours, "0x%016llx", static_cast<unsigned long long>(contract::kHash));
  EXPECT_EQ(status.message(),
            std::string("mock: the device's contract hash is 0x9abcdef012345678, this driver was built for ") + ours);
  EXPECT_EQ(mock.difference(), "");
}

TEST(Probe, AnotherVersionIsRefused) {
  auto transport = std::make_unique<MockTransport>(4096);
  transport->reads(reg::kId, static_cast<uint32_t>(contract::kHash))
      .reads(reg::kIdHi, static_cast<uint32_t>(contract::kHash >> 32))
      .reads(reg::kVersion, 99);
  Driver driver(std::move(transport));
  EXPECT_EQ(driver.probe().status().code(), Code::kFailedPrecondition);
}

TEST(Probe, AllOnesMeansNobodyAnswers) {
  auto transport = std::make_unique<MockTransport>(4096);
  transport->reads(reg::kId, ~0u).reads(reg::kIdHi, ~0u);
  Driver driver(std::move(transport));
  EXPECT_EQ(driver.probe().status().code(), Code::kDeviceLost);
}

TEST(Init, ImpossibleRingsAreRefusedBeforeAnyWrite) {
  for (const auto& [base, count] :
       std::vector<std::pair<uint64_t, uint32_t>>{{0, 3}, {0, 1}, {64, 4}, {0, 1 << 20}, {(1 << 20) - 128, 4}}) {
    auto transport = std::make_unique<MockTransport>(1 << 20);
    MockTransport& mock = *transport;
    Driver driver(std::move(transport));
    DriverConfig config = small_config();
    config.ring_base = base;
    config.ring_descriptors = count;
    EXPECT_EQ(driver.init(config).code(), Code::kInvalidArgument) << base << ' ' << count;
    EXPECT_TRUE(mock.conversation().empty());
  }
}

TEST(Init, AResetThatDoesNotEndIsALostDevice) {
  auto transport = std::make_unique<MockTransport>(1 << 20);
  transport->writes(reg::kCtrl, 0x2).reads(reg::kCtrl, 0x2);
  Driver driver(std::move(transport));
  EXPECT_EQ(driver.init(small_config()).code(), Code::kDeviceLost);
}

TEST(Submit, WritesTheRingThenTheDoorbell) {
  Bench bench;
  bench.mock.writes(reg::kRingTail, 2);
  const std::vector<contract::Descriptor> program = {nop(), fence(7)};
  EXPECT_TRUE(bench.driver.submit(program).ok());
  EXPECT_EQ(bench.mock.difference(), "");
  contract::Descriptor second;
  std::memcpy(second.words.data(), bench.mock.memory().data() + contract::kDescriptorBytes, contract::kDescriptorBytes);
  EXPECT_EQ(second, fence(7));
}

TEST(Submit, WrapsAndWaitsForRoom) {
  Bench bench;
  bench.mock
      .writes(reg::kRingTail, 4)  // the ring is full
      .reads(reg::kRingHead, 0)
      .waits(1, false)
      .reads(reg::kStatus, 0x1)
      .reads(reg::kRingHead, 3)  // three were taken
      .writes(reg::kRingTail, 6);
  std::vector<contract::Descriptor> program(5, nop());
  program.push_back(fence(1));
  EXPECT_TRUE(bench.driver.submit(program).ok());
  EXPECT_EQ(bench.mock.difference(), "");
  contract::Descriptor wrapped;
  std::memcpy(wrapped.words.data(), bench.mock.memory().data() + contract::kDescriptorBytes,
              contract::kDescriptorBytes);
  EXPECT_EQ(wrapped, fence(1)) << "index 5 lies in place 1 of 4";
}

TEST(Submit, FreeRunningIndicesSurviveManyWraps) {
  Bench bench;
  for (uint32_t i = 1; i <= 1000; ++i) {
    if (i > 4 && (i - 1) % 4 == 0) bench.mock.reads(reg::kRingHead, i - 1);
    bench.mock.writes(reg::kRingTail, i);
  }
  const std::vector<contract::Descriptor> one = {nop()};
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(bench.driver.submit(one).ok());
  EXPECT_EQ(bench.mock.difference(), "");
}

TEST(Fence, AlreadyReachedNeedsNoInterrupt) {
  Bench bench;
  script_fence_read(bench.mock, 5);
  EXPECT_TRUE(bench.driver.wait_fence(5).ok());
  EXPECT_EQ(bench.mock.difference(), "");
}

TEST(Fence, WaitsForTheInterruptClearsItsCauseAndLooksAgain) {
  Bench bench;
  script_fence_read(bench.mock, 0);
  bench.mock.waits(300, true).reads(reg::kIrqStatus, 0x1).writes(reg::kIrqStatus, 0x1);
  script_fence_read(bench.mock, 0x100000001);
  EXPECT_TRUE(bench.driver.wait_fence(0x100000001).ok());
  EXPECT_EQ(bench.mock.difference(), "");
  EXPECT_EQ(bench.driver.lost_interrupts(), 0u);
}

TEST(Fence, AnEarlierFencesInterruptIsNotMistakenForIt) {
  Bench bench;
  script_fence_read(bench.mock, 1);
  bench.mock.waits(10, true).reads(reg::kIrqStatus, 0x1).writes(reg::kIrqStatus, 0x1);
  script_fence_read(bench.mock, 1);
  bench.mock.waits(10, true).reads(reg::kIrqStatus, 0x1).writes(reg::kIrqStatus, 0x1);
  script_fence_read(bench.mock, 2);
  EXPECT_TRUE(bench.driver.wait_fence(2).ok());
  EXPECT_EQ(bench.mock.difference(), "");
}

TEST(Fence, ALostInterruptIsFoundByTheFenceRegister) {
  Bench bench;
  script_fence_read(bench.mock, 0);
  bench.mock.waits(10000, false).reads(reg::kStatus, 0);
  script_fence_read(bench.mock, 1);
  EXPECT_TRUE(bench.driver.wait_fence(1).ok());
  EXPECT_EQ(bench.driver.lost_interrupts(), 1u);
  EXPECT_EQ(bench.mock.difference(), "");
}

TEST(Counters, AreReadLowFirstForTheLatch) {
  Bench bench;
  bench.mock.reads(reg::kPerfCyclesLo, 5)
      .reads(reg::kPerfCyclesHi, 1)
      .reads(reg::kPerfMacsLo, 6)
      .reads(reg::kPerfMacsHi, 0)
      .reads(reg::kPerfDramReadLo, 7)
      .reads(reg::kPerfDramReadHi, 0)
      .reads(reg::kPerfDramWriteLo, 8)
      .reads(reg::kPerfDramWriteHi, 0)
      .reads(reg::kPerfCommandsLo, 9)
      .reads(reg::kPerfCommandsHi, 0)
      .reads(reg::kPerfOverflowLo, 10)
      .reads(reg::kPerfOverflowHi, 0);
  const auto counters = bench.driver.counters();
  ASSERT_TRUE(counters.ok());
  EXPECT_EQ(counters->cycles, 0x100000005u);
  EXPECT_EQ(counters->overflow, 10u);
  EXPECT_EQ(bench.mock.difference(), "");
}

TEST(Seam, AccessSizesAndUnmappableMemoryAreAnswered) {
  MockTransport mock(64);
  EXPECT_EQ(mock.read(reg::kId, 8).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(mock.read(2, 4).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(mock.write(reg::kCtrl, 1, 2).code(), Code::kInvalidArgument);
  std::byte host[64];
  EXPECT_EQ(mock.dma_map(0, host, DmaAccess::kRead).code(), Code::kUnsupported);
  EXPECT_EQ(mock.dma_unmap(0, 64).code(), Code::kUnsupported);
  EXPECT_TRUE(mock.conversation().empty());
}

TEST(Seam, TheMockNoticesEveryDeviation) {
  MockTransport other(64);
  other.reads(reg::kId, 1);
  (void)other.write(reg::kCtrl, 1, 4);
  EXPECT_EQ(other.difference(), "step 1: expected read id, got write ctrl = 0x00000001");
  MockTransport more(64);
  (void)more.read(reg::kId, 4);
  EXPECT_EQ(more.difference(), "step 1: expected nothing more, got read id");
  MockTransport less(64);
  less.reads(reg::kId, 1);
  EXPECT_EQ(less.difference(), "step 1: expected read id, got nothing more");
}

}  // namespace
}  // namespace systole::npu
