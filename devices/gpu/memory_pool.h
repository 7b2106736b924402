// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A device's memory: what is given back is kept by size class for the next who asks, since runtimes are slow to
// allocate.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "devices/gpu/provider.h"

namespace systole::gpu {

class MemoryPool;

// Memory of a pool, given back at the end.
class Block {
 public:
  Block() = default;
  Block(Block&& other) noexcept { *this = std::move(other); }
  Block& operator=(Block&& other) noexcept;
  ~Block();
  Memory* memory() const { return memory_.get(); }  // null for an empty one
  int64_t bytes() const { return bytes_; }          // as asked for

 private:
  friend class MemoryPool;
  std::shared_ptr<MemoryPool> pool_;
  std::unique_ptr<Memory> memory_;
  int64_t bytes_ = 0, class_bytes_ = 0;
};

// Thread-safe.
class MemoryPool : public std::enable_shared_from_this<MemoryPool> {
 public:
  static constexpr int64_t kGranule = 256;                  // of the smallest class, bytes
  static constexpr int64_t kMostKept = int64_t{256} << 20;  // of what is free, bytes

  struct Use {
    int64_t in_use_bytes = 0, peak_bytes = 0;  // as asked for
    int64_t kept_bytes = 0;                    // free, of the device's memory
    int64_t allocations = 0;                   // asked of the provider so far
  };

  // Gives out `limit` bytes at most.
  MemoryPool(std::shared_ptr<Provider> provider, int64_t limit);

  // Of any content. `bytes` is positive; kOutOfMemory with both numbers.
  Result<Block> allocate(int64_t bytes, const std::string& name);
  Use use() const;
  int64_t limit() const { return limit_; }

  // Sizes of one class share memory: steps of an eighth of the power of two below.
  static int64_t class_of(int64_t bytes);

 private:
  friend class Block;
  void give_back(std::unique_ptr<Memory> memory, int64_t bytes, int64_t class_bytes);
  Status count(int64_t bytes, const std::string& name);

  std::shared_ptr<Provider> provider_;
  int64_t limit_;
  mutable std::mutex mutex_;
  Use use_;
  std::map<int64_t, std::vector<std::unique_ptr<Memory>>> free_;  // class -> memory
};

}  // namespace systole::gpu
