// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Device memory as a first-fit free list with coalescing.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "hal/status.h"

namespace systole::npu {

// Hands out [base, base + size). Thread-safe.
class Allocator {
 public:
  static constexpr int64_t kGranule = 64;  // sizes round up to it, addresses are multiples of it

  Allocator(uint64_t base, int64_t size);

  // Device address. kInvalidArgument for a size below 1 or an alignment that is no power of two (0: the granule);
  // kOutOfMemory with what was asked for, what is free, and the largest block.
  Result<uint64_t> allocate(int64_t size, int64_t alignment, const std::string& name);
  // `address` came from allocate and was not freed since; anything else aborts.
  void free(uint64_t address);

  int64_t size() const { return size_; }
  int64_t in_use() const;
  int64_t peak() const;

 private:
  Status out_of_memory(int64_t size, const std::string& name) const;

  mutable std::mutex mutex_;
  int64_t size_;
  std::map<uint64_t, int64_t> free_;  // address -> bytes
  std::map<uint64_t, int64_t> used_;
  int64_t in_use_ = 0, peak_ = 0;
};

}  // namespace systole::npu
