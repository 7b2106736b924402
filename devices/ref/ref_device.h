// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The truth: every op as its serial loop, in the contract's order of summation. Slow on purpose.
#pragma once

#include "hal/registry.h"

namespace systole {

// URIs: "ref", "ref?memory=BYTES".
DriverInfo ref_driver();

}  // namespace systole
