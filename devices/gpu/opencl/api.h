// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// OpenCL's functions as the loader has them, and what its errors mean here.
#pragma once

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include <string>
#include <utility>

#include "hal/status.h"

namespace systole::gpu::opencl {

#define SYSTOLE_OPENCL_FUNCTIONS(X) \
  X(clGetPlatformIDs)               \
  X(clGetPlatformInfo)              \
  X(clGetDeviceIDs)                 \
  X(clGetDeviceInfo)                \
  X(clCreateContext)                \
  X(clReleaseContext)               \
  X(clCreateCommandQueue)           \
  X(clReleaseCommandQueue)          \
  X(clCreateBuffer)                 \
  X(clReleaseMemObject)             \
  X(clCreateProgramWithSource)      \
  X(clCreateProgramWithBinary)      \
  X(clBuildProgram)                 \
  X(clGetProgramBuildInfo)          \
  X(clGetProgramInfo)               \
  X(clReleaseProgram)               \
  X(clCreateKernel)                 \
  X(clReleaseKernel)                \
  X(clSetKernelArg)                 \
  X(clEnqueueNDRangeKernel)         \
  X(clEnqueueCopyBuffer)            \
  X(clEnqueueFillBuffer)            \
  X(clEnqueueWriteBuffer)           \
  X(clEnqueueReadBuffer)            \
  X(clEnqueueMapBuffer)             \
  X(clEnqueueMigrateMemObjects)     \
  X(clEnqueueMarkerWithWaitList)    \
  X(clFlush)                        \
  X(clFinish)                       \
  X(clWaitForEvents)                \
  X(clGetEventProfilingInfo)        \
  X(clReleaseEvent)

struct Api {
#define SYSTOLE_OPENCL_MEMBER(name) decltype(&::name) name = nullptr;
  SYSTOLE_OPENCL_FUNCTIONS(SYSTOLE_OPENCL_MEMBER)
#undef SYSTOLE_OPENCL_MEMBER
};

// Of libOpenCL.so.1, loaded at the first call and kept. kUnavailable with the package that has it.
Result<const Api*> load_api();

std::string error_name(cl_int error);  // "CL_OUT_OF_RESOURCES", or "error -9999"
// Ok for CL_SUCCESS. Errors that only a dead device or context gives are kDeviceLost.
Status status_of(cl_int error, const std::string& what);
// Of a call that waits for commands: there a fault of an earlier command shows, and no later one can be trusted.
Status wait_status(cl_int error, const std::string& what);

// Owns one object, which `release` gives back.
template <typename T>
class Handle {
 public:
  using Release = cl_int(CL_API_CALL*)(T);
  Handle() = default;
  Handle(T object, Release release) : object_(object), release_(release) {}
  Handle(Handle&& other) noexcept : object_(std::exchange(other.object_, nullptr)), release_(other.release_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(object_, other.object_);
    std::swap(release_, other.release_);
    return *this;
  }
  ~Handle() {
    if (object_ != nullptr) release_(object_);
  }
  T get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T object_ = nullptr;
  Release release_ = nullptr;
};

}  // namespace systole::gpu::opencl
