// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a device, its buffers and its executables share: the driver, the memory, the one lock around the hardware.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "configs/spec/npu_spec.h"
#include "devices/npu/allocator.h"
#include "devices/npu/driver.h"

namespace systole::npu {

// Kept alive by everything that has an address in its memory.
struct Hardware {
  Hardware(spec::NpuSpec hardware_spec, std::unique_ptr<Transport> transport, const DriverConfig& config)
      : spec(std::move(hardware_spec)),
        driver(std::move(transport)),
        allocator(config.rings_end(), static_cast<int64_t>(config.dram_bytes - config.rings_end())) {}

  std::byte* at(uint64_t address) { return driver.transport().memory().data() + address; }

  const spec::NpuSpec spec;
  bool functional = true;
  std::mutex mutex;  // around every use of `driver` but request_stop and the memory window
  Driver driver;
  Allocator allocator;
  uint64_t fences = 0;  // sequences given out; never reused, over resets too
  std::atomic<bool> tracing{false};
  std::atomic<int64_t> prepared_bytes{0}, prepare_us{0};
};

// A block of device memory, freed with its last owner.
class DeviceBlock {
 public:
  // No block for size 0.
  static Result<DeviceBlock> allocate(std::shared_ptr<Hardware> hardware, int64_t size, int64_t alignment,
                                      const std::string& name);
  DeviceBlock() = default;
  DeviceBlock(DeviceBlock&& other) noexcept : hardware_(std::move(other.hardware_)), address_(other.address_) {}
  DeviceBlock& operator=(DeviceBlock&& other) noexcept;
  ~DeviceBlock();

  uint64_t address() const { return address_; }
  std::byte* bytes() const { return hardware_ ? hardware_->at(address_) : nullptr; }

 private:
  std::shared_ptr<Hardware> hardware_;
  uint64_t address_ = 0;
};

}  // namespace systole::npu
