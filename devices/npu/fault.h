// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the error registers say, as a status.
#pragma once

#include <cstdint>

#include "configs/contract/generated/npu_contract.h"
#include "hal/status.h"

namespace systole::npu {

struct ErrorRegisters {
  contract::ErrorCode code = contract::ErrorCode::kNone;
  uint64_t address = 0;
  uint32_t descriptor = 0;  // ring index since reset
  contract::Engine engine = contract::Engine::kControl;
};

// kDeviceFault with a FaultReport: kind by code; its sequence stays 0, for the queue to fill in. `cycle` counts from
// reset.
Status fault_status(const ErrorRegisters& registers, uint64_t cycle);

}  // namespace systole::npu
