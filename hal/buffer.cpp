// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <limits>

#include "hal/device.h"
#include "hal/host_memory.h"

namespace systole {
namespace {

std::atomic<uint64_t> next_buffer_id{1};

std::string label(const BufferParams& params) {
  return params.name.empty() ? "buffer" : "buffer '" + params.name + "'";
}

}  // namespace

Buffer::Buffer(BufferParams params) : params_(std::move(params)), id_(next_buffer_id.fetch_add(1)) {}

Status Buffer::check_range(int64_t offset, int64_t size, const char* what) const {
  if (offset < 0 || size < 0 || offset > params_.size || size > params_.size - offset) {
    return {Code::kOutOfRange, std::string(what) + " of " + label(params_) + ": offset " + std::to_string(offset) +
                                   ", " + std::to_string(size) + " bytes leave its " + std::to_string(params_.size) +
                                   " bytes"};
  }
  return {};
}

Result<std::span<std::byte>> Buffer::map(int64_t offset, int64_t size, MapAccess access) {
  SYSTOLE_RETURN_IF_ERROR(check_range(offset, size, "map"));
  if (params_.kind == MemoryKind::kDeviceLocal) {
    return Status(Code::kFailedPrecondition, "map of " + label(params_) + ": device-local memory is not host visible");
  }
  if (access != MapAccess::kRead && frozen()) {
    return Status(Code::kFailedPrecondition, "map of " + label(params_) + " for writing: it is frozen");
  }
  SYSTOLE_ASSIGN_OR_RETURN(std::byte * first, do_map(offset, size, access));
  maps_.fetch_add(1, std::memory_order_acq_rel);
  return std::span<std::byte>(first, static_cast<size_t>(size));
}

void Buffer::unmap() {
  do_unmap();
  int maps = maps_.load();
  while (maps > 0 && !maps_.compare_exchange_weak(maps, maps - 1)) {
  }
}

Status Buffer::flush(int64_t offset, int64_t size) {
  SYSTOLE_RETURN_IF_ERROR(check_range(offset, size, "flush"));
  return do_flush(offset, size);
}

Status Buffer::invalidate(int64_t offset, int64_t size) {
  SYSTOLE_RETURN_IF_ERROR(check_range(offset, size, "invalidate"));
  return do_invalidate(offset, size);
}

Status check_params(const BufferParams& params) {
  if (params.size <= 0) {
    return {Code::kInvalidArgument, label(params) + ": size must be positive, got " + std::to_string(params.size)};
  }
  if (params.alignment < 0 || (params.alignment & (params.alignment - 1)) != 0) {
    return {Code::kInvalidArgument,
            label(params) + ": alignment must be a power of two, got " + std::to_string(params.alignment)};
  }
  return {};
}

HostMemory::HostMemory(BufferParams params, std::byte* data) : Buffer(std::move(params)), data_(data) {}

HostMemory::~HostMemory() {
  std::free(owned_);
  if (on_free_) on_free_(size());
}

void prefer_large_pages(void* data, size_t bytes) {
#if defined(MADV_HUGEPAGE)
  const auto first = reinterpret_cast<uintptr_t>(data), begin = (first + kLargePage - 1) / kLargePage * kLargePage,
             end = (first + bytes) / kLargePage * kLargePage;
  if (begin < end) (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#else
  (void)data, (void)bytes;
#endif
}

Result<std::shared_ptr<HostMemory>> HostMemory::allocate(BufferParams params, std::shared_ptr<Device> device,
                                                         std::function<void(int64_t)> on_free) {
  SYSTOLE_RETURN_IF_ERROR(check_params(params));
  auto alignment = static_cast<size_t>(std::max<int64_t>(params.alignment, 64));
  auto size = static_cast<size_t>(params.size);
  if (size >= kLargePage) alignment = std::max(alignment, kLargePage);
  bool fits = size <= static_cast<size_t>(std::numeric_limits<int64_t>::max()) - alignment;
  // calloc leaves large blocks untouched until they are used, aligned_alloc with a fill would not.
  std::unique_ptr<void, void (*)(void*)> block(fits ? std::calloc(1, size + alignment) : nullptr, std::free);
  const auto address = (reinterpret_cast<uintptr_t>(block.get()) + alignment - 1) / alignment * alignment;
  std::shared_ptr<HostMemory> memory;
  if (block) try {
      memory = std::make_shared<HostMemory>(params, reinterpret_cast<std::byte*>(address));
    } catch (const std::bad_alloc&) {  // a status like the block's own: callers give back what they had counted
    }
  if (!memory) {
    return Status(Code::kOutOfMemory, label(params) + ": " + std::to_string(params.size) +
                                          " bytes asked for, the host has " + "none left of that size");
  }
  prefer_large_pages(reinterpret_cast<void*>(address), size);
  memory->owned_ = block.release();
  memory->device_ = std::move(device);
  memory->on_free_ = std::move(on_free);
  return memory;
}

Result<std::shared_ptr<Buffer>> allocate_host(BufferParams params) {
  if (params.kind == MemoryKind::kDeviceLocal) params.kind = MemoryKind::kHostVisible;
  SYSTOLE_ASSIGN_OR_RETURN(std::shared_ptr<Buffer> buffer, HostMemory::allocate(std::move(params)));
  return buffer;
}

Result<std::shared_ptr<Buffer>> import_host(void* data, int64_t size, std::string name) {
  BufferParams params{size, 0, MemoryKind::kHostVisible, std::move(name)};
  if (data == nullptr) return Status(Code::kInvalidArgument, label(params) + ": there is no memory to import at null");
  SYSTOLE_RETURN_IF_ERROR(check_params(params));
  return std::shared_ptr<Buffer>(std::make_shared<HostMemory>(std::move(params), static_cast<std::byte*>(data)));
}

}  // namespace systole
