// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The OpenCL devices of this machine.
#pragma once

#include <vector>

#include "devices/gpu/opencl/api.h"
#include "devices/gpu/provider.h"

namespace systole::gpu::opencl {

struct Found {
  cl_device_id device = nullptr;
  Facts facts;
};

// As opencl_devices(), with what identifies them; asked for at every call.
Result<std::vector<Found>> find_devices(const Api& api);

}  // namespace systole::gpu::opencl
