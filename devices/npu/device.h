// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "configs/spec/load.h"
#include "devices/npu/compiler/compiler.h"
#include "devices/npu/hardware.h"
#include "hal/device.h"
#include "hal/traffic.h"

namespace systole::npu {

// Over any transport: the hardware it is given is probed and initialised.
class NpuDevice final : public Device, public TrafficSource {
 public:
  NpuDevice(std::string uri, std::shared_ptr<Hardware> hardware, Residency residency);

  const DeviceInfo& info() const override { return info_; }
  Support supports(const OpDesc& op) const override;
  // kConstant is host memory, packed at compile once frozen; everything else is device memory, mappable and coherent.
  Result<std::shared_ptr<Buffer>> allocate(const BufferParams& params) override;
  Result<std::shared_ptr<Executable>> compile(const CommandList& list) override;
  Result<std::shared_ptr<Executable>> load(const CommandList& list, std::span<const std::byte> image) override;
  MemoryUse memory_use() const override;
  std::vector<Series> traffic() const override;
  void set_tracing(bool on) override;

 protected:
  void stop() override { hardware_->driver.request_stop(); }
  Status restart() override;

 private:
  Result<std::shared_ptr<Executable>> place(Result<std::vector<Program>> programs,
                                            std::chrono::steady_clock::time_point start);

  std::shared_ptr<Hardware> hardware_;
  Compiler compiler_;
  DeviceInfo info_;
  std::atomic<int64_t> scratchpad_high_water_{0}, accumulator_high_water_{0};  // bytes
};

// Probes and initialises the driver, and holds the device's capabilities against the spec.
Result<std::shared_ptr<Hardware>> bring_up(const spec::NpuSpec& spec, std::unique_ptr<Transport> transport,
                                           uint32_t watchdog_cycles);

}  // namespace systole::npu
