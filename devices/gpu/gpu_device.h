// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// GPUs, and processors behind a GPU's runtime, as HAL devices (docs/gpu.md).
#pragma once

#include "hal/registry.h"

namespace systole {

// URIs: "gpu" (the first there is), "gpu:opencl", "gpu:opencl:0", with the option memory=BYTES, the most that is given
// out.
DriverInfo gpu_driver();

}  // namespace systole
