// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/npu_driver/conversation.h"

#include <gtest/gtest.h>

namespace systole::npu {

namespace reg = contract::reg;

DriverConfig small_config() {
  DriverConfig config;
  config.ring_descriptors = 4;
  config.dram_bytes = 1 << 20;
  config.watchdog_cycles = 5000;
  config.timeout_cycles = 10000;
  return config;
}

void script_probe(MockTransport& mock) {
  mock.reads(reg::kId, static_cast<uint32_t>(contract::kHash))
      .reads(reg::kIdHi, static_cast<uint32_t>(contract::kHash >> 32))
      .reads(reg::kVersion, contract::kVersion)
      .reads(reg::kCapArray, 32u << 16 | 16u)
      .reads(reg::kCapScratchpad, 512)
      .reads(reg::kCapAccumulator, 1024)
      .reads(reg::kCapVector, 16)
      .reads(reg::kCapSemaphores, 32)
      .reads(reg::kCapDtypes, 0x9)
      .reads(reg::kCapLoop, 64)
      .reads(reg::kCapDramLo, 0)
      .reads(reg::kCapDramHi, 2)
      .reads(reg::kCapClock, 700000)
      .reads(reg::kCapCores, 0x0101);
}

void script_bring_up(MockTransport& mock, const DriverConfig& config) {
  for (uint32_t core = 0; core < config.cores; ++core) {
    const uint32_t at = core << config.core_stride_log2;
    const auto ring = static_cast<uint32_t>(config.ring_base + core * config.ring_bytes());
    if (core == 0) mock.writes(reg::kCtrl, 0x2).reads(reg::kCtrl, 0);
    mock.writes(at + reg::kRingBaseLo, ring)
        .writes(at + reg::kRingBaseHi, 0)
        .writes(at + reg::kRingSize, config.ring_descriptors)
        .writes(at + reg::kWindow0BaseLo, ring)
        .writes(at + reg::kWindow0BaseHi, 0)
        .writes(at + reg::kWindow0LimitLo, ring + static_cast<uint32_t>(config.ring_bytes()))
        .writes(at + reg::kWindow0LimitHi, 0)
        .writes(at + reg::kWindow0Flags, 0x1)
        .writes(at + reg::kWindow1BaseLo, static_cast<uint32_t>(config.rings_end()))
        .writes(at + reg::kWindow1BaseHi, 0)
        .writes(at + reg::kWindow1LimitLo, static_cast<uint32_t>(config.dram_bytes))
        .writes(at + reg::kWindow1LimitHi, 0)
        .writes(at + reg::kWindow1Flags, 0x3)
        .writes(at + reg::kWatchdog, config.watchdog_cycles);
    if (core == 0) mock.writes(reg::kIrqEnable, 0x3).enables_irq(true);
    if (core > 0) mock.writes(at + reg::kCtrl, 0x1);
  }
  mock.writes(reg::kCtrl, 0x1);
}

void script_fence_read(MockTransport& mock, uint64_t sequence) {
  mock.reads(reg::kFenceLo, static_cast<uint32_t>(sequence))
      .reads(reg::kFenceHi, static_cast<uint32_t>(sequence >> 32));
}

void script_error(MockTransport& mock, contract::ErrorCode code, uint64_t address, uint32_t descriptor,
                  contract::Engine engine) {
  mock.reads(reg::kStatus, 0x4)
      .reads(reg::kErrorCode, static_cast<uint32_t>(code))
      .reads(reg::kErrorAddrLo, static_cast<uint32_t>(address))
      .reads(reg::kErrorAddrHi, static_cast<uint32_t>(address >> 32))
      .reads(reg::kErrorSeq, descriptor)
      .reads(reg::kErrorEngine, static_cast<uint32_t>(engine));
}

contract::Descriptor nop() { return contract::encode(contract::Nop{}); }

contract::Descriptor fence(uint64_t sequence, bool irq) {
  contract::Fence command;
  command.sequence = sequence;
  command.irq = irq;
  return contract::encode(command);
}

Bench::Bench(const DriverConfig& config) : Bench(std::make_unique<MockTransport>(config.dram_bytes), config) {}

Bench::Bench(std::unique_ptr<MockTransport> transport, const DriverConfig& config)
    : mock(*transport), driver(std::move(transport)) {
  script_bring_up(mock, config);
  EXPECT_TRUE(driver.init(config).ok());
  EXPECT_EQ(mock.difference(), "");
}

}  // namespace systole::npu
