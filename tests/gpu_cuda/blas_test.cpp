// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products by cuBLASLt over its double (blas_double.cpp): every way matrices lie, what is fused, and faults.
// cuda_test.cpp names the doubles. Values of every op are the conformance suite's matter (test_gpu_cuda_library).
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "devices/gpu/cuda/cuda.h"
#include "devices/gpu/gpu_device.h"
#include "hal/queue.h"
#include "tests/gpu_cuda/controls.h"

namespace systole::gpu {
namespace {

template <typename Function>
Function* symbol(const char* name) {
  static void* const library = dlopen(SYSTOLE_BLAS_DOUBLE, RTLD_NOW | RTLD_LOCAL);
  return reinterpret_cast<Function*>(dlsym(library, name));
}
int64_t count(const std::string& what) { return symbol<DoubleCount>(("double_blas_" + what).c_str())(); }
void fail(const char* name, int status) { symbol<DoubleBlasFail>("double_blas_fail")(name, status); }

// A matrix of small numbers in f32, laid out by a MatrixSpec.
struct Operands {
  explicit Operands(Provider& provider) {
    for (auto& each : memory) {
      auto made = provider.allocate_pinned(1 << 14);
      EXPECT_TRUE(made.ok()) << made.status().to_string();
      each = std::move(*made);
      for (int i = 0; i < 4096; ++i) floats(&each - memory.data())[i] = static_cast<float>((i * 7 + 3) % 11 - 5);
    }
  }
  float* floats(ptrdiff_t i) const { return reinterpret_cast<float*>(memory[static_cast<size_t>(i)]->host()); }
  std::array<Operand, 6> places(int64_t offset = 0) const {
    std::array<Operand, 6> result;
    for (size_t i = 0; i < 6; ++i) result[i] = {memory[i].get(), i < 5 ? offset : 0};
    return result;
  }
  std::array<std::unique_ptr<Memory>, 6> memory;  // y, a, b, residual, bias, workspace
};

class Products : public testing::Test {
 protected:
  void SetUp() override {
    auto made = make_cuda_provider(0);
    ASSERT_TRUE(made.ok()) << made.status().to_string();
    provider = *made;
  }
  void TearDown() override {
    fail(nullptr, 0);
    provider.reset();
    EXPECT_EQ(count("objects"), 0);
  }
  Status run(const ProductSpec& spec, std::span<const Operand> operands) {
    SYSTOLE_ASSIGN_OR_RETURN(auto kernel, provider->product(spec));
    SYSTOLE_ASSIGN_OR_RETURN(auto stream, provider->stream());
    const Status asked = stream->launch(*kernel, {}, operands, {});
    const Status finished = stream->finish();
    return asked.ok() ? finished : asked;
  }
  std::shared_ptr<Provider> provider;
};

// By rows, or by columns, with a gap.
MatrixSpec lies(int64_t rows, int64_t columns, bool by_row, int64_t gap) {
  return by_row ? MatrixSpec{DType::kF32, columns + gap, 1, 200} : MatrixSpec{DType::kF32, 1, rows + gap, 200};
}
int64_t at(const MatrixSpec& m, int64_t batch, int64_t row, int64_t column) {
  return batch * m.batch + row * m.row + column * m.column;
}

TEST_F(Products, OfMatricesHoweverTheyLie) {
  EXPECT_EQ(provider->library().name, "cuBLASLt 12.4.5");
  for (int ways = 0; ways < 128; ++ways) {
    ProductSpec spec;
    spec.m = 5, spec.n = 3, spec.k = 7, spec.batch = ways & 64 ? 3 : 1;
    spec.y = lies(5, 3, ways & 1, 0);
    spec.a = lies(5, 7, ways & 2, 1);
    spec.b = lies(7, 3, ways & 4, 2);
    spec.residual = lies(5, 3, ways & 1, 3);
    if (ways & 32) spec.b.batch = 0;
    spec.has_bias = ways & 8;
    spec.has_residual = ways & 16;
    spec.activation = ways & 8 ? Activation::kRelu : Activation::kNone;
    spec.algorithm = ways & 2 ? 1 : 0;
    spec.workspace_bytes = 1024;
    const Operands operands(*provider);
    const int64_t before = count("products");
    const Status status = run(spec, operands.places());
    ASSERT_TRUE(status.ok()) << ways << ": " << status.to_string();
    EXPECT_EQ(count("products"), before + 1);
    for (int64_t batch = 0; batch < spec.batch; ++batch)
      for (int64_t i = 0; i < spec.m; ++i)
        for (int64_t j = 0; j < spec.n; ++j) {
          float sum = spec.has_residual ? operands.floats(3)[at(spec.residual, batch, i, j)] : 0;
          for (int64_t k = 0; k < spec.k; ++k)
            sum += operands.floats(1)[at(spec.a, batch, i, k)] * operands.floats(2)[at(spec.b, batch, k, j)];
          if (spec.has_bias) sum = std::fmax(0.0f, sum + operands.floats(4)[spec.y.column == 1 ? j : i]);
          ASSERT_EQ(operands.floats(0)[at(spec.y, batch, i, j)], sum) << ways << ": " << batch << " " << i << " " << j;
        }
  }
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
  const Operands operands(*provider);
  EXPECT_TRUE(run(square(DType::kF32, DType::kF32), operands.places(4)).ok()) << "any multiple of an element";
  auto wide = provider->product(square(DType::kF32, DType::kF32));
  auto narrow = provider->product(square(DType::kF8E4M3, DType::kF32));
  ASSERT_TRUE(wide.ok() && narrow.ok());
  EXPECT_EQ((*wide)->alignment(), 4);
  EXPECT_EQ((*narrow)->alignment(), 16) << "of 8 bits: cuBLASLt's rule";
  wide = narrow = Status(Code::kInternal, "");
  const Status status = run(square(DType::kF8E4M3, DType::kF32), operands.places(8));
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
  const Operands operands(*provider);
  fail("cublasLtMatmul", 13);
  const Status status = run(square(DType::kF32, DType::kF32), operands.places());
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_NE(status.message().find("16x16x16: CUBLAS_STATUS_EXECUTION_FAILED (13)"), std::string::npos)
      << status.message();
  EXPECT_TRUE(run(square(DType::kF32, DType::kF32), operands.places()).ok());
}

TEST_F(Products, ALibraryThatDoesNotStart) {
  fail("cublasLtCreate", 1);
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
    const int64_t products_before = count("products"), fused_before = count("fused");
    const Status status = run_and_wait(**device, list);
    ASSERT_TRUE(status.ok()) << status.to_string();
    EXPECT_EQ(count("products") - products_before, products) << options;
    EXPECT_EQ(count("fused") - fused_before, fused) << options;
    ASSERT_TRUE(y->invalidate(0, 16 * 8 * 4).ok());
    auto mapped = y->map(0, 16 * 8 * 4, MapAccess::kRead);
    for (int64_t i = 0; i < 16; ++i)
      for (int64_t j = 0; j < 8; ++j) {
        float sum = static_cast<float>(j % 5 - 2);
        for (int64_t k = 0; k < 32; ++k)
          sum += static_cast<float>((i * 32 + k) % 5 - 2) * static_cast<float>((k * 8 + j) % 5 - 2);
        EXPECT_EQ(reinterpret_cast<const float*>(mapped->data())[i * 8 + j], std::fmax(sum, 0.0f)) << options;
      }
    y->unmap();
  }
  void TearDown() override { fail(nullptr, 0); }
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
