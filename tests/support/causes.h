// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Counters of a record that sum to its cycles (docs/timing.md, section 9), in the order of precedence.
#pragma once

namespace systole::tests {

inline constexpr const char* kCauses[] = {
    "array_busy_cycles",         "vector_only_cycles",   "stall_dram_cycles",
    "stall_copy_cycles",         "stall_preload_cycles", "stall_array_drain_cycles",
    "stall_vector_drain_cycles", "stall_fence_cycles",   "stall_dispatch_cycles"};

}  // namespace systole::tests
