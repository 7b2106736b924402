// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A simulator's counters under the names of the profile.
#pragma once

#include <vector>

#include "hal/profile.h"
#include "sim/npu.h"

namespace systole::npu {

std::vector<Counter> named_counters(const sim::Counters& counters);

}  // namespace systole::npu
