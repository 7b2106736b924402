// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// OpenCL 1.2 through the ICD loader, which is loaded when first asked for. What of OpenCL anything outside this folder
// sees: CL/ headers belong here alone.
#pragma once

#include <memory>
#include <vector>

#include "devices/gpu/provider.h"

namespace systole::gpu {

// Every OpenCL device of this machine that compiles OpenCL C 1.2, graphics processors before the others, else in the
// order of its loader. kUnavailable with what to install: no loader, no platform, or a build without OpenCL's headers.
Result<std::vector<Facts>> opencl_devices();

// A context of its own on the device of that index. kNotFound for an index that there is not.
Result<std::shared_ptr<Provider>> make_opencl_provider(int index);

}  // namespace systole::gpu
