// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// CUDA through its driver and its compiler NVRTC, both loaded when first asked for. What of CUDA anything outside this
// folder sees: its headers belong here alone.
#pragma once

#include <memory>
#include <vector>

#include "devices/gpu/provider.h"

namespace systole::gpu {

// Every CUDA device of this machine that NVRTC compiles for, in the driver's order. kUnavailable with what to install:
// no driver, no device, no NVRTC, or a build without the headers. The libraries' names: libcuda.so.1, or
// $SYSTOLE_CUDA_DRIVER, which is for tests; libnvrtc.so of CUDA 11 to 13, or $SYSTOLE_NVRTC.
Result<std::vector<Facts>> cuda_devices();

// A context of its own on the device of that index. kNotFound for an index that there is not.
Result<std::shared_ptr<Provider>> make_cuda_provider(int index);

}  // namespace systole::gpu
