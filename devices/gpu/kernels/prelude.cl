// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One kernel language out of two: put before every kernel's text. OpenCL C 1.2 is the base; under NVRTC (__CUDACC_RTC__)
// the same words are macros of CUDA C++.
#define SYSTOLE_GPU_DEVICE 1

#ifdef __CUDACC_RTC__
typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long long ulong;
#define KERNEL extern "C" __global__ void
#define GLOBAL
#define LOCAL __shared__
#define FUNCTION static __device__ __forceinline__
#define BARRIER() __syncthreads()
#define GLOBAL_ID(d) ((long)((d) == 0 ? (ulong)blockIdx.x * blockDim.x + threadIdx.x : (d) == 1 ? (ulong)blockIdx.y * blockDim.y + threadIdx.y : (ulong)blockIdx.z * blockDim.z + threadIdx.z))
#define GLOBAL_SIZE(d) ((long)((d) == 0 ? (ulong)gridDim.x * blockDim.x : (d) == 1 ? (ulong)gridDim.y * blockDim.y : (ulong)gridDim.z * blockDim.z))
#define LOCAL_ID(d) ((int)((d) == 0 ? threadIdx.x : (d) == 1 ? threadIdx.y : threadIdx.z))
#define GROUP_ID(d) ((long)((d) == 0 ? blockIdx.x : (d) == 1 ? blockIdx.y : blockIdx.z))
#define AS_FLOAT(bits) __uint_as_float(bits)
#define AS_UINT(value) __float_as_uint(value)
#define UNROLL _Pragma("unroll")
#else
#pragma OPENCL FP_CONTRACT OFF
#ifdef cl_khr_fp64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
#define KERNEL __kernel void
#define GLOBAL __global
#define LOCAL __local
#define FUNCTION static inline
#define BARRIER() barrier(CLK_LOCAL_MEM_FENCE)
#define GLOBAL_ID(d) ((long)get_global_id(d))
#define GLOBAL_SIZE(d) ((long)get_global_size(d))
#define LOCAL_ID(d) ((int)get_local_id(d))
#define GROUP_ID(d) ((long)get_group_id(d))
#define AS_FLOAT(bits) as_float((uint)(bits))
#define AS_UINT(value) as_uint((float)(value))
#define UNROLL __attribute__((opencl_unroll_hint))
#endif
#define AT(base, offset, type) (*(GLOBAL type*)((base) + (offset)))
#define AT_CONST(base, offset, type) (*(GLOBAL const type*)((base) + (offset)))
