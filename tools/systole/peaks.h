// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Measured peaks of a device, kept from run to run.
#pragma once

#include <optional>

#include "hal/device.h"
#include "hal/peaks.h"

namespace systole::cli {

// From $SYSTOLE_PEAKS_CACHE, else from `peaks` of the cache directory; measured where they are not there, which is said
// on a terminal, or where `again`. None of a device that measures none (a simulated one, a reference).
Result<std::optional<Peaks>> peaks_of(Device& device, bool again = false);

}  // namespace systole::cli
