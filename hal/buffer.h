// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Device memory: kinds, mapping and cache maintenance. Thread-safe unless a line says otherwise.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "hal/status.h"

namespace systole {

class Device;

enum class MemoryKind : uint8_t {
  kDeviceLocal,  // the device's own memory
  kHostVisible,  // mappable; flush and invalidate needed unless the device's limits say coherent
  kConstant,     // host memory of an immutable tensor: written once, then freeze(); devices pack it at compile
};

struct BufferParams {
  int64_t size = 0;       // bytes; 0 is an error
  int64_t alignment = 0;  // bytes, a power of two; 0: the device's minimum
  MemoryKind kind = MemoryKind::kDeviceLocal;
  std::string name;  // for messages and reports
};

enum class MapAccess : uint8_t { kRead, kWrite, kReadWrite };  // what kWrite leaves unwritten stays as it was

// Created by Device::allocate or import_host. Destroying the last reference frees the memory.
class Buffer {
 public:
  virtual ~Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  int64_t size() const { return params_.size; }
  const BufferParams& params() const { return params_; }
  virtual Device* device() const = 0;           // null for host memory that belongs to no device
  virtual uint64_t device_address() const = 0;  // 0 where the device can't address it

  // Bytes [offset, offset + size) as the host sees them, with maps counted: valid until as many unmaps. Refused for
  // memory that is not host visible, for a write to a frozen buffer, and for a range outside the buffer. While they are
  // mapped no submission may write them, nor read them where they are mapped for writing.
  Result<std::span<std::byte>> map(int64_t offset, int64_t size, MapAccess access);
  void unmap();  // does nothing to a buffer that is not mapped
  bool mapped() const { return maps_.load(std::memory_order_acquire) > 0; }
  // Host writes become visible to the device / device writes to the host. No-ops on coherent memory, never elsewhere.
  Status flush(int64_t offset, int64_t size);
  Status invalidate(int64_t offset, int64_t size);

  // From here on the content is immutable: devices may pack it for an operand position and reuse the packed form.
  void freeze() { frozen_.store(true, std::memory_order_release); }
  bool frozen() const { return frozen_.load(std::memory_order_acquire); }
  uint64_t id() const { return id_; }  // unique in the process, never reused: the key of packed forms

 protected:
  explicit Buffer(BufferParams params);
  // The address of byte `offset`. The range has been checked.
  virtual Result<std::byte*> do_map(int64_t offset, int64_t size, MapAccess access) = 0;
  virtual void do_unmap() {}  // once for every unmap, before it is counted
  virtual Status do_flush(int64_t, int64_t) { return {}; }
  virtual Status do_invalidate(int64_t, int64_t) { return {}; }

 private:
  Status check_range(int64_t offset, int64_t size, const char* what) const;

  BufferParams params_;
  std::atomic<bool> frozen_{false};
  std::atomic<int> maps_{0};
  uint64_t id_;
};

// Plain host memory: constants of a graph, staging. 64-byte aligned, zeroed. Out of memory is a status.
Result<std::shared_ptr<Buffer>> allocate_host(BufferParams params);
// Wraps memory that the caller keeps alive longer than the buffer, at any address: views of types wider than its
// alignment are refused. kInvalidArgument without data or for a size below 1.
Result<std::shared_ptr<Buffer>> import_host(void* data, int64_t size, std::string name);

}  // namespace systole
