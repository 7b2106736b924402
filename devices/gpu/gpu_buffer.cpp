// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/gpu_buffer.h"

#include <cstring>

#include "hal/host_memory.h"

namespace systole::gpu {

Result<std::byte*> GpuBuffer::copy_for_host() {
  std::lock_guard lock(mutex_);
  if (!pinned_) {
    SYSTOLE_RETURN_IF_ERROR(core_->alive());
    auto pinned = core_->runtime->provider->allocate_pinned(size());
    SYSTOLE_RETURN_IF_ERROR(core_->noted(pinned.status()));
    pinned_ = std::move(pinned).value();
    std::memset(pinned_->host(), 0, static_cast<size_t>(size()));
  }
  return pinned_->host();
}

Result<std::byte*> GpuBuffer::do_map(int64_t offset, int64_t, MapAccess) {
  SYSTOLE_ASSIGN_OR_RETURN(std::byte * host, copy_for_host());
  return host + offset;
}

Status GpuBuffer::do_flush(int64_t offset, int64_t size) {
  {
    std::lock_guard lock(mutex_);
    if (!pinned_ || size == 0) return {};  // the host has written nothing
  }
  const std::span<const std::byte> bytes(pinned_->host() + offset, static_cast<size_t>(size));
  return core_->transfer([&](Stream& stream) { return stream.write(bytes, {memory(), offset}); });
}

Status GpuBuffer::do_invalidate(int64_t offset, int64_t size) {
  if (size == 0 || params().kind == MemoryKind::kDeviceLocal) return {};
  SYSTOLE_ASSIGN_OR_RETURN(std::byte * host, copy_for_host());
  const std::span<std::byte> bytes(host + offset, static_cast<size_t>(size));
  return core_->transfer([&](Stream& stream) { return stream.read({memory(), offset}, bytes); });
}

Result<std::shared_ptr<Constant>> upload(const std::shared_ptr<Core>& core, std::span<const std::byte> bytes,
                                         const std::string& name) {
  const PrepareTimer timer(*core);
  SYSTOLE_ASSIGN_OR_RETURN(Block block, core->pool->allocate(static_cast<int64_t>(bytes.size()), name));
  SYSTOLE_RETURN_IF_ERROR(core->transfer([&](Stream& stream) { return stream.write(bytes, {block.memory(), 0}); }));
  return std::make_shared<Constant>(core, std::move(block));
}

Result<std::shared_ptr<Memory>> ConstantCache::of(const std::shared_ptr<Core>& core, Buffer& buffer, int64_t offset,
                                                  int64_t alignment) {
  const std::string what = "buffer '" + buffer.params().name + "'";
  auto* host = dynamic_cast<HostMemory*>(&buffer);
  if (host == nullptr) return Status(Code::kUnsupported, what + " is not memory of " + core->uri);
  if (buffer.frozen()) {
    SYSTOLE_ASSIGN_OR_RETURN(auto constant, uploaded_.of(buffer.id(), [&] {
      const std::span<const std::byte> bytes(host->bytes(), static_cast<size_t>(buffer.size()));
      return upload(core, bytes, buffer.params().name);
    }));
    return std::shared_ptr<Memory>(constant, constant->block.memory());
  }
  if (reinterpret_cast<uintptr_t>(host->bytes() + offset) % static_cast<uintptr_t>(alignment) != 0)
    return Status(Code::kInvalidArgument, what + " lies at an address that is not aligned to the " +
                                              std::to_string(alignment) + " bytes of its elements");
  return imported_.of(buffer.id(), [&]() -> Result<std::shared_ptr<Memory>> {
    auto imported = core->runtime->provider->import_host(host->bytes(), buffer.size());
    if (imported.ok()) return std::shared_ptr<Memory>(std::move(imported).value());
    const Status status = core->noted(imported.status());
    return Status(status.code(), what + " is not memory of " + core->uri + ": " + status.message() +
                                     "; copy it there first, or freeze it");
  });
}

}  // namespace systole::gpu
