// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// CUDA C++ to machine code, by NVRTC.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "devices/gpu/provider.h"

namespace systole::gpu::cuda {

// Declared after NVIDIA's NVRTC reference (docs.nvidia.com/cuda/nvrtc), "User Interface"; nvrtcResult is an int here,
// 0 for success.
using nvrtcProgram = struct NvrtcProgram*;
struct Nvrtc {
  int (*nvrtcVersion)(int* major, int* minor);
  int (*nvrtcGetNumSupportedArchs)(int* count);
  int (*nvrtcGetSupportedArchs)(int* archs);
  const char* (*nvrtcGetErrorString)(int result);
  int (*nvrtcCreateProgram)(nvrtcProgram* program, const char* text, const char* name, int header_count,
                            const char* const* headers, const char* const* include_names);
  int (*nvrtcDestroyProgram)(nvrtcProgram* program);
  int (*nvrtcCompileProgram)(nvrtcProgram program, int option_count, const char* const* options);
  int (*nvrtcGetProgramLogSize)(nvrtcProgram program, size_t* bytes);
  int (*nvrtcGetProgramLog)(nvrtcProgram program, char* log);
  int (*nvrtcGetCUBINSize)(nvrtcProgram program, size_t* bytes);
  int (*nvrtcGetCUBIN)(nvrtcProgram program, char* image);
  int (*nvrtcGetPTXSize)(nvrtcProgram program, size_t* bytes);
  int (*nvrtcGetPTX)(nvrtcProgram program, char* text);

  int major = 0, minor = 0;
  std::vector<int> archs;  // that it compiles for, ascending: 90 for compute capability 9.0
};

// The newest that the driver runs the code of, of those that are found; kept. kUnavailable with what to install, or
// which is too new.
Result<const Nvrtc*> load_nvrtc(int driver_version);

// Machine code where it knows the device's architecture, else PTX of the newest before it, which the driver compiles.
struct Target {
  int arch = 0;
  bool is_ptx = false;
  std::string name() const { return (is_ptx ? "compute_" : "sm_") + std::to_string(arch); }
};
// kUnsupported for a device older than all that it knows.
Result<Target> target_for(const Nvrtc& nvrtc, int arch);

// kInternal with the compiler's log and the source's name.
Result<std::vector<std::byte>> compile(const Nvrtc& nvrtc, const Target& target, const ProgramSource& source);

}  // namespace systole::gpu::cuda
