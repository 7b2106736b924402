// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One kernel language out of two: put before every kernel's text. OpenCL C 1.2 is the base; under NVRTC (__CUDACC_RTC__)
// the same words are macros of CUDA C++. LOCAL is of a work-group's variable, IN_LOCAL of a pointer to one; KERNEL_OF says
// how many work-items a group has.
#define SYSTOLE_GPU_DEVICE 1

#ifdef __CUDACC_RTC__
typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long long ulong;
#define KERNEL extern "C" __global__ void
#define KERNEL_OF(threads) extern "C" __global__ __launch_bounds__(threads) void
#define GLOBAL
#define LOCAL __shared__
#define IN_LOCAL
#define ALIGNED(bytes) __align__(bytes)
#define FUNCTION static __device__ __forceinline__
#define BARRIER() __syncthreads()
#define GLOBAL_ID(d) ((long)((d) == 0 ? (ulong)blockIdx.x * blockDim.x + threadIdx.x : (d) == 1 ? (ulong)blockIdx.y * blockDim.y + threadIdx.y : (ulong)blockIdx.z * blockDim.z + threadIdx.z))
#define GLOBAL_SIZE(d) ((long)((d) == 0 ? (ulong)gridDim.x * blockDim.x : (d) == 1 ? (ulong)gridDim.y * blockDim.y : (ulong)gridDim.z * blockDim.z))
#define LOCAL_ID(d) ((int)((d) == 0 ? threadIdx.x : (d) == 1 ? threadIdx.y : threadIdx.z))
#define GROUP_ID(d) ((long)((d) == 0 ? blockIdx.x : (d) == 1 ? blockIdx.y : blockIdx.z))
#define AS_FLOAT(bits) __uint_as_float(bits)
#define AS_UINT(value) __float_as_uint(value)
#define UNROLL _Pragma("unroll")
#define NO_UNROLL _Pragma("unroll 1")
#define MULTIPLY_ADD(a, b, c) fmaf(a, b, c)
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 610
#define DOT4(a, b, c) __dp4a(a, b, c)
#endif
#else
#pragma OPENCL FP_CONTRACT OFF
#ifdef cl_khr_fp64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
#define KERNEL __kernel void
#define KERNEL_OF(threads) __kernel __attribute__((reqd_work_group_size(threads, 1, 1))) void
#define GLOBAL __global
#define LOCAL __local
#define IN_LOCAL __local
#define ALIGNED(bytes) __attribute__((aligned(bytes)))
#define FUNCTION static inline
#define BARRIER() barrier(CLK_LOCAL_MEM_FENCE)
#define GLOBAL_ID(d) ((long)get_global_id(d))
#define GLOBAL_SIZE(d) ((long)get_global_size(d))
#define LOCAL_ID(d) ((int)get_local_id(d))
#define GROUP_ID(d) ((long)get_group_id(d))
#define AS_FLOAT(bits) as_float((uint)(bits))
#define AS_UINT(value) as_uint((float)(value))
#define UNROLL __attribute__((opencl_unroll_hint))
#define NO_UNROLL __attribute__((opencl_unroll_hint(1)))
#ifdef FP_FAST_FMAF
#define MULTIPLY_ADD(a, b, c) fma(a, b, c)
#else
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#endif
#ifdef __opencl_c_integer_dot_product_input_4x8bit_packed
#define DOT4(a, b, c) (dot_4x8packed_ss_int((uint)(a), (uint)(b)) + (c))
#endif
#endif
// c and the products of four signed bytes, summed; it wraps.
#ifndef DOT4
FUNCTION int dot4(int a, int b, int c) {
  c += (signed char)a * (signed char)b;
  c += (signed char)(a >> 8) * (signed char)(b >> 8);
  c += (signed char)(a >> 16) * (signed char)(b >> 16);
  return c + (a >> 24) * (b >> 24);
}
#define DOT4(a, b, c) dot4(a, b, c)
#endif
#define AT(base, offset, type) (*(GLOBAL type*)((base) + (offset)))
#define AT_CONST(base, offset, type) (*(GLOBAL const type*)((base) + (offset)))
