// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// CUDA C++ for a host compiler: put before the preprocessed text of a kernel program, whose kernels driver_double.cpp
// then runs, thread by thread.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <utility>

struct DoubleIndex {
  unsigned x, y, z;
};
// Where the thread that runs is; barrier returns when all threads of the block have come to it, together when all of
// the warp have and `act` has been called once with what each of them brought, lane by lane.
struct DoubleThread {
  DoubleIndex grid, block_size, block, thread;
  void (*barrier)();
  void (*together)(void (*act)(void* const* lanes), void* mine);
};
// A kernel, with its arguments by address, and the bytes of each.
struct DoubleKernel {
  void (*run)(void** arguments);
  const size_t* argument_bytes;
  size_t argument_count;
};

#ifdef SYSTOLE_DOUBLE_MODULE
extern "C" {
DoubleThread double_thread;
}
#define gridDim double_thread.grid
#define blockDim double_thread.block_size
#define blockIdx double_thread.block
#define threadIdx double_thread.thread
#define __global__
#define __device__
#define __forceinline__ inline
#define __shared__ static
#define __launch_bounds__(threads)
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __syncthreads() double_thread.barrier()

using std::ceil, std::erf, std::exp, std::exp2, std::fabs, std::floor, std::fma, std::fmax, std::fmin, std::fmod,
    std::log, std::pow, std::rint, std::sqrt, std::tanh, std::trunc, std::sin, std::cos;

// PTX's dp4a.s32.s32.
inline int __dp4a(int a, int b, int c) {
  auto sum = static_cast<unsigned>(c);
  for (int shift = 0; shift < 32; shift += 8)
    sum += static_cast<unsigned>(static_cast<signed char>(a >> shift) * static_cast<signed char>(b >> shift));
  return static_cast<int>(sum);
}
inline float __uint_as_float(unsigned bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
inline unsigned __float_as_uint(float value) {
  unsigned bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

#include "tests/gpu_cuda/warp_like.h"

template <auto kKernel>
struct DoubleCall;
template <typename... Arguments, void (*kKernel)(Arguments...)>
struct DoubleCall<kKernel> {
  static constexpr size_t kBytes[] = {sizeof(Arguments)...};
  template <size_t... kIndex>
  static void call(void** arguments, std::index_sequence<kIndex...>) {
    kKernel(*static_cast<std::remove_const_t<Arguments>*>(arguments[kIndex])...);
  }
  static void run(void** arguments) { call(arguments, std::index_sequence_for<Arguments...>()); }
};
#define DOUBLE_EXPORT(name)                                                             \
  extern "C" {                                                                          \
  DoubleKernel double_kernel_##name = {DoubleCall<name>::run, DoubleCall<name>::kBytes, \
                                       std::size(DoubleCall<name>::kBytes)};            \
  }
// The kernels' names of types, which the C library has as well.
#define uchar double_uchar
#define ushort double_ushort
#define uint double_uint
#define ulong double_ulong
#endif
