// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The probes' kernels over CUDA's doubles; with SYSTOLE_DOUBLE_ALSO in the environment a real NVRTC compiles them too.
#include <gtest/gtest.h>

#include <cstdlib>

#include "devices/gpu/cuda/cuda.h"
#include "tests/gpu/probe_checks.h"

namespace systole::gpu {
namespace {

TEST(CudaProbe, EveryWordIsTouched) {
  auto provider = make_cuda_provider(0);
  ASSERT_TRUE(provider.ok()) << provider.status().to_string();
  expect_probes_touch_all(*provider);
}

// Instructions that the doubles' processor has not are told to be none.
TEST(CudaProbe, EveryProgramCompilesAndCountsItsProducts) {
  auto provider = make_cuda_provider(0);
  ASSERT_TRUE(provider.ok()) << provider.status().to_string();
  ProgramCache programs(*provider, DiskCache(""));
  auto memory = (*provider)->allocate(64);
  auto stream = (*provider)->stream();
  ASSERT_TRUE(memory.ok() && stream.ok());
  const auto products = [&](const std::vector<std::pair<std::string, std::string>>& macros) {
    auto kernel = programs.own_kernel("probe", macros, "compute");
    EXPECT_TRUE(kernel.ok()) << kernel.status().to_string();
    const Operand y{memory->get(), 0};
    ProbeParams params{};
    params.passes = 3, params.factor = 0.5f;
    int told = -1;
    EXPECT_TRUE((*stream)->fill(y, 4, 77, 4).ok());
    if (kernel.ok()) {
      EXPECT_TRUE((*stream)->launch(**kernel, {}, std::span(&y, 1), std::as_bytes(std::span(&params, 1))).ok());
    }
    EXPECT_TRUE((*stream)->read(y, std::as_writable_bytes(std::span(&told, 1))).ok());
    return told;
  };
  EXPECT_EQ(products({{"COMPUTE_F32", "1"}}), 16);
  EXPECT_EQ(products({{"COMPUTE_F64", "1"}, {"SYSTOLE_F64", "1"}}), 16);
  EXPECT_EQ(products({{"COMPUTE_I8", "1"}}), 0);
  // All of them are one text to the doubles.
  const bool all = std::getenv("SYSTOLE_DOUBLE_ALSO") != nullptr;
  for (int type : all ? std::vector<int>{GPU_F16, GPU_BF16, GPU_F8E4M3, GPU_I8} : std::vector<int>{GPU_I8})
    EXPECT_EQ(products({{"COMPUTE_MMA", std::to_string(type)}}), 0) << type;
}

}  // namespace
}  // namespace systole::gpu
