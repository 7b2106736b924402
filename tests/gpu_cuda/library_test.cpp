// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops by way of cuBLASLt's double beside ref: what the conformance suite's small tensors don't reach. cuda_fixture.h
// names the doubles.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include "devices/gpu/gpu_device.h"
#include "devices/ref/ref_device.h"
#include "tests/conformance/op_case.h"
#include "tests/conformance/suite.h"
#include "tests/gpu_cuda/controls.h"

namespace systole::conformance {
namespace {

int64_t products() {
  static void* const library = dlopen(SYSTOLE_BLAS_DOUBLE, RTLD_NOW | RTLD_LOCAL);
  return reinterpret_cast<DoubleCount*>(dlsym(library, "double_blas_products"))();
}

class LibraryOps : public testing::Test {
 protected:
  void SetUp() override {
    require_ok(registry_.add(gpu_driver()), "gpu");
    require_ok(registry_.add(ref_driver()), "ref");
    device_ = take(registry_.open("gpu:cuda?blas=on"), "gpu:cuda");
    ref_ = take(registry_.open("ref"), "ref");
  }

  // As ref within its bound, with so many products of the library's; weights frozen and not.
  void compare(const Op& op, const std::vector<TensorDesc>& inputs, const TensorDesc& output, int64_t wanted) {
    for (bool frozen : {false, true}) {
      const OpCase op_case{{op, inputs, {output}, "by the library"}, {false, frozen}, 7, 0};
      const int64_t before = products();
      EXPECT_EQ(compare_with_ref(device_, ref_, op_case), "") << output.to_string();
      EXPECT_EQ(products() - before, wanted) << output.to_string();
    }
  }

  Registry registry_;
  std::shared_ptr<Device> device_, ref_;
};

std::shared_ptr<const Quantization> quantized(std::vector<float> scale, int32_t zero, int axis = -1) {
  Quantization result{scale, std::vector<int32_t>(scale.size(), zero), axis};
  return std::make_shared<const Quantization>(std::move(result));
}

TEST_F(LibraryOps, EightBitFloats) {
  for (DType type : {DType::kF8E4M3, DType::kF8E5M2}) {
    const int64_t fits = type == DType::kF8E4M3 ? 1 : 0;  // cuBLASLt has no products of two e5m2
    compare(Matmul{}, {row_major(type, {32, 48}), row_major(type, {48, 16})}, row_major(DType::kBF16, {32, 16}), fits);
    compare(Matmul{false, true, {}}, {row_major(type, {2, 16, 48}), row_major(type, {16, 48})},
            row_major(type, {2, 16, 16}), fits);
  }
  const auto e4m3 = [](Shape shape) { return row_major(DType::kF8E4M3, std::move(shape)); };
  compare(Matmul{}, {e4m3({32, 47}), e4m3({47, 16})}, e4m3({32, 16}), 0);
  // Short sums would be less exact on tensor cores than f32 may be.
  compare(Matmul{}, {e4m3({16, 2032}), e4m3({2032, 16})}, row_major(DType::kF32, {16, 16}), 0);
  compare(Matmul{}, {e4m3({16, 2048}), e4m3({2048, 16})}, row_major(DType::kF32, {16, 16}), 1);
}

TEST_F(LibraryOps, IntegersWithZeroPoints) {
  const TensorDesc a = row_major(DType::kI8, {20, 32}, quantized({0.5f}, 3)),
                   w = row_major(DType::kI8, {32, 24}, quantized(std::vector<float>(24, 0.25f), 0, 1)),
                   y = row_major(DType::kI8, {20, 24}, quantized({40.0f}, -7)), bias = row_major(DType::kI32, {24});
  Matmul op;
  compare(op, {a, w}, row_major(DType::kI32, {20, 24}), 1);
  op.epilogue.bias = true;
  op.epilogue.activation = Activation::kRelu;
  compare(op, {a, w, bias}, y, 1);
  const TensorDesc off = row_major(DType::kI8, {32, 24}, quantized({0.25f}, 1));
  compare(Matmul{}, {a, off}, row_major(DType::kI32, {20, 24}), 0);  // weights' zero points are not the library's
}

TEST_F(LibraryOps, ConvolutionsOfIntegers) {
  Conv2d op;
  op.pad_top = op.pad_left = op.pad_bottom = op.pad_right = 1;
  op.stride_h = 2;
  for (const auto& layout : {row_major_strides, channels_last_strides}) {
    TensorDesc x = row_major(DType::kI8, {2, 16, 9, 12}, quantized({0.5f}, -3)),
               w = row_major(DType::kI8, {8, 16, 3, 3}, quantized({0.25f}, 0)),
               y = row_major(DType::kI32, {2, 8, 5, 12});
    for (TensorDesc* each : {&x, &w, &y}) each->strides = layout(each->dtype, each->shape);
    compare(op, {x, w}, y, 1);
  }
}

// More columns of an image than are laid out at once: part by part, by images and by rows.
TEST_F(LibraryOps, LargeConvolutionsInParts) {
  Conv2d op;
  op.epilogue.bias = true;
  const auto f32 = [](Shape shape) { return row_major(DType::kF32, std::move(shape)); };
  const OpCase images{
      {op, {f32({2, 8, 250, 250}), f32({2, 8, 3, 3}), f32({2})}, {f32({2, 2, 248, 248})}, "images"}, {}, 7, 0};
  const OpCase rows{
      {op, {f32({1, 16, 300, 300}), f32({2, 16, 3, 3}), f32({2})}, {f32({1, 2, 298, 298})}, "rows"}, {}, 7, 0};
  for (const OpCase& each : {images, rows}) {
    const int64_t before = products();
    EXPECT_EQ(compare_with_ref(device_, ref_, each), "") << each.desc.name;
    EXPECT_EQ(products() - before, 2) << each.desc.name;
  }
}

}  // namespace
}  // namespace systole::conformance
