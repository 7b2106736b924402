// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The device to copy when writing a new one: it has memory, copies and fills, and no op.
#pragma once

#include "hal/registry.h"

namespace systole {

// URIs: "null", "null?memory=BYTES".
DriverInfo null_driver();

}  // namespace systole
