// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/opencl/api.h"

#include <dlfcn.h>

namespace systole::gpu::opencl {
namespace {

struct Loaded {
  Api api;
  Status status;
};

Loaded load() {
  Loaded loaded;
  // Never unloaded: its threads and those of its platforms outlive whoever asked.
  void* library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    loaded.status = Status(Code::kUnavailable,
                           "no libOpenCL.so.1: install ocl-icd-libopencl1, and pocl-opencl-icd or your GPU's driver");
    return loaded;
  }
  const char* missing = nullptr;
#define SYSTOLE_OPENCL_LOAD(name)                                                       \
  loaded.api.name = reinterpret_cast<decltype(loaded.api.name)>(dlsym(library, #name)); \
  if (loaded.api.name == nullptr) missing = #name;
  SYSTOLE_OPENCL_FUNCTIONS(SYSTOLE_OPENCL_LOAD)
#undef SYSTOLE_OPENCL_LOAD
  if (missing != nullptr)
    loaded.status = Status(Code::kUnavailable, std::string("the OpenCL loader here has no ") + missing +
                                                   ": OpenCL 1.2 is needed (ocl-icd-libopencl1)");
  return loaded;
}

struct Meaning {
  cl_int error;
  const char* name;
  Code code;
};

constexpr Meaning kMeanings[] = {
    {CL_DEVICE_NOT_FOUND, "CL_DEVICE_NOT_FOUND", Code::kUnavailable},
    {CL_DEVICE_NOT_AVAILABLE, "CL_DEVICE_NOT_AVAILABLE", Code::kDeviceLost},
    {CL_COMPILER_NOT_AVAILABLE, "CL_COMPILER_NOT_AVAILABLE", Code::kUnavailable},
    {CL_MEM_OBJECT_ALLOCATION_FAILURE, "CL_MEM_OBJECT_ALLOCATION_FAILURE", Code::kOutOfMemory},
    {CL_OUT_OF_RESOURCES, "CL_OUT_OF_RESOURCES", Code::kOutOfMemory},
    {CL_OUT_OF_HOST_MEMORY, "CL_OUT_OF_HOST_MEMORY", Code::kOutOfMemory},
    {CL_MEM_COPY_OVERLAP, "CL_MEM_COPY_OVERLAP", Code::kInternal},
    {CL_BUILD_PROGRAM_FAILURE, "CL_BUILD_PROGRAM_FAILURE", Code::kInternal},
    {CL_MAP_FAILURE, "CL_MAP_FAILURE", Code::kOutOfMemory},
    {CL_MISALIGNED_SUB_BUFFER_OFFSET, "CL_MISALIGNED_SUB_BUFFER_OFFSET", Code::kInternal},
    {CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST", Code::kDeviceFault},
    {CL_INVALID_VALUE, "CL_INVALID_VALUE", Code::kInternal},
    {CL_INVALID_DEVICE, "CL_INVALID_DEVICE", Code::kInternal},
    {CL_INVALID_CONTEXT, "CL_INVALID_CONTEXT", Code::kDeviceLost},
    {CL_INVALID_COMMAND_QUEUE, "CL_INVALID_COMMAND_QUEUE", Code::kDeviceLost},
    {CL_INVALID_MEM_OBJECT, "CL_INVALID_MEM_OBJECT", Code::kInternal},
    {CL_INVALID_BINARY, "CL_INVALID_BINARY", Code::kDataLoss},
    {CL_INVALID_BUILD_OPTIONS, "CL_INVALID_BUILD_OPTIONS", Code::kInternal},
    {CL_INVALID_PROGRAM, "CL_INVALID_PROGRAM", Code::kInternal},
    {CL_INVALID_PROGRAM_EXECUTABLE, "CL_INVALID_PROGRAM_EXECUTABLE", Code::kInternal},
    {CL_INVALID_KERNEL_NAME, "CL_INVALID_KERNEL_NAME", Code::kInternal},
    {CL_INVALID_KERNEL, "CL_INVALID_KERNEL", Code::kInternal},
    {CL_INVALID_ARG_INDEX, "CL_INVALID_ARG_INDEX", Code::kInternal},
    {CL_INVALID_ARG_VALUE, "CL_INVALID_ARG_VALUE", Code::kInternal},
    {CL_INVALID_ARG_SIZE, "CL_INVALID_ARG_SIZE", Code::kInternal},
    {CL_INVALID_KERNEL_ARGS, "CL_INVALID_KERNEL_ARGS", Code::kInternal},
    {CL_INVALID_WORK_GROUP_SIZE, "CL_INVALID_WORK_GROUP_SIZE", Code::kInternal},
    {CL_INVALID_WORK_ITEM_SIZE, "CL_INVALID_WORK_ITEM_SIZE", Code::kInternal},
    {CL_INVALID_EVENT, "CL_INVALID_EVENT", Code::kInternal},
    {CL_INVALID_OPERATION, "CL_INVALID_OPERATION", Code::kInternal},
    {CL_INVALID_BUFFER_SIZE, "CL_INVALID_BUFFER_SIZE", Code::kOutOfMemory},
    {CL_INVALID_GLOBAL_WORK_SIZE, "CL_INVALID_GLOBAL_WORK_SIZE", Code::kInternal},
};

const Meaning* meaning_of(cl_int error) {
  for (const Meaning& each : kMeanings)
    if (each.error == error) return &each;
  return nullptr;
}

}  // namespace

Result<const Api*> load_api() {
  static const Loaded loaded = load();
  if (!loaded.status.ok()) return loaded.status;
  return &loaded.api;
}

std::string error_name(cl_int error) {
  const Meaning* meaning = meaning_of(error);
  return meaning != nullptr ? meaning->name : "OpenCL error " + std::to_string(error);
}

Status status_of(cl_int error, const std::string& what) {
  if (error == CL_SUCCESS) return {};
  const Meaning* meaning = meaning_of(error);
  return {meaning != nullptr ? meaning->code : Code::kInternal, what + ": " + error_name(error)};
}

Status wait_status(cl_int error, const std::string& what) {
  if (error == CL_SUCCESS) return {};
  // Vendors' own codes (-9999: an access outside memory) and this one are what waits give when a kernel has broken the
  // context.
  if (error == CL_OUT_OF_RESOURCES || meaning_of(error) == nullptr)
    return {Code::kDeviceLost, what + ": " + error_name(error)};
  return status_of(error, what);
}

}  // namespace systole::gpu::opencl
