// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// operator new of this program, told to fail once.
#pragma once

#include <cstdint>

namespace systole::testing {

// From now on, of any thread: counts, and where `at` is not 0 the at-th throws std::bad_alloc.
void count_allocations(uint64_t at);
uint64_t stop_counting();  // how many there were

}  // namespace systole::testing
