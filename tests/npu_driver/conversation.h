// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Parts of the register conversation that tests share, and small programs.
#pragma once

#include <vector>

#include "configs/contract/generated/npu_contract.h"
#include "devices/npu/driver.h"
#include "devices/npu/transport_mock.h"

namespace systole::npu {

// Ring of four descriptors at 0, 1 MiB of device memory behind it.
DriverConfig small_config();

void script_probe(MockTransport& mock);
void script_bring_up(MockTransport& mock, const DriverConfig& config);
void script_fence_read(MockTransport& mock, uint64_t sequence);
// The error registers and what leads to them, after an interrupt.
void script_error(MockTransport& mock, contract::ErrorCode code, uint64_t address, uint32_t descriptor,
                  contract::Engine engine);

contract::Descriptor nop();
contract::Descriptor fence(uint64_t sequence, bool irq = true);

// A mock whose script begins with bring-up, and the driver on it after init. The driver owns the mock.
struct Bench {
  explicit Bench(const DriverConfig& config = small_config());
  MockTransport& mock;
  Driver driver;

 private:
  explicit Bench(std::unique_ptr<MockTransport> transport, const DriverConfig& config);
};

}  // namespace systole::npu
