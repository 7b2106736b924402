// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The driver on the SystemC model of a tiny NPU, and commands to give it.
#pragma once

#include <cstring>
#include <memory>
#include <vector>

#include "configs/contract/generated/npu_contract.h"
#include "configs/spec/npu_spec.h"
#include "devices/npu/driver.h"

namespace systole::npu {

using Descriptors = std::vector<contract::Descriptor>;

struct ModelBench {
  explicit ModelBench(const char* preset = "tiny-4x4", uint32_t ring_descriptors = 64, bool functional = true,
                      bool race_check = false);

  std::byte* at(uint64_t address) { return driver->transport().memory().data() + address; }
  uint64_t data() const { return config.ring_base + config.ring_bytes(); }  // first address behind the ring
  // Submits the commands with a fence behind them and waits for it.
  Status run(Descriptors commands);

  spec::NpuSpec spec;
  DriverConfig config;
  std::unique_ptr<Driver> driver;
  uint64_t sequence = 0;
};

// `rows` rows of `bytes` from consecutive device memory to consecutive scratchpad.
contract::Load load(uint64_t dram, uint32_t local, uint32_t bytes, uint32_t rows = 1);
contract::Store store(uint64_t dram, uint32_t local, uint32_t bytes, uint32_t rows = 1);

}  // namespace systole::npu
