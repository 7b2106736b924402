// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The CUDA provider over doubles of the driver and of NVRTC: the ones that the environment names, else this build's.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "devices/gpu/cuda/cuda.h"
#include "tests/gpu/provider_checks.h"
#include "tests/gpu_cuda/controls.h"

namespace systole::gpu {

// Before the first use of either library in this process.
inline const bool kDoublesAreNamed = [] {
  setenv("SYSTOLE_CUDA_DRIVER", SYSTOLE_DRIVER_DOUBLE, 0);
  setenv("SYSTOLE_NVRTC", SYSTOLE_NVRTC_DOUBLE, 0);
  setenv("SYSTOLE_CUBLASLT", SYSTOLE_BLAS_DOUBLE, 0);
  return true;
}();

template <typename Function>
Function* symbol(const char* name) {
  static void* const library = dlopen(std::getenv("SYSTOLE_CUDA_DRIVER"), RTLD_NOW | RTLD_LOCAL);
  return reinterpret_cast<Function*>(dlsym(library, name));
}
// 0 for what a driver does not have.
inline int64_t count(const std::string& what) {
  DoubleCount* counter = symbol<DoubleCount>(("double_" + what).c_str());
  return counter == nullptr ? 0 : counter();
}
inline void fail(const char* name, int error, int calls = 0) { symbol<DoubleFail>("double_fail")(name, error, calls); }

inline std::shared_ptr<Provider> open() {
  auto made = make_cuda_provider(0);
  EXPECT_TRUE(made.ok()) << made.status().to_string();
  return made.ok() ? *made : nullptr;
}

class Cuda : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(provider = open(), nullptr); }
  // Whatever a test does, nothing of it stays.
  void TearDown() override {
    fail(nullptr, 0);
    provider.reset();
    for (const char* what :
         {"contexts", "allocated_bytes", "registered", "modules", "streams", "events", "graphs", "current"})
      EXPECT_EQ(count(what), 0) << what;
  }
  std::shared_ptr<Provider> provider;
};

struct AddParams {
  int64_t unused = 0;
  int step = 2, more = 0;
};

// y[i] = x[i] + N * step, one item each.
inline ProgramSource adding(const std::string& n) {
  return {"adding",
          "struct AddParams { long unused; int step, more; };\n"
          "extern \"C\" __global__ void add(const unsigned char* x, long ox, unsigned char* y, long oy, const "
          "AddParams p) {\n"
          "  const long i = (long)blockIdx.x * blockDim.x + threadIdx.x;\n"
          "  ((int*)(y + oy))[i] = ((const int*)(x + ox))[i] + N * p.step;\n}\n",
          {{"N", n}}};
}
inline std::span<const std::byte> bytes_of(const AddParams& params) { return std::as_bytes(std::span(&params, 1)); }

// The kernel's answer for N = 5 and step = 2.
inline Result<int> run_adding(Provider& provider, Kernel& kernel) { return run_adding(provider, kernel, bytes_of({})); }

}  // namespace systole::gpu
