// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Strided rows of bytes, the shape of every access of a command: row (i2, i1, i0) covers [base + i.stride, + bytes).
#pragma once

#include <array>
#include <cstdint>

namespace systole::sim {

struct Box {
  int64_t base = 0;
  int64_t bytes = 0;
  std::array<uint32_t, 3> counts{1, 1, 1};  // innermost first
  std::array<int64_t, 3> strides{};

  int64_t low() const {
    int64_t at = base;
    for (int d = 0; d < 3; ++d)
      if (strides[d] < 0) at += strides[d] * (int64_t{counts[d]} - 1);
    return at;
  }
  int64_t high() const {  // one past the last byte
    int64_t at = base + bytes;
    for (int d = 0; d < 3; ++d)
      if (strides[d] > 0) at += strides[d] * (int64_t{counts[d]} - 1);
    return at;
  }
  bool within(int64_t size) const { return low() >= 0 && high() <= size; }

  // f(address) of every row in order; stops, and returns false, when f does.
  template <typename F>
  bool each_row(F&& f) const {
    for (uint32_t i2 = 0; i2 < counts[2]; ++i2)
      for (uint32_t i1 = 0; i1 < counts[1]; ++i1) {
        int64_t at = base + int64_t{i2} * strides[2] + int64_t{i1} * strides[1];
        for (uint32_t i0 = 0; i0 < counts[0]; ++i0, at += strides[0])
          if (!f(at)) return false;
      }
    return true;
  }
};

}  // namespace systole::sim
