// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace systole::memory {

// Division by a figure of the hardware, which mostly is a power of two.
class Divisor {
 public:
  explicit Divisor(uint64_t by = 1) : by_(by), shift_(std::has_single_bit(by) ? std::countr_zero(by) : -1) {}
  uint64_t divide(uint64_t x) const { return shift_ >= 0 ? x >> shift_ : x / by_; }
  uint64_t rest(uint64_t x) const { return shift_ >= 0 ? x & (by_ - 1) : x % by_; }
  uint64_t value() const { return by_; }

 private:
  uint64_t by_;
  int shift_;
};

}  // namespace systole::memory
