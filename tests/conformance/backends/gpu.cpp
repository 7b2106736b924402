// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/gpu_device.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {

Backend gpu_opencl_backend() { return {"gpu_opencl", "gpu:opencl", gpu_driver, {}}; }

}  // namespace systole::conformance
