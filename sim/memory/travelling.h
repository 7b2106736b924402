// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace systole::memory {

// A port's burst on its way; `address` is the memory's.
struct Travelling {
  size_t port = 0;
  uint64_t address = 0;
  uint64_t sequence = 0;  // among the port's of this direction
  bool write = false;
  bool whole = true;  // carries all bytes of the burst
};

}  // namespace systole::memory
