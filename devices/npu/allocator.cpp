// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/allocator.h"

#include <algorithm>
#include <cstdlib>

namespace systole::npu {
namespace {

uint64_t round_up(uint64_t value, uint64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace

Allocator::Allocator(uint64_t base, int64_t size) {
  const uint64_t first = round_up(base, kGranule);
  size_ = (size - static_cast<int64_t>(first - base)) / kGranule * kGranule;
  if (size_ > 0) free_[first] = size_;
}

Status Allocator::out_of_memory(int64_t size, const std::string& name) const {
  int64_t largest = 0;
  for (const auto& [address, bytes] : free_) largest = std::max(largest, bytes);
  return Status(Code::kOutOfMemory, (name.empty() ? "" : "'" + name + "': ") + "asked for " + std::to_string(size) +
                                        " bytes, " + std::to_string(size_ - in_use_) + " of " + std::to_string(size_) +
                                        " are free, the largest block has " + std::to_string(largest));
}

Result<uint64_t> Allocator::allocate(int64_t size, int64_t alignment, const std::string& name) {
  if (size < 1)
    return Status(Code::kInvalidArgument,
                  "'" + name + "': expected a size of at least 1 byte, got " + std::to_string(size));
  if (alignment < 0 || (alignment & (alignment - 1)) != 0) {
    return Status(Code::kInvalidArgument,
                  "'" + name + "': expected a power of two as alignment, got " + std::to_string(alignment));
  }
  std::lock_guard lock(mutex_);
  if (size > size_) return out_of_memory(size, name);
  const auto step = static_cast<uint64_t>(std::max(alignment, kGranule));
  const auto bytes = static_cast<int64_t>(round_up(static_cast<uint64_t>(size), kGranule));
  for (auto block = free_.begin(); block != free_.end(); ++block) {
    const uint64_t address = round_up(block->first, step);
    const auto before = static_cast<int64_t>(address - block->first);
    const int64_t after = block->second - before - bytes;
    if (after < 0) continue;
    const uint64_t first = block->first;
    free_.erase(block);
    if (before > 0) free_[first] = before;
    if (after > 0) free_[address + static_cast<uint64_t>(bytes)] = after;
    used_[address] = bytes;
    in_use_ += bytes;
    peak_ = std::max(peak_, in_use_);
    return address;
  }
  return out_of_memory(size, name);
}

void Allocator::free(uint64_t address) {
  std::lock_guard lock(mutex_);
  const auto used = used_.find(address);
  if (used == used_.end()) std::abort();
  int64_t bytes = used->second;
  in_use_ -= bytes;
  used_.erase(used);
  auto next = free_.upper_bound(address);
  if (next != free_.end() && address + static_cast<uint64_t>(bytes) == next->first) {
    bytes += next->second;
    next = free_.erase(next);
  }
  if (next != free_.begin()) {
    auto previous = std::prev(next);
    if (previous->first + static_cast<uint64_t>(previous->second) == address) {
      previous->second += bytes;
      return;
    }
  }
  free_[address] = bytes;
}

int64_t Allocator::in_use() const {
  std::lock_guard lock(mutex_);
  return in_use_;
}

int64_t Allocator::peak() const {
  std::lock_guard lock(mutex_);
  return peak_;
}

}  // namespace systole::npu
