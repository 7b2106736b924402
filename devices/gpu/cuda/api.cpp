// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/cuda/api.h"

#include <dlfcn.h>

#include <cstdlib>

namespace systole::gpu::cuda {
namespace {

struct Loaded {
  Api api;
  Status status;
};

Status load_functions(Api& api) {
  const char* chosen = std::getenv("SYSTOLE_CUDA_DRIVER");
  const char* name = chosen != nullptr ? chosen : "libcuda.so.1";
  // Never unloaded: its threads outlive whoever asked.
  void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return {Code::kUnavailable, std::string("no CUDA driver (") + name +
                                    "): NVIDIA's driver has it (nvidia-driver and libcuda1 of Debian's non-free)"};
  const char* missing = nullptr;
#define SYSTOLE_CUDA_LOAD(function)                                                   \
  api.function = reinterpret_cast<decltype(api.function)>(dlsym(library, #function)); \
  if (api.function == nullptr) missing = #function;
  SYSTOLE_CUDA_FUNCTIONS(SYSTOLE_CUDA_LOAD)
  if (missing != nullptr)
    return {Code::kUnavailable, std::string("the CUDA driver here has no ") + missing + ": one of CUDA 11 is needed"};
  missing = nullptr;
  SYSTOLE_CUDA_GRAPH_FUNCTIONS(SYSTOLE_CUDA_LOAD)
#undef SYSTOLE_CUDA_LOAD
  api.graphs = missing == nullptr;
  return {};
}

Loaded load() {
  Loaded loaded;
  loaded.status = load_functions(loaded.api);
  if (!loaded.status.ok()) return loaded;
  CUresult error = loaded.api.cuInit(0);
  if (error == CUDA_SUCCESS) error = loaded.api.cuDriverGetVersion(&loaded.api.version);
  if (error != CUDA_SUCCESS)
    loaded.status = {Code::kUnavailable, status_of(loaded.api, error, "the CUDA driver does not start").message()};
  return loaded;
}

// The driver API's reference, "CUresult". Those of 4 to 214 and 700 on that are kDeviceLost leave, as it says there,
// "the process in an inconsistent state", or have no context to work in.
struct Meaning {
  int error;
  Code code;
};
constexpr Meaning kMeanings[] = {
    {2, Code::kOutOfMemory},    // OUT_OF_MEMORY
    {4, Code::kDeviceLost},     // DEINITIALIZED
    {34, Code::kUnavailable},   // STUB_LIBRARY
    {46, Code::kUnavailable},   // DEVICE_UNAVAILABLE
    {100, Code::kUnavailable},  // NO_DEVICE
    {200, Code::kDataLoss},     // INVALID_IMAGE
    {201, Code::kDeviceLost},   // INVALID_CONTEXT
    {209, Code::kDataLoss},     // NO_BINARY_FOR_GPU
    {214, Code::kDeviceLost},   // ECC_UNCORRECTABLE
    {218, Code::kDataLoss},     // INVALID_PTX
    {220, Code::kDeviceLost},   // NVLINK_UNCORRECTABLE
    {221, Code::kUnavailable},  // JIT_COMPILER_NOT_FOUND
    {222, Code::kDataLoss},     // UNSUPPORTED_PTX_VERSION
    {226, Code::kDeviceLost},   // CONTAINED
    {700, Code::kDeviceLost},   // ILLEGAL_ADDRESS
    {702, Code::kDeviceLost},   // LAUNCH_TIMEOUT
    {709, Code::kDeviceLost},   // CONTEXT_IS_DESTROYED
    {710, Code::kDeviceLost},   // ASSERT
    {714, Code::kDeviceLost},   // HARDWARE_STACK_ERROR
    {715, Code::kDeviceLost},   // ILLEGAL_INSTRUCTION
    {716, Code::kDeviceLost},   // MISALIGNED_ADDRESS
    {717, Code::kDeviceLost},   // INVALID_ADDRESS_SPACE
    {718, Code::kDeviceLost},   // INVALID_PC
    {719, Code::kDeviceLost},   // LAUNCH_FAILED
    {721, Code::kDeviceLost},   // TENSOR_MEMORY_LEAK
    {801, Code::kUnsupported},  // NOT_SUPPORTED
    {802, Code::kUnavailable},  // SYSTEM_NOT_READY
    {803, Code::kUnavailable},  // SYSTEM_DRIVER_MISMATCH
    {804, Code::kUnavailable},  // COMPAT_NOT_SUPPORTED_ON_DEVICE
    {810, Code::kDeviceLost},   // MPS_CLIENT_TERMINATED
    {999, Code::kDeviceLost},   // UNKNOWN
};

}  // namespace

Result<const Api*> load_api() {
  static const Loaded loaded = load();
  if (!loaded.status.ok()) return loaded.status;
  return &loaded.api;
}

Status status_of(const Api& api, CUresult error, const std::string& what) {
  if (error == CUDA_SUCCESS) return {};
  const char* name = nullptr;
  if (api.cuGetErrorName(error, &name) != CUDA_SUCCESS || name == nullptr) name = "an error of no name";
  Code code = Code::kInternal;
  for (const Meaning& each : kMeanings)
    if (each.error == static_cast<int>(error)) code = each.code;
  return {code, what + ": " + name + " (" + std::to_string(static_cast<int>(error)) + ")"};
}

}  // namespace systole::gpu::cuda
