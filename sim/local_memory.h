// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// On-chip storage: the scratchpad, and the accumulators as bytes. Plain state; who may touch it when is the engines'
// affair.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace systole::sim {

class LocalMemory {
 public:
  LocalMemory(int64_t bytes, bool functional) : bytes_(bytes), data_(functional ? static_cast<size_t>(bytes) : 0) {}
  int64_t bytes() const { return bytes_; }
  std::byte* at(int64_t address) { return data_.data() + address; }  // only when functional
  const std::byte* at(int64_t address) const { return data_.data() + address; }
  void reset() { std::fill(data_.begin(), data_.end(), std::byte{0}); }

 private:
  int64_t bytes_;
  std::vector<std::byte> data_;
};

}  // namespace systole::sim
