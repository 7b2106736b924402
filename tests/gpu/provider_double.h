// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A provider without hardware: memory of the host's, kernels that compute nothing, and faults at will.
#pragma once

#include <atomic>
#include <functional>

#include "devices/gpu/provider.h"

namespace systole::gpu {

class ProviderDouble final : public Provider {
 public:
  explicit ProviderDouble(int64_t memory_bytes = int64_t{1} << 30);
  const Facts& facts() const override { return facts_; }
  Result<std::unique_ptr<Memory>> allocate(int64_t bytes) override;
  Result<std::unique_ptr<Memory>> allocate_pinned(int64_t bytes) override;
  Result<std::shared_ptr<Kernel>> build(const ProgramSource& source, const std::string& entry,
                                        std::vector<std::byte>& binary) override;
  Result<std::unique_ptr<Stream>> stream() override;

  // What happens from now on: at every build, at every wait of a stream, at every launch. Set between uses.
  Status at_build, at_finish, at_launch;
  std::function<void()> on_launch = [] {};
  std::function<void(std::span<const Operand>)> kernel = [](std::span<const Operand>) {};  // what every kernel does
  std::atomic<int> builds{0}, launches{0};
  std::atomic<int64_t> allocated_bytes{0};

 private:
  Facts facts_;
};

}  // namespace systole::gpu
