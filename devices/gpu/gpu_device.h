// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// GPUs, and processors behind a GPU's runtime, as HAL devices (docs/gpu.md).
#pragma once

#include "hal/registry.h"

namespace systole {

// URIs: "gpu" (the first there is), "gpu:opencl", "gpu:opencl:0". Options: memory=BYTES, the most that is given out;
// tune=off, no candidates are timed; kernels=gpu|host, those for graphics processors or for host threads, whatever the
// device is.
DriverInfo gpu_driver();

}  // namespace systole
