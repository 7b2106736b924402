// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What launches pass to kernels by value. Read by the host compiler and, put before every kernel's text, by OpenCL C
// and NVRTC: C structs of 64-bit and 32-bit integers and floats only, the 64-bit ones first, so that all lay them out
// alike. Strides in bytes, extents in elements, axes outermost first.
#ifndef SYSTOLE_GPU_PARAMS_H
#define SYSTOLE_GPU_PARAMS_H

#ifdef SYSTOLE_GPU_DEVICE
typedef long gpu_i64;
#else
#include <cstdint>
namespace systole::gpu {
using gpu_i64 = int64_t;
#endif

// (structs of the kernels go here)

#ifndef SYSTOLE_GPU_DEVICE
}  // namespace systole::gpu
#endif

#endif
