// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/device.h"

#include <algorithm>

#include "devices/gpu/launch.h"
#include "devices/gpu/probe.h"
#include "devices/gpu/step.h"
#include "hal/host_memory.h"

namespace systole::gpu {

GpuDevice::GpuDevice(std::string uri, std::shared_ptr<Runtime> runtime, int64_t memory_limit,
                     const DeviceOptions& options)
    : core_(std::make_shared<Core>(std::move(runtime), uri, memory_limit, options)) {
  const Facts& facts = core_->facts;
  info_.uri = std::move(uri);
  info_.description = facts.name + " (" + facts.provider + ": " + facts.driver + ")";
  info_.queue_count = 2;
  info_.memory_bytes = memory_limit;
  info_.coherent = false;
  const auto limit = [](const char* name, int64_t value) {
    return Limit{name, static_cast<double>(value), NumberKind::kMeasured};
  };
  info_.limits = {limit("compute_units", facts.compute_units), limit("local_memory_bytes", facts.local_bytes),
                  limit("most_allocation_bytes", facts.most_allocation_bytes)};
}

Support GpuDevice::supports(const OpDesc& op) const {
  const Status valid = validate(op);
  if (!valid.ok()) return unsupported(valid.message());
  const LowerSupport lowered = lower_support(op, core_->facts);
  return lowered.yes ? supported() : unsupported(lowered.reason);
}

Result<std::shared_ptr<Buffer>> GpuDevice::allocate(const BufferParams& params) {
  SYSTOLE_RETURN_IF_ERROR(check_params(params));
  if (params.alignment > std::max(info_.memory_bytes, info_.buffer_alignment)) {
    return Status(Code::kOutOfMemory, info_.uri + ": buffer '" + params.name + "': alignment " +
                                          std::to_string(params.alignment) + " asked for, there are " +
                                          std::to_string(info_.memory_bytes) + " bytes");
  }
  if (params.kind == MemoryKind::kConstant) return allocate_host(params);
  SYSTOLE_RETURN_IF_ERROR(core_->alive());
  auto block = core_->pool->allocate(params.size, params.name);
  if (!block.ok()) {
    const Status status = core_->noted(block.status());
    return Status(status.code(), info_.uri + ": buffer " + status.message());
  }
  return std::shared_ptr<Buffer>(
      std::make_shared<GpuBuffer>(params, shared_from_this(), core_, std::move(block).value()));
}

Result<std::shared_ptr<Executable>> GpuDevice::compile(const CommandList& list) {
  for (const Command& command : list.commands()) {
    const auto* op = std::get_if<OpCall>(&command);
    if (op == nullptr) continue;
    if (const Support support = supports(describe(*op)); !support.yes)
      return Status(Code::kUnsupported, info_.uri + ": " + op_name(op->op) + " '" + op->name + "': " + support.reason);
  }
  SYSTOLE_ASSIGN_OR_RETURN(CompiledList compiled, compile_list(core_, *constants_, list));
  return make_executable(core_, constants_, std::move(compiled));
}

MemoryUse GpuDevice::memory_use() const {
  const MemoryPool::Use pool = core_->pool->use();
  MemoryUse use;
  use.in_use_bytes = pool.in_use_bytes;
  use.peak_bytes = pool.peak_bytes;
  use.prepared_bytes = core_->prepared_bytes;
  use.prepare_ms = static_cast<double>(core_->prepare_us) / 1000.0;
  return use;
}

std::string GpuDevice::peaks_key() const {
  const Facts& facts = core_->runtime->provider->facts();
  return facts.provider + '\n' + facts.name + '\n' + facts.driver + '\n' + std::to_string(facts.compute_units) +
         " units, " + std::to_string(largest_probe(*core_)) + " bytes\n";
}

Result<Peaks> GpuDevice::measure_peaks() {
  return probe_peaks(*core_, [this] { return core_->now_ns(); });
}

Health GpuDevice::health() const { return core_->runtime->lost ? Health::kLost : Device::health(); }

}  // namespace systole::gpu
