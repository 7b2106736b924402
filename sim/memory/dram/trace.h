// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A trace as text: one burst a line, "R 0x1f40" or "W 0x1f40", the address in hexadecimal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/memory/dram/replay.h"

namespace systole::memory::dram {

// Appends to `trace`. What is wrong reads "LINE: expected ..., got ..."; "" where nothing is.
std::string parse_trace(std::string_view text, std::vector<Access>& trace);

}  // namespace systole::memory::dram
