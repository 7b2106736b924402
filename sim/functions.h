// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The vector engine's functions, to the bit (docs/functions.md).
#pragma once

#include "configs/contract/generated/npu_contract.h"

namespace systole::sim {

float evaluate(contract::Function function, float x);

}  // namespace systole::sim
