// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Which bytes of a command list's transient tensors belong together: every read with all that it may see written.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hal/command_list.h"

namespace systole::npu {

// Bytes [low, high) of a buffer that only this list's ops touch from the first write to the last access; kept
// elsewhere, in the same layout, for that time, nothing else changes. Commands are counted from 0.
struct TransientBytes {
  const Buffer* buffer = nullptr;
  int64_t low = 0, high = 0;
  size_t first = 0, last = 0;
  struct Use {
    size_t command = 0, operand = 0;  // inputs, then the output
    bool operator==(const Use&) const = default;
  };
  std::vector<Use> uses;
  int64_t bytes() const { return high - low; }
};

// In order of their first command. What a copy, a fill, a slot or a view that is not transient touches is left out.
std::vector<TransientBytes> transient_bytes(std::span<const Command> commands);

}  // namespace systole::npu
