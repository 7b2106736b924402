// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Programs that end in an error.
#pragma once

#include <vector>

#include "rtl/differential/commands.h"

namespace systole::differential {

// Makes one command wrong, or adds wrong ones, at a random place outside of loops. A deadlock gets a short watchdog.
void put_fault(const spec::NpuSpec& spec, Random& random, std::vector<contract::Descriptor>& commands,
               uint32_t& watchdog);

}  // namespace systole::differential
