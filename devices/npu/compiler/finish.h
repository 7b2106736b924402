// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "configs/contract/generated/npu_contract.h"
#include "hal/op.h"

namespace systole::npu {

// How the vector engine finishes a value: relu and clip (bounds in stored values for 8-bit y, f32 bits for float y), or
// a function.
struct Finish {
  contract::Activation activation = contract::Activation::kNone;
  contract::Function function = contract::Function::kNone;
  uint32_t clip_lo = 0, clip_hi = 0;
  auto operator<=>(const Finish&) const = default;
  void put(contract::Vector& command) const {
    command.activation = activation, command.function = function, command.clip_lo = clip_lo, command.clip_hi = clip_hi;
  }
};
Finish finish_of(Activation activation, float lo, float hi, const TensorDesc& y);

}  // namespace systole::npu
