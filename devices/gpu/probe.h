// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a GPU reaches at best, measured with the programs of kernels/probe.cl (docs/gpu.md tells what each does).
#pragma once

#include <functional>

#include "devices/gpu/core.h"
#include "devices/gpu/kernels/params.h"
#include "hal/peaks.h"

namespace systole::gpu {

// Kernels and copies are timed by the device's stamps, transfers by `now_ns`, a clock of the host's. In every case the
// best of some; what takes less than two milliseconds (host threads: half of one) is repeated within a launch.
// kOutOfMemory where the device gives
// out less than 128 KiB.
Result<Peaks> probe_peaks(Core& core, const std::function<double()>& now_ns);

// The largest footprint: a power of two of at most half of what the device gives out; 1 GiB, of host threads 256 MiB.
int64_t largest_probe(const Core& core);

// A launch over `bytes` (a power of two, at least 128): neighbours take neighbouring words, but host threads a range
// each; from one pass to the next groups change places, so that they don't find what a unit's own cache has kept.
struct ProbeShape {
  Grid grid;
  ProbeParams params{};
};
ProbeShape probe_words(const Facts& facts, int64_t bytes);

}  // namespace systole::gpu
