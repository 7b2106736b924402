// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Numbers with units, read strictly by dimension: "256KiB", "34GB/s", "700MHz", "4ns".
#pragma once

#include <cstdint>
#include <string>

#include "hal/status.h"

namespace systole::spec {

// kBytes takes a plain whole number too; every other dimension but kCount and kText wants its unit.
enum class Dimension : uint8_t { kCount, kBytes, kHertz, kBytesPerSecond, kFlops, kSeconds, kJoules, kWatts, kText };

const char* base_unit(Dimension dimension);  // "B", "Hz", "B/s", "FLOP/s", "s", "J", "W"; "" where there is none

// In the base unit. Decimal digits, an optional fraction (not for kCount), one optional space, the unit. Refused:
// leading zeros, exponents, hex, signs, another dimension's unit, and a fraction of a base unit where a whole number is
// asked for. Messages read "expected ..., got ...".
Result<int64_t> parse_whole(const std::string& text, Dimension dimension);
Result<double> parse_real(const std::string& text, Dimension dimension);

}  // namespace systole::spec
