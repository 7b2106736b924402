// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products by cuBLASLt over its double (blas_double.cpp): every way matrices lie, what is fused, and faults.
// cuda_fixture.h names the doubles. Values of every op are the conformance suite's matter (test_gpu_cuda_library).
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "devices/gpu/cuda/cuda.h"
#include "devices/gpu/gpu_device.h"
#include "hal/queue.h"
#include "tests/gpu_cuda/cuda_fixture.h"

namespace systole::gpu {
namespace {

template <typename Function>
Function* blas_symbol(const char* name) {
  static void* const library = dlopen(SYSTOLE_BLAS_DOUBLE, RTLD_NOW | RTLD_LOCAL);
  return reinterpret_cast<Function*>(dlsym(library, name));
}
int64_t blas_count(const std::string& what) { return blas_symbol<DoubleCount>(("double_blas_" + what).c_str())(); }
void blas_fail(const char* name, int status) { blas_symbol<DoubleBlasFail>("double_blas_fail")(name, status); }

class Products : public testing::Test {
 protected:
  void SetUp() override {
    auto made = make_cuda_provider(0);
    ASSERT_TRUE(made.ok()) << made.status().to_string();
    provider = *made;
  }
  void TearDown() override {
    blas_fail(nullptr, 0);
    provider.reset();
    EXPECT_EQ(blas_count("objects"), 0);
  }
  Status run(const ProductSpec& spec, int64_t offset = 0) {
    SYSTOLE_ASSIGN_OR_RETURN(auto kernel, provider->product(spec));
    SYSTOLE_ASSIGN_OR_RETURN(auto stream, provider->stream());
    const ProductOperands operands(*provider, *stream);
    const Status asked = stream->launch(*kernel, {}, operands.places(offset), {});
    const Status finished = stream->finish();
    return asked.ok() ? finished : asked;
  }
  std::shared_ptr<Provider> provider;
};

TEST_F(Products, OfMatricesHoweverTheyLie) {
  EXPECT_EQ(provider->library().name, "cuBLASLt 12.4.5");
  const int64_t products = blas_count("products"), fused = blas_count("fused");
  expect_products(*provider, true, 2);
  EXPECT_EQ(blas_count("products"), products + 128);
  EXPECT_EQ(blas_count("fused"), fused + 96) << "three in four have a bias or a residual";
}

ProductSpec square(DType type, DType y) {
  ProductSpec spec;
  spec.m = spec.n = spec.k = 16;
  spec.a = {type, 16, 1, 0};
  spec.b = {type, 1, 16, 0};
  spec.y = {y, 16, 1, 0};
  return spec;
}

TEST_F(Products, OperandsThatLieOddly) {
  EXPECT_TRUE(run(square(DType::kF32, DType::kF32), 4).ok()) << "any multiple of an element";
  auto wide = provider->product(square(DType::kF32, DType::kF32));
  auto narrow = provider->product(square(DType::kF8E4M3, DType::kF32));
  ASSERT_TRUE(wide.ok() && narrow.ok());
  EXPECT_EQ((*wide)->alignment(), 4);
  EXPECT_EQ((*narrow)->alignment(), 16) << "of 8 bits: cuBLASLt's rule";
  wide = narrow = Status(Code::kInternal, "");
  const Status status = run(square(DType::kF8E4M3, DType::kF32), 8);
  EXPECT_EQ(status.code(), Code::kUnsupported);
  EXPECT_NE(status.message().find("multiples of 16"), std::string::npos) << status.message();
}

TEST_F(Products, WhatTheLibraryHasNoAlgorithmFor) {
  ProductSpec odd = square(DType::kI8, DType::kI32);
  odd.k = 15;
  EXPECT_EQ(provider->product(odd).status().code(), Code::kUnsupported);
  ProductSpec third = square(DType::kF32, DType::kF32);
  third.algorithm = 2;
  EXPECT_EQ(provider->product(third).status().code(), Code::kUnsupported) << "there are two";
  third.algorithm = 1;
  EXPECT_EQ(provider->product(third).status().code(), Code::kUnsupported) << "the second needs a workspace";
  EXPECT_EQ(provider->product(square(DType::kU8, DType::kI32)).status().code(), Code::kUnsupported);
}

TEST_F(Products, ALaunchThatFailsSaysSoAndTheNextWorks) {
  blas_fail("cublasLtMatmul", 13);
  const Status status = run(square(DType::kF32, DType::kF32));
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_NE(status.message().find("16x16x16: CUBLAS_STATUS_EXECUTION_FAILED (13)"), std::string::npos)
      << status.message();
  EXPECT_TRUE(run(square(DType::kF32, DType::kF32)).ok());
}

TEST_F(Products, ALibraryThatDoesNotStart) {
  blas_fail("cublasLtCreate", 1);
  EXPECT_EQ(provider->library().name, "");
  EXPECT_NE(provider->library().missing.find("cuBLASLt 12.4.5 does not start"), std::string::npos);
  EXPECT_EQ(provider->product(square(DType::kF32, DType::kF32)).status().code(), Code::kUnsupported);
}

TEST(ProductsDeathTest, NoLibrary) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process that has not looked for it yet
  const auto alone = [] {
    setenv("SYSTOLE_CUBLASLT", "/nowhere/libcublasLt.so", 1);
    Registry registry;
    if (!registry.add(gpu_driver()).ok()) return 1;
    const Status forced = registry.open("gpu:cuda?blas=on").status();
    if (forced.code() != Code::kUnavailable) return 2;
    if (forced.message().find("/nowhere/libcublasLt.so") == std::string::npos) return 3;
    return registry.open("gpu:cuda").ok() ? 0 : 4;
  };
  EXPECT_EXIT(std::exit(alone()), testing::ExitedWithCode(0), "");
}

// y = relu(a w + bias) through the device; what the library did of it.
class LibraryOnDevice : public testing::Test {
 protected:
  void run(const std::string& options, int64_t products, int64_t fused) {
    Registry registry;
    ASSERT_TRUE(registry.add(gpu_driver()).ok());
    auto device = registry.open("gpu:cuda" + options);
    ASSERT_TRUE(device.ok()) << device.status().to_string();
    const auto buffer = [&](int64_t floats) {
      auto made = (*device)->allocate({floats * 4, 0, MemoryKind::kHostVisible, "x"});
      EXPECT_TRUE(made.ok());
      auto mapped = (*made)->map(0, floats * 4, MapAccess::kWrite);
      for (int64_t i = 0; i < floats; ++i) reinterpret_cast<float*>(mapped->data())[i] = static_cast<float>(i % 5 - 2);
      EXPECT_TRUE((*made)->flush(0, floats * 4).ok());
      (*made)->unmap();
      return *made;
    };
    Matmul op;
    op.epilogue.bias = true;
    op.epilogue.activation = Activation::kRelu;
    const auto y = buffer(16 * 8);
    auto list = std::make_shared<CommandList>(*device);
    ASSERT_TRUE(list->op({op,
                          {{buffer(16 * 32), 0, row_major(DType::kF32, {16, 32})},
                           {buffer(32 * 8), 0, row_major(DType::kF32, {32, 8})},
                           {buffer(8), 0, row_major(DType::kF32, {8})}},
                          {{y, 0, row_major(DType::kF32, {16, 8})}},
                          "product"})
                    .ok());
    ASSERT_TRUE(list->end().ok());
    auto clear = std::make_shared<CommandList>(*device);
    ASSERT_TRUE(clear->fill({y, 0, row_major(DType::kF32, {16, 8})}, 16 * 8 * 4, 0x7fc00000, 4).ok());
    ASSERT_TRUE(clear->end().ok());
    const int64_t products_before = blas_count("products"), fused_before = blas_count("fused");
    for (int run = 0; run < 3; ++run) {  // asked for, recorded, replayed
      ASSERT_TRUE(run_and_wait(**device, clear).ok());
      const Status status = run_and_wait(**device, list);
      ASSERT_TRUE(status.ok()) << status.to_string();
      if (run == 0) {
        EXPECT_EQ(blas_count("products") - products_before, products) << options;
        EXPECT_EQ(blas_count("fused") - fused_before, fused) << options;
      }
      ASSERT_TRUE(y->invalidate(0, 16 * 8 * 4).ok());
      auto mapped = y->map(0, 16 * 8 * 4, MapAccess::kRead);
      for (int64_t i = 0; i < 16; ++i)
        for (int64_t j = 0; j < 8; ++j) {
          float sum = static_cast<float>(j % 5 - 2);
          for (int64_t k = 0; k < 32; ++k)
            sum += static_cast<float>((i * 32 + k) % 5 - 2) * static_cast<float>((k * 8 + j) % 5 - 2);
          EXPECT_EQ(reinterpret_cast<const float*>(mapped->data())[i * 8 + j], std::fmax(sum, 0.0f)) << options << run;
        }
      y->unmap();
    }
  }
  void TearDown() override { blas_fail(nullptr, 0); }
};

TEST_F(LibraryOnDevice, WhereItIsAskedFor) {
  run("?blas=on", 1, 1);
  run("?blas=off", 0, 0);
  run("?blas=auto&tune=off", 0, 0);  // nothing was measured
}

TEST_F(LibraryOnDevice, OptionsAreChecked) {
  Registry registry;
  ASSERT_TRUE(registry.add(gpu_driver()).ok());
  const Status status = registry.open("gpu:cuda?blas=perhaps").status();
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_NE(status.message().find("expected 'on', 'off' or 'auto', got 'perhaps'"), std::string::npos);
}

}  // namespace
}  // namespace systole::gpu
