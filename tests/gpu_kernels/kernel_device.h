// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Lowered ops on the first OpenCL device, one at a time, with the host's memory copied in and out: a bench for kernels.
#pragma once

#include "hal/registry.h"

namespace systole::tests {

// Seconds that the launches of the last op of this kind of device took, on the clock and of all host threads together.
double last_seconds();
double last_cpu_seconds();
// Null where there is no OpenCL device.
std::shared_ptr<Device> kernel_device();

}  // namespace systole::tests
