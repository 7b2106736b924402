// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Makes a failing program small.
#pragma once

#include <functional>

#include "rtl/differential/program.h"

namespace systole::differential {

// Removes commands, each with what its semaphores gave and took elsewhere; then iterations, fields and memory.
// `fails` is asked about every candidate, at most `most` times: it must fail as the program does, and be legal.
Program shrink(const Program& program, const spec::NpuSpec& spec, const std::function<bool(const Program&)>& fails,
               int most = 2000);

// Without these commands (the last one stays), and without the counts that they gave to others or took from them.
Program without(const Program& program, const std::vector<bool>& removed);

}  // namespace systole::differential
