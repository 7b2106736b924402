// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The access patterns that the references were measured on (docs/dram.md), made again by their rules.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/memory/dram/replay.h"

namespace systole::dram_tests {

using Trace = std::vector<memory::dram::Access>;

inline constexpr uint64_t kSpan = uint64_t{1} << 30;  // addresses lie below it

// pattern: seq, s1k, s8k, s64k, rand, tile128, tile256, tile512, dual. rw: read, write, mixed2:1 (each third request
// writes); dual has its own.
Trace make_trace(const std::string& pattern, const std::string& rw, uint64_t requests, uint64_t burst_bytes);

}  // namespace systole::dram_tests
