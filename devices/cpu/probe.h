// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What this machine's cores reach at best, measured.
#pragma once

#include <string>

#include "devices/cpu/workers.h"
#include "hal/peaks.h"

namespace systole::cpu {

// A second or two, with 64 MiB a thread (2 GiB at most). f32 always; bf16 and i8 where the instructions exist. "read",
// each thread from memory of its own, from 256 KiB a thread on in steps of 4; "stream" and "copy" (memmove's) at the
// largest.
Peaks probe_peaks(const Workers& workers);
// The processor's name, threads and cores.
std::string probe_key(int threads);

}  // namespace systole::cpu
