// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/npu_driver/conversation.h"

namespace systole::npu {
namespace {

namespace reg = contract::reg;
using contract::Engine;
using contract::ErrorCode;

TEST(Fault, TheErrorRegistersBecomeAReport) {
  Bench bench;
  script_fence_read(bench.mock, 0);
  bench.mock.waits(250, true).reads(reg::kIrqStatus, 0x2).writes(reg::kIrqStatus, 0x2);
  script_error(bench.mock, ErrorCode::kDmaFault, 0x123456789a, 3, Engine::kLoad);
  const Status status = bench.driver.wait_fence(1);
  EXPECT_EQ(bench.mock.difference(), "");
  EXPECT_EQ(status.code(), Code::kDeviceFault);
  EXPECT_EQ(status.message(),
            "dma_fault: an access outside every DMA window or against its direction (device address 0x123456789a, "
            "descriptor 3, load engine)");
  ASSERT_NE(status.fault(), nullptr);
  EXPECT_EQ(status.fault()->kind, FaultReport::Kind::kDmaFault);
  EXPECT_EQ(status.fault()->device_code, 5u);
  EXPECT_EQ(status.fault()->address, 0x123456789aull);
  EXPECT_EQ(status.fault()->cycle, 250u);
}

TEST(Fault, EveryCodeOfTheContractHasAKindAndAName) {
  for (uint8_t code = 1; contract::is_valid(static_cast<ErrorCode>(code)); ++code) {
    Bench bench;
    script_fence_read(bench.mock, 0);
    bench.mock.waits(1, true).reads(reg::kIrqStatus, 0x2).writes(reg::kIrqStatus, 0x2);
    script_error(bench.mock, static_cast<ErrorCode>(code), 0, 0, Engine::kControl);
    const Status status = bench.driver.wait_fence(1);
    ASSERT_NE(status.fault(), nullptr);
    EXPECT_NE(status.fault()->kind, FaultReport::Kind::kOther) << contract::name(static_cast<ErrorCode>(code));
    EXPECT_EQ(status.message().rfind(contract::name(static_cast<ErrorCode>(code)), 0), 0u);
  }
}

TEST(Fault, AMissedErrorInterruptIsFoundByTheStatusRegister) {
  Bench bench;
  script_fence_read(bench.mock, 0);
  bench.mock.waits(10000, false);
  script_error(bench.mock, ErrorCode::kWatchdog, 0, 0, Engine::kCompute);
  const Status status = bench.driver.wait_fence(1);
  EXPECT_EQ(status.code(), Code::kDeviceFault);
  EXPECT_EQ(status.fault()->kind, FaultReport::Kind::kWatchdog);
}

TEST(Fault, WhileWaitingForRoomEndsTheSubmission) {
  Bench bench;
  bench.mock.writes(reg::kRingTail, 4)
      .reads(reg::kRingHead, 0)
      .waits(1, true)
      .reads(reg::kIrqStatus, 0x2)
      .writes(reg::kIrqStatus, 0x2);
  script_error(bench.mock, ErrorCode::kBadOpcode, 0, 0, Engine::kControl);
  EXPECT_EQ(bench.driver.submit(std::vector<contract::Descriptor>(6, nop())).code(), Code::kDeviceFault);
  EXPECT_EQ(bench.mock.difference(), "");
}

TEST(Fault, NothingIsAcceptedUntilResetAndEverythingAfterIt) {
  Bench bench;
  script_fence_read(bench.mock, 0);
  bench.mock.waits(1, true).reads(reg::kIrqStatus, 0x2).writes(reg::kIrqStatus, 0x2);
  script_error(bench.mock, ErrorCode::kReservedBits, 0x80, 1, Engine::kControl);
  EXPECT_FALSE(bench.driver.wait_fence(1).ok());
  EXPECT_TRUE(bench.driver.failed());
  const std::vector<contract::Descriptor> one = {nop()};
  EXPECT_EQ(bench.driver.submit(one).code(), Code::kFailedPrecondition);
  EXPECT_EQ(bench.driver.wait_fence(1).code(), Code::kFailedPrecondition);
  EXPECT_EQ(bench.mock.difference(), "");

  script_bring_up(bench.mock, small_config());
  EXPECT_TRUE(bench.driver.reset().ok());
  EXPECT_FALSE(bench.driver.failed());
  bench.mock.writes(reg::kRingTail, 1);  // the indices begin again
  EXPECT_TRUE(bench.driver.submit(one).ok());
  EXPECT_EQ(bench.mock.difference(), "");
}

TEST(Timeout, NoProgressInDeviceTimeIsALostDevice) {
  Bench bench;
  bench.mock.writes(reg::kRingTail, 1);
  ASSERT_TRUE(bench.driver.submit(std::vector<contract::Descriptor>{fence(1)}).ok());
  script_fence_read(bench.mock, 0);
  bench.mock.waits(10000, false).reads(reg::kStatus, 0x1);
  script_fence_read(bench.mock, 0);
  bench.mock.reads(reg::kPerfCommandsLo, 0).reads(reg::kPerfCommandsHi, 0).reads(reg::kRingHead, 0);
  const Status status = bench.driver.wait_fence(1);
  EXPECT_EQ(bench.mock.difference(), "");
  EXPECT_EQ(status.code(), Code::kDeviceLost);
  EXPECT_EQ(status.message(),
            "mock: no progress for 10000 cycles of device time, waiting for fence 1; descriptor 0 of 1 is next");
}

// The core whose ring is stuck is named, not the first one.
TEST(Timeout, NamesTheCoresThatDontGetOn) {
  DriverConfig config = small_config();
  config.cores = 3, config.core_stride_log2 = 12;
  Bench bench(config);
  ASSERT_EQ(bench.mock.difference(), "");
  const auto of = [&](uint32_t core, uint32_t offset) { return (core << config.core_stride_log2) + offset; };
  const std::vector<contract::Descriptor> one{fence(1)}, two{nop(), fence(1)};
  bench.mock.writes(reg::kRingTail, 1).writes(of(1, reg::kRingTail), 2).writes(of(2, reg::kRingTail), 2);
  ASSERT_TRUE(bench.driver.submit_to_cores({one, two, two}).ok());
  script_fence_read(bench.mock, 0);
  for (int slice = 0; slice < 2; ++slice) {  // progress in the first one, none in the second
    bench.mock.waits(10000, false);
    for (uint32_t core = 0; core < 3; ++core) bench.mock.reads(of(core, reg::kStatus), 0x1);
    script_fence_read(bench.mock, 0);
    for (uint32_t core = 0; core < 3; ++core)
      bench.mock.reads(of(core, reg::kPerfCommandsLo), 0)
          .reads(of(core, reg::kPerfCommandsHi), 0)
          .reads(of(core, reg::kRingHead), core == 2   ? 2
                                           : core == 0 ? 1
                                                       : 0);
  }
  const Status status = bench.driver.wait_fence(1);
  EXPECT_EQ(bench.mock.difference(), "");
  EXPECT_EQ(
      status.message(),
      "mock: no progress for 10000 cycles of device time, waiting for fence 1; core 1: descriptor 0 of 2 is next");
}

TEST(Timeout, ProgressKeepsTheWaitAlive) {
  Bench bench;
  script_fence_read(bench.mock, 0);
  for (uint32_t commands = 1; commands <= 5; ++commands) {
    bench.mock.waits(10000, false).reads(reg::kStatus, 0x1);
    script_fence_read(bench.mock, 0);
    bench.mock.reads(reg::kPerfCommandsLo, commands).reads(reg::kPerfCommandsHi, 0).reads(reg::kRingHead, 0);
  }
  bench.mock.waits(10, true).reads(reg::kIrqStatus, 0x1).writes(reg::kIrqStatus, 0x1);
  script_fence_read(bench.mock, 1);
  EXPECT_TRUE(bench.driver.wait_fence(1).ok());
  EXPECT_EQ(bench.mock.difference(), "");
}

TEST(Timeout, ADeadLinkIsALostDevice) {
  Bench bench;
  script_fence_read(bench.mock, 0);
  bench.mock.waits(10000, false).reads(reg::kStatus, ~0u);
  EXPECT_EQ(bench.driver.wait_fence(1).code(), Code::kDeviceLost);
  Bench failing;
  failing.mock.fails_reads(Status(Code::kDeviceLost, "link down"));
  EXPECT_EQ(failing.driver.wait_fence(1).message(), "link down");
}

TEST(Stop, ARequestEndsTheWait) {
  Bench bench;
  bench.driver.request_stop();
  script_fence_read(bench.mock, 0);
  EXPECT_EQ(bench.driver.wait_fence(1).code(), Code::kCancelled);
  EXPECT_EQ(bench.mock.difference(), "");
  EXPECT_TRUE(bench.driver.failed());
}

}  // namespace
}  // namespace systole::npu
