// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// docs/functions.md, written from its text alone on bit patterns; it shares the tables, and no code, with the model.
#pragma once

#include "configs/contract/generated/npu_contract.h"

namespace systole::reference {

float reference_function(contract::Function function, float x);

}  // namespace systole::reference
