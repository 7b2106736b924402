// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A GPU over any provider.
#pragma once

#include <memory>

#include "devices/gpu/core.h"
#include "devices/gpu/gpu_buffer.h"
#include "hal/device.h"
#include "hal/peaks.h"

namespace systole::gpu {

class GpuDevice final : public Device, public PeakSource {
 public:
  // `memory_limit`: bytes that allocate gives out at most.
  GpuDevice(std::string uri, std::shared_ptr<Runtime> runtime, int64_t memory_limit, const DeviceOptions& options = {});

  const DeviceInfo& info() const override { return info_; }
  Support supports(const OpDesc& op) const override;
  // kConstant is host memory, uploaded at compile once frozen.
  Result<std::shared_ptr<Buffer>> allocate(const BufferParams& params) override;
  Result<std::shared_ptr<Executable>> compile(const CommandList& list) override;
  MemoryUse memory_use() const override;
  // A lost context stays lost: reset() says so, and a device opened afterwards has another.
  Health health() const override;
  std::string peaks_key() const override;
  Result<Peaks> measure_peaks() override;

 protected:
  void stop() override { ++core_->generation; }
  Status restart() override { return core_->alive(); }

 private:
  std::shared_ptr<Core> core_;
  std::shared_ptr<ConstantCache> constants_ = std::make_shared<ConstantCache>();
  DeviceInfo info_;
};

}  // namespace systole::gpu
