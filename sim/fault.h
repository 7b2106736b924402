// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What an error register holds.
#pragma once

#include <cstdint>

#include "configs/contract/generated/npu_contract.h"

namespace systole::sim {

struct Fault {
  contract::ErrorCode code = contract::ErrorCode::kNone;
  uint64_t address = 0;
  explicit operator bool() const { return code != contract::ErrorCode::kNone; }
};

}  // namespace systole::sim
