// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The driver's functions as its library has them, and what its errors mean here.
#pragma once

#include <ffnvcodec/dynlink_cuda.h>

#include <string>

#include "hal/status.h"

namespace systole::gpu::cuda {

// What the header lacks. Source: NVIDIA CUDA Driver API reference (docs.nvidia.com/cuda/cuda-driver-api), modules
// "Version Management", "Device Management", "Memory Management", "Event Management", "Stream Management" and "Graph
// Management".
using tcuDriverGetVersion = CUresult(int* version);
using tcuDeviceTotalMem_v2 = CUresult(size_t* bytes, CUdevice device);
using tcuMemGetInfo_v2 = CUresult(size_t* free, size_t* total);
using tcuMemHostAlloc = CUresult(void** host, size_t bytes, unsigned int flags);
using tcuMemFreeHost = CUresult(void* host);
using tcuMemHostRegister_v2 = CUresult(void* host, size_t bytes, unsigned int flags);
using tcuMemHostUnregister = CUresult(void* host);
using tcuMemHostGetDevicePointer_v2 = CUresult(CUdeviceptr* device, void* host, unsigned int flags);
using tcuMemsetD16Async = CUresult(CUdeviceptr to, unsigned short value, size_t count, CUstream stream);
using tcuMemsetD32Async = CUresult(CUdeviceptr to, unsigned int value, size_t count, CUstream stream);
using tcuEventElapsedTime = CUresult(float* milliseconds, CUevent start, CUevent end);
using CUgraph = struct CUgraph_st*;
using CUgraphExec = struct CUgraphExec_st*;
using tcuStreamBeginCapture_v2 = CUresult(CUstream stream, int mode);
using tcuStreamEndCapture = CUresult(CUstream stream, CUgraph* graph);
using tcuGraphDestroy = CUresult(CUgraph graph);
using tcuGraphInstantiateWithFlags = CUresult(CUgraphExec* made, CUgraph graph, unsigned long long flags);
using tcuGraphLaunch = CUresult(CUgraphExec graph, CUstream stream);
using tcuGraphExecDestroy = CUresult(CUgraphExec graph);
inline constexpr unsigned kRegisterMapped = 2;  // CU_MEMHOSTREGISTER_DEVICEMAP
// CU_STREAM_CAPTURE_MODE_RELAXED: what a thread asks of anything but the stream is done as ever.
inline constexpr int kCaptureRelaxed = 2;
inline constexpr auto kMostThreadsPerBlock = static_cast<CUdevice_attribute>(1);
inline constexpr auto kSharedBytesPerBlock = static_cast<CUdevice_attribute>(8);

#define SYSTOLE_CUDA_FUNCTIONS(X) \
  X(cuInit)                       \
  X(cuDriverGetVersion)           \
  X(cuGetErrorName)               \
  X(cuDeviceGetCount)             \
  X(cuDeviceGet)                  \
  X(cuDeviceGetName)              \
  X(cuDeviceGetAttribute)         \
  X(cuDeviceTotalMem_v2)          \
  X(cuCtxCreate_v2)               \
  X(cuCtxDestroy_v2)              \
  X(cuCtxPushCurrent_v2)          \
  X(cuCtxPopCurrent_v2)           \
  X(cuMemGetInfo_v2)              \
  X(cuMemAlloc_v2)                \
  X(cuMemFree_v2)                 \
  X(cuMemHostAlloc)               \
  X(cuMemFreeHost)                \
  X(cuMemHostRegister_v2)         \
  X(cuMemHostUnregister)          \
  X(cuMemHostGetDevicePointer_v2) \
  X(cuMemcpyAsync)                \
  X(cuMemcpyHtoDAsync_v2)         \
  X(cuMemcpyDtoHAsync_v2)         \
  X(cuMemsetD8Async)              \
  X(cuMemsetD16Async)             \
  X(cuMemsetD32Async)             \
  X(cuStreamCreate)               \
  X(cuStreamSynchronize)          \
  X(cuStreamDestroy_v2)           \
  X(cuEventCreate)                \
  X(cuEventRecord)                \
  X(cuEventSynchronize)           \
  X(cuEventElapsedTime)           \
  X(cuEventDestroy_v2)            \
  X(cuModuleLoadData)             \
  X(cuModuleGetFunction)          \
  X(cuModuleUnload)               \
  X(cuLaunchKernel)

// Of drivers from CUDA 11.4 on; each may be null.
#define SYSTOLE_CUDA_GRAPH_FUNCTIONS(X) \
  X(cuStreamBeginCapture_v2)            \
  X(cuStreamEndCapture)                 \
  X(cuGraphDestroy)                     \
  X(cuGraphInstantiateWithFlags)        \
  X(cuGraphLaunch)                      \
  X(cuGraphExecDestroy)

struct Api {
#define SYSTOLE_CUDA_MEMBER(name) t##name* name = nullptr;
  SYSTOLE_CUDA_FUNCTIONS(SYSTOLE_CUDA_MEMBER)
  SYSTOLE_CUDA_GRAPH_FUNCTIONS(SYSTOLE_CUDA_MEMBER)
#undef SYSTOLE_CUDA_MEMBER
  bool graphs = false;  // has all functions of graphs
  int version = 0;      // of CUDA that the driver has, 12040 for 12.4
};

// Loaded and initialised at the first call, and kept. kUnavailable with what is missing.
Result<const Api*> load_api();

// Ok for CUDA_SUCCESS. Errors after which the context does nothing any more are kDeviceLost.
Status status_of(const Api& api, CUresult error, const std::string& what);

}  // namespace systole::gpu::cuda
