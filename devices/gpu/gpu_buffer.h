// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Buffers of a GPU. Kernels work on the device's memory alone; host-visible buffers have besides it a pinned copy for
// the host, made at the first map: flush and invalidate are what moves bytes between the two. So memory is not
// coherent, on every provider, also where the hardware's is: what OpenCL 1.2 promises allows no more.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "devices/gpu/core.h"
#include "hal/buffer.h"

namespace systole::gpu {

class GpuBuffer final : public Buffer {
 public:
  GpuBuffer(BufferParams params, std::shared_ptr<Device> device, std::shared_ptr<Core> core, Block block)
      : Buffer(std::move(params)), device_(std::move(device)), core_(std::move(core)), block_(std::move(block)) {}

  Device* device() const override { return device_.get(); }
  uint64_t device_address() const override { return 0; }  // OpenCL tells none
  Memory* memory() const { return block_.memory(); }

 protected:
  Result<std::byte*> do_map(int64_t offset, int64_t size, MapAccess access) override;
  Status do_flush(int64_t offset, int64_t size) override;
  Status do_invalidate(int64_t offset, int64_t size) override;

 private:
  Result<std::byte*> copy_for_host();

  std::shared_ptr<Device> device_;
  std::shared_ptr<Core> core_;
  Block block_;
  std::mutex mutex_;  // of what follows
  std::unique_ptr<Memory> pinned_;
};

// Bytes of frozen constants in device memory, one copy a device: what the executables that use it share.
struct Constant {
  Constant(std::shared_ptr<Core> of, Block uploaded) : core(std::move(of)), block(std::move(uploaded)) {
    core->prepared_bytes += block.bytes();
  }
  ~Constant() { core->prepared_bytes -= block.bytes(); }

  std::shared_ptr<Core> core;
  Block block;
};

// Device memory with these bytes, counted as prepared. `bytes` is not empty.
Result<std::shared_ptr<Constant>> upload(const std::shared_ptr<Core>& core, std::span<const std::byte> bytes,
                                         const std::string& name);

// What is made of each buffer that is not the device's, once for as long as somebody uses it. Thread-safe.
class ConstantCache {
 public:
  // Memory with the host's bytes from `offset` on at that offset: uploaded where they are frozen, else where they are.
  // kUnsupported for what the device does not reach, kInvalidArgument where those are not aligned to `alignment`.
  Result<std::shared_ptr<Memory>> of(const std::shared_ptr<Core>& core, Buffer& buffer, int64_t offset,
                                     int64_t alignment);
  // What `make` gives, or gave others. `key`: all that it depends on, contents by the ids of their frozen buffers.
  using Made = Result<std::shared_ptr<Constant>>;
  Made packed(const std::string& key, const std::function<Made()>& make) { return packed_.of(key, make); }

 private:
  template <typename Key, typename Value>
  class Table {
   public:
    template <typename Make>
    Result<std::shared_ptr<Value>> of(const Key& key, Make&& make) {
      std::lock_guard lock(mutex_);
      std::erase_if(made_, [](const auto& each) { return each.second.expired(); });
      if (const auto found = made_.find(key); found != made_.end())
        if (auto known = found->second.lock()) return known;
      SYSTOLE_ASSIGN_OR_RETURN(std::shared_ptr<Value> fresh, make());
      made_[key] = fresh;
      return fresh;
    }

   private:
    std::mutex mutex_;
    std::map<Key, std::weak_ptr<Value>> made_;
  };
  Table<uint64_t, Constant> uploaded_;  // by the buffer's id, as the next
  Table<uint64_t, Memory> imported_;
  Table<std::string, Constant> packed_;
};

}  // namespace systole::gpu
