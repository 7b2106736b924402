// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The host's processors: own tiles for f32 products, oneDNN for bf16 and 8-bit ones, vector loops for the rest
// (docs/cpu.md).
#pragma once

#include "hal/registry.h"

namespace systole {

// URIs: "cpu", "cpu?threads=N" (default: every core), "cpu?memory=BYTES", "cpu?onednn=off" (own kernels only; f32 and
// bf16 sums then run in the contract's order).
DriverInfo cpu_driver();

}  // namespace systole
