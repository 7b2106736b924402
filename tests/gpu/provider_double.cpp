// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/gpu/provider_double.h"

#include <cstring>

namespace systole::gpu {
namespace {

class HostBytes final : public Memory {
 public:
  HostBytes(ProviderDouble& provider, int64_t size)
      : provider_(provider), size_(size), bytes_(new std::byte[static_cast<size_t>(size)]) {
    provider_.allocated_bytes += size_;
  }
  ~HostBytes() override { provider_.allocated_bytes -= size_; }
  std::byte* host() const override { return bytes_.get(); }

 private:
  ProviderDouble& provider_;
  int64_t size_;
  std::unique_ptr<std::byte[]> bytes_;  // of any content
};

struct RecordingDouble final : Recording {
  std::vector<std::function<void()>> commands;
};

std::byte* at(const Operand& operand) { return operand.memory->host() + operand.offset; }

class StreamDouble final : public Stream {
 public:
  explicit StreamDouble(ProviderDouble& provider) : provider_(provider) {}
  Status launch(Kernel&, const Grid&, std::span<const Operand> operands, std::span<const std::byte>) override {
    if (recording_) return asked({}, [] {});
    ++provider_.launches;
    provider_.on_launch();
    return asked(provider_.at_launch, [&] { provider_.kernel(operands); });
  }
  Status copy(const Operand& from, const Operand& to, int64_t bytes) override {
    return asked({}, [=] { std::memcpy(at(to), at(from), static_cast<size_t>(bytes)); });
  }
  Status fill(const Operand& to, int64_t bytes, uint32_t pattern, int pattern_bytes) override {
    return asked({}, [=] {
      for (int64_t i = 0; i < bytes; i += pattern_bytes)
        std::memcpy(at(to) + i, &pattern, static_cast<size_t>(pattern_bytes));
    });
  }
  Status write(std::span<const std::byte> from, const Operand& to) override {
    std::memcpy(at(to), from.data(), from.size());
    return provider_.at_finish;
  }
  Status read(const Operand& from, std::span<std::byte> to) override {
    std::memcpy(to.data(), at(from), to.size());
    return provider_.at_finish;
  }
  Status flush() override { return {}; }
  Status finish() override { return provider_.at_finish; }
  Status set_profiling(bool on) override {
    profiling_ = on;
    stamps_.clear();
    return {};
  }
  Result<std::vector<Stamp>> stamps() override { return std::exchange(stamps_, {}); }
  Status record() override {
    if (provider_.at_record.ok()) recording_ = std::make_unique<RecordingDouble>();
    return provider_.at_record;
  }
  Result<std::unique_ptr<Recording>> recorded() override {
    auto made = std::move(recording_);
    if (!provider_.at_recorded.ok()) return provider_.at_recorded;
    ++provider_.recordings;
    provider_.recorded = static_cast<int>(made->commands.size());
    return std::unique_ptr<Recording>(std::move(made));
  }
  Status replay(Recording& recording) override {
    provider_.on_replay();
    if (!provider_.at_replay.ok()) return provider_.at_replay;
    ++provider_.replays;
    for (const auto& command : static_cast<RecordingDouble&>(recording).commands) command();
    return {};
  }

 private:
  Status asked(Status status, std::function<void()> command) {
    if (recording_) {
      recording_->commands.push_back(std::move(command));
      return {};
    }
    command();
    const double taken = provider_.command_ns, time = (taken + 2) * static_cast<double>(stamps_.size());
    if (profiling_) stamps_.push_back({1000 + time, 1002 + time, 1002 + time + taken});
    return status;
  }

  ProviderDouble& provider_;
  std::unique_ptr<RecordingDouble> recording_;
  bool profiling_ = false;
  std::vector<Stamp> stamps_;
};

}  // namespace

ProviderDouble::ProviderDouble(int64_t memory_bytes, bool is_cpu) {
  facts_.provider = "double";
  facts_.name = "a device of the tests";
  facts_.driver = "1";
  facts_.memory_bytes = facts_.most_allocation_bytes = memory_bytes;
  facts_.local_bytes = 32768;
  facts_.compute_units = 1;
  facts_.most_work_items = 256;
  facts_.f64 = true;
  facts_.is_cpu = is_cpu;
}

Result<std::unique_ptr<Memory>> ProviderDouble::allocate(int64_t bytes) {
  if (bytes > facts_.memory_bytes - allocated_bytes)
    return Status(Code::kOutOfMemory, std::to_string(bytes) + " bytes asked for, the double has " +
                                          std::to_string(facts_.memory_bytes - allocated_bytes));
  return std::unique_ptr<Memory>(std::make_unique<HostBytes>(*this, bytes));
}

Result<std::unique_ptr<Memory>> ProviderDouble::allocate_pinned(int64_t bytes) {
  if (!at_pinned.ok()) return at_pinned;
  return std::unique_ptr<Memory>(std::make_unique<HostBytes>(*this, bytes));
}

Result<std::shared_ptr<Kernel>> ProviderDouble::build(const ProgramSource& source, const std::string& entry,
                                                      std::vector<std::byte>& binary) {
  ++builds;
  if (!at_build.ok()) return at_build;
  if (binary.empty()) {
    const std::string made = source.name + "." + entry;
    binary.resize(made.size());
    std::memcpy(binary.data(), made.data(), made.size());
  }
  return std::make_shared<Kernel>();
}

Result<std::unique_ptr<Stream>> ProviderDouble::stream() {
  ++streams;
  return std::unique_ptr<Stream>(std::make_unique<StreamDouble>(*this));
}

}  // namespace systole::gpu
