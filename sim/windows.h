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

  // True when one window that allows the direction holds all the bytes that the rows span.
  bool allow(const Box& box, bool writing) const {
    if (box.low() < 0 || static_cast<uint64_t>(box.high()) > memory_bytes) return false;
    for (const Window& w : window)
      if (w.covers(static_cast<uint64_t>(box.low()), static_cast<uint64_t>(box.high()), writing)) return true;
    return false;
  }
};

}  // namespace systole::sim
