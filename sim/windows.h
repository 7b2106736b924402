// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// DMA windows: the parts of device memory that commands may read or write.
#pragma once

#include <array>
#include <cstdint>

#include "sim/box.h"

namespace systole::sim {

struct Window {
  uint64_t base = 0, limit = 0;
  bool read = false, write = false;
  bool covers(uint64_t from, uint64_t to, bool writing) const {
    return (writing ? write : read) && from >= base && to <= limit && from <= to;
  }
};

struct Windows {
  std::array<Window, 2> window;
  uint64_t memory_bytes = 0;

  // True when every row lies in one window that allows the direction; else `fault` is the first byte of the first row
  // that does not.
  bool allow(const Box& box, bool writing, uint64_t& fault) const {
    auto inside = [&](int64_t from, int64_t to) {
      if (from < 0 || static_cast<uint64_t>(to) > memory_bytes) return false;
      for (const Window& w : window)
        if (w.covers(static_cast<uint64_t>(from), static_cast<uint64_t>(to), writing)) return true;
      return false;
    };
    if (inside(box.low(), box.high())) return true;
    return box.each_row([&](int64_t at) {
      fault = static_cast<uint64_t>(at);
      return inside(at, at + box.bytes);
    });
  }
};

}  // namespace systole::sim
