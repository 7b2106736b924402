// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/device.h"

#include <algorithm>
#include <chrono>

#include "devices/npu/executable.h"
#include "devices/npu/program_image.h"

namespace systole::npu {
namespace {

constexpr const char* kScratchpadBytes = "scratchpad_bytes";
constexpr const char* kAccumulatorBytes = "accumulator_bytes";

class NpuBuffer final : public Buffer {
 public:
  NpuBuffer(BufferParams params, std::shared_ptr<Device> device, DeviceBlock block)
      : Buffer(std::move(params)), device_(std::move(device)), block_(std::move(block)) {}

  Device* device() const override { return device_.get(); }
  uint64_t device_address() const override { return block_.address(); }

 protected:
  Result<std::byte*> do_map(int64_t offset, int64_t, MapAccess) override { return block_.bytes() + offset; }

 private:
  std::shared_ptr<Device> device_;
  DeviceBlock block_;
};

std::vector<Limit> limits_of(const spec::NpuSpec& s) {
  const auto limit = [](const char* name, double value) { return Limit{name, value, NumberKind::kSimulated}; };
  std::vector<Limit> limits = {limit("peak_macs_per_cycle_i8", spec::peak_macs_per_cycle_i8(s)),
                               limit("peak_macs_per_cycle_bf16", spec::peak_macs_per_cycle_bf16(s)),
                               limit("clock_hz", static_cast<double>(s.clock.hz)),
                               limit("dram_bytes_per_s", s.dram.bytes_per_second),
                               limit(kScratchpadBytes, static_cast<double>(s.scratchpad.bytes)),
                               limit(kAccumulatorBytes, static_cast<double>(spec::accumulator_bytes(s))),
                               limit("dram_bytes", static_cast<double>(s.dram.bytes))};
  if (s.cores > 1) limits.push_back(limit("cores", s.cores));  // the two on-chip sizes are each one's
  return limits;
}

void raise(std::atomic<int64_t>& most, int64_t value) {
  int64_t seen = most;
  while (seen < value && !most.compare_exchange_weak(seen, value)) {
  }
}

}  // namespace

NpuDevice::NpuDevice(std::string uri, std::shared_ptr<Hardware> hardware, Residency residency)
    : hardware_(std::move(hardware)), compiler_(hardware_->spec, residency, hardware_->functional) {
  info_.uri = std::move(uri);
  info_.description = hardware_->spec.description;
  info_.memory_bytes = hardware_->allocator.size();
  info_.buffer_alignment = Allocator::kGranule;
  info_.simulated = true;
  info_.functional = hardware_->functional;
  info_.limits = limits_of(hardware_->spec);
}

Support NpuDevice::supports(const OpDesc& op) const { return compiler_.supports(op); }

Result<std::shared_ptr<Buffer>> NpuDevice::allocate(const BufferParams& params) {
  if (params.kind == MemoryKind::kConstant) return allocate_host(params);
  SYSTOLE_ASSIGN_OR_RETURN(
      DeviceBlock block,
      params.size < 1 ? Result<DeviceBlock>(Status(Code::kInvalidArgument,
                                                   "'" + params.name + "': expected a size of at least 1 byte, got " +
                                                       std::to_string(params.size)))
                      : DeviceBlock::allocate(hardware_, params.size, params.alignment, params.name));
  return std::shared_ptr<Buffer>(std::make_shared<NpuBuffer>(params, shared_from_this(), std::move(block)));
}

Result<std::shared_ptr<Executable>> NpuDevice::compile(const CommandList& list) {
  const auto start = std::chrono::steady_clock::now();
  return place(compiler_.compile_for_cores(list), start);
}

Result<std::shared_ptr<Executable>> NpuDevice::load(const CommandList& list, std::span<const std::byte> image) {
  const auto start = std::chrono::steady_clock::now();
  if (hardware_->spec.cores > 1)
    return Status(Code::kUnsupported,
                  "compiled commands are loaded for one core, this NPU has " + std::to_string(hardware_->spec.cores));
  SYSTOLE_ASSIGN_OR_RETURN(Program program, read_image(image, list, hardware_->spec));
  std::vector<Program> programs;
  programs.push_back(std::move(program));
  return place(std::move(programs), start);
}

Result<std::shared_ptr<Executable>> NpuDevice::place(Result<std::vector<Program>> compiled,
                                                     std::chrono::steady_clock::time_point start) {
  SYSTOLE_ASSIGN_OR_RETURN(std::vector<Program> programs, std::move(compiled));
  for (const Program& program : programs) {
    raise(scratchpad_high_water_, program.scratchpad_high_water_bytes);
    raise(accumulator_high_water_, program.accumulator_high_water_rows * hardware_->spec.array.cols * 4);
  }
  auto executable = make_executable(shared_from_this(), hardware_, std::move(programs));
  const auto spent = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
  hardware_->prepare_us += spent.count();
  return executable;
}

MemoryUse NpuDevice::memory_use() const {
  MemoryUse use;
  use.in_use_bytes = hardware_->allocator.in_use();
  use.peak_bytes = hardware_->allocator.peak();
  use.prepared_bytes = hardware_->prepared_bytes;
  use.prepare_ms = static_cast<double>(hardware_->prepare_us) / 1000.0;
  use.high_water = {{kScratchpadBytes, scratchpad_high_water_}, {kAccumulatorBytes, accumulator_high_water_}};
  return use;
}

std::vector<Series> NpuDevice::traffic() const {
  std::lock_guard lock(hardware_->mutex);
  Transport& transport = hardware_->driver.transport();
  const Traffic traffic = transport.traffic();
  const double ns_per_cycle = 1e9 / static_cast<double>(transport.frequency_hz());
  const auto since_reset = static_cast<double>(traffic.start) - static_cast<double>(hardware_->driver.epoch_cycles());
  size_t bins = 0;
  for (const auto& values : traffic.bins) bins = std::max(bins, values.size());
  std::vector<Series> result;
  for (size_t i = 0; i < traffic.bins.size(); ++i) {
    const std::string name = "dram" + std::to_string(i / 2) + (i % 2 == 0 ? "_read_bytes" : "_write_bytes");
    Series series{name, since_reset * ns_per_cycle, static_cast<double>(traffic.bin_cycles) * ns_per_cycle, {}};
    series.values.assign(traffic.bins[i].begin(), traffic.bins[i].end());
    series.values.resize(bins);
    result.push_back(std::move(series));
  }
  return result;
}

Status NpuDevice::restart() {
  std::lock_guard lock(hardware_->mutex);
  return hardware_->driver.reset();
}

void NpuDevice::set_tracing(bool on) {
  std::lock_guard lock(hardware_->mutex);
  hardware_->tracing = on;
  hardware_->driver.transport().set_tracing(on);
}

}  // namespace systole::npu
