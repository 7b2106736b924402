// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/memory_pool.h"

#include <algorithm>
#include <bit>

namespace systole::gpu {

Block& Block::operator=(Block&& other) noexcept {
  std::swap(pool_, other.pool_);
  std::swap(memory_, other.memory_);
  std::swap(bytes_, other.bytes_);
  std::swap(class_bytes_, other.class_bytes_);
  return *this;
}

Block::~Block() {
  if (memory_) pool_->give_back(std::move(memory_), bytes_, class_bytes_);
}

MemoryPool::MemoryPool(std::shared_ptr<Provider> provider, int64_t limit)
    : provider_(std::move(provider)), limit_(limit) {}

int64_t MemoryPool::class_of(int64_t bytes) {
  const auto below = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(bytes)));
  const int64_t step = std::max(kGranule, below / 8);
  return (bytes - 1) / step * step + step;
}

Status MemoryPool::count(int64_t bytes, const std::string& name) {
  const int64_t left = limit_ - use_.in_use_bytes;
  if (bytes > left) {
    return {Code::kOutOfMemory, "'" + name + "': " + std::to_string(bytes) + " bytes asked for, " +
                                    std::to_string(left) + " of " + std::to_string(limit_) + " bytes available"};
  }
  use_.in_use_bytes += bytes;
  use_.peak_bytes = std::max(use_.peak_bytes, use_.in_use_bytes);
  return {};
}

Result<Block> MemoryPool::allocate(int64_t bytes, const std::string& name) {
  Block block;
  block.bytes_ = bytes;
  {
    std::lock_guard lock(mutex_);
    SYSTOLE_RETURN_IF_ERROR(count(bytes, name));
    block.class_bytes_ = std::max(bytes, std::min(class_of(bytes), provider_->facts().most_allocation_bytes));
    block.pool_ = shared_from_this();
    auto kept = free_.find(block.class_bytes_);
    if (kept != free_.end() && !kept->second.empty()) {
      block.memory_ = std::move(kept->second.back());
      kept->second.pop_back();
      use_.kept_bytes -= block.class_bytes_;
      return block;
    }
    ++use_.allocations;
  }
  auto memory = provider_->allocate(block.class_bytes_);
  if (memory.status().code() == Code::kOutOfMemory) {  // what is kept may be what is missing
    {
      std::lock_guard lock(mutex_);
      free_.clear();
      use_.kept_bytes = 0;
    }
    memory = provider_->allocate(block.class_bytes_);
  }
  if (!memory.ok()) {
    std::lock_guard lock(mutex_);
    use_.in_use_bytes -= bytes;
    return Status(memory.status().code(), "'" + name + "': " + memory.status().message());
  }
  block.memory_ = std::move(memory).value();
  return block;
}

void MemoryPool::give_back(std::unique_ptr<Memory> memory, int64_t bytes, int64_t class_bytes) {
  std::lock_guard lock(mutex_);
  use_.in_use_bytes -= bytes;
  if (class_bytes > kMostKept - use_.kept_bytes) return;
  use_.kept_bytes += class_bytes;
  free_[class_bytes].push_back(std::move(memory));
}

MemoryPool::Use MemoryPool::use() const {
  std::lock_guard lock(mutex_);
  return use_;
}

}  // namespace systole::gpu
