// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// cuBLASLt, loaded when first asked for: as much of it as products take.
#pragma once

#include <ffnvcodec/dynlink_cuda.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "hal/status.h"

namespace systole::gpu::cuda {

// Declared after NVIDIA's cuBLAS reference (docs.nvidia.com/cuda/cublas), "Using the cuBLASLt API", of CUDA 11 to 13:
// cublasStatus_t and the other enumerations are ints here, descriptors are pointers to what is not looked into.
namespace lt {

using Handle = struct Context*;
using MatmulDesc = struct MatmulDescription*;
using MatrixLayout = struct Layout*;
using Preference = struct PreferenceDescription*;
struct Algo {
  uint64_t data[8];
};
struct HeuristicResult {
  Algo algo;
  size_t workspace_bytes;
  int state;
  float waves;
  int reserved[4];
};

enum Status : int { kSuccess = 0, kAllocFailed = 3, kExecutionFailed = 13, kNotSupported = 15 };
enum ComputeType : int { kCompute32F = 68, kCompute32I = 72 };  // the first is without TF32
enum DataType : int { kR32F = 0, kR16F = 2, kR8I = 3, kR32I = 10, kR16BF = 14, kR8FE4M3 = 28, kR8FE5M2 = 29 };
enum Operation : int { kPlain = 0, kTransposed = 1 };
enum Epilogue : int { kDefault = 1, kRelu = 2, kBias = 4, kGelu = 32 };  // sums of them where bias is one
enum DescAttribute : int { kTransA = 3, kTransB = 4, kEpilogue = 7, kBiasPointer = 8 };
enum LayoutAttribute : int { kBatchCount = 5, kBatchStride = 6 };  // int32_t; int64_t, in elements
// uint64_t; uint32_t: what split sums are added up in; uint32_t each: what addresses are multiples of
enum PreferenceAttribute : int {
  kWorkspaceBytes = 1,
  kReductions = 3,
  kAlignA = 5,
  kAlignB = 6,
  kAlignC = 7,
  kAlignD = 8
};
inline constexpr uint32_t kReduceInComputeType = 2;

}  // namespace lt

#define SYSTOLE_CUBLASLT_FUNCTIONS(X)                                                                                 \
  X(size_t, cublasLtGetVersion, ())                                                                                   \
  X(const char*, cublasLtGetStatusName, (int status))                                                                 \
  X(int, cublasLtCreate, (lt::Handle * handle))                                                                       \
  X(int, cublasLtDestroy, (lt::Handle handle))                                                                        \
  X(int, cublasLtMatmulDescCreate, (lt::MatmulDesc * desc, int compute_type, int scale_type))                         \
  X(int, cublasLtMatmulDescDestroy, (lt::MatmulDesc desc))                                                            \
  X(int, cublasLtMatmulDescSetAttribute, (lt::MatmulDesc desc, int attribute, const void* value, size_t bytes))       \
  X(int, cublasLtMatrixLayoutCreate,                                                                                  \
    (lt::MatrixLayout * layout, int type, uint64_t rows, uint64_t columns, int64_t leading))                          \
  X(int, cublasLtMatrixLayoutDestroy, (lt::MatrixLayout layout))                                                      \
  X(int, cublasLtMatrixLayoutSetAttribute, (lt::MatrixLayout layout, int attribute, const void* value, size_t bytes)) \
  X(int, cublasLtMatmulPreferenceCreate, (lt::Preference * preference))                                               \
  X(int, cublasLtMatmulPreferenceDestroy, (lt::Preference preference))                                                \
  X(int, cublasLtMatmulPreferenceSetAttribute,                                                                        \
    (lt::Preference preference, int attribute, const void* value, size_t bytes))                                      \
  X(int, cublasLtMatmulAlgoGetHeuristic,                                                                              \
    (lt::Handle handle, lt::MatmulDesc desc, lt::MatrixLayout a, lt::MatrixLayout b, lt::MatrixLayout c,              \
     lt::MatrixLayout d, lt::Preference preference, int wanted, lt::HeuristicResult* results, int* found))            \
  X(int, cublasLtMatmul,                                                                                              \
    (lt::Handle handle, lt::MatmulDesc desc, const void* alpha, const void* a, lt::MatrixLayout a_layout,             \
     const void* b, lt::MatrixLayout b_layout, const void* beta, const void* c, lt::MatrixLayout c_layout, void* d,   \
     lt::MatrixLayout d_layout, const lt::Algo* algo, void* workspace, size_t workspace_bytes, CUstream stream))

struct Blas {
#define SYSTOLE_CUBLASLT_MEMBER(result, name, arguments) result(*name) arguments = nullptr;
  SYSTOLE_CUBLASLT_FUNCTIONS(SYSTOLE_CUBLASLT_MEMBER)
#undef SYSTOLE_CUBLASLT_MEMBER
  std::string version() const;                // "13.1.0"
  std::string status_name(int status) const;  // "CUBLAS_STATUS_NOT_SUPPORTED (15)"
};

// The newest of no later major version than the driver's, kept: libcublasLt.so of CUDA 11 to 13, where the loader
// finds it or in /usr/local/cuda, else $SYSTOLE_CUBLASLT. kUnavailable with what to install.
Result<const Blas*> load_blas(int driver_version);

}  // namespace systole::gpu::cuda
