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
  explicit ProviderDouble(int64_t memory_bytes = int64_t{1} << 30, bool is_cpu = false);
  const Facts& facts() const override { return facts_; }
  Result<std::unique_ptr<Memory>> allocate(int64_t bytes) override;
  Result<std::unique_ptr<Memory>> allocate_pinned(int64_t bytes) override;
  Result<std::shared_ptr<Kernel>> build(const ProgramSource& source, const std::string& entry,
                                        std::vector<std::byte>& binary) override;
  Result<std::unique_ptr<Stream>> stream() override;

  // What happens from now on: at every build, at every wait of a stream, at every launch; at the start and the end of
  // every recording, at every replay, for pinned memory. Set between uses.
  Status at_build, at_finish, at_launch, at_record, at_recorded, at_replay, at_pinned;
  std::function<void()> on_launch = [] {}, on_replay = [] {};
  std::function<void(std::span<const Operand>)> kernel = [](std::span<const Operand>) {};  // what every kernel does
  std::atomic<double> command_ns{8};  // what each takes on the device
  // Launches: not those recorded. recorded: commands of the last recording.
  std::atomic<int> builds{0}, launches{0}, recordings{0}, recorded{0}, replays{0}, streams{0};
  std::atomic<int64_t> allocated_bytes{0};

 private:
  Facts facts_;
};

}  // namespace systole::gpu
