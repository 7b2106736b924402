// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a VECTOR command touches, and what it may ask for: decoded once, used by checks, timing, races and values.
#pragma once

#include <optional>
#include <vector>

#include "configs/contract/generated/npu_contract.h"
#include "sim/box.h"

namespace systole::sim {

inline bool is_integer(contract::Dtype dtype) {
  return dtype == contract::Dtype::kI8 || dtype == contract::Dtype::kU8 || dtype == contract::Dtype::kI32;
}
inline bool is_byte(contract::Dtype dtype) { return dtype == contract::Dtype::kI8 || dtype == contract::Dtype::kU8; }

struct VectorShape {
  uint32_t win_h = 1, win_w = 1;
  Box source, destination;
  std::vector<Box> source_window;  // the source at every window position
  std::optional<Box> operand;      // B
  // Byte offsets from param_addr; -1: absent.
  int64_t bias = -1, scale = -1, shift = -1, b_scale = -1, out_scale = -1;
  int64_t param_bytes = 0;
};

VectorShape vector_shape(const contract::Vector& command);
// False for a chain that the engine cannot do whatever its operands (docs/timing.md names them).
bool vector_supported(const contract::Vector& command);

}  // namespace systole::sim
