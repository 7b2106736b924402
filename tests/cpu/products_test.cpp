// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Random products against ref: integers to the bit, with oneDNN, with own kernels, with one thread and with several.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "tests/cpu/cpu_test.h"

namespace systole::tests {
namespace {

class Products : public testing::TestWithParam<const char*> {
 protected:
  std::shared_ptr<Device> device_ = open_device(GetParam()), ref_ = open_device("ref");
};

TEST_P(Products, IntegerConvolutionsAreBitExact) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    EXPECT_EQ(compare_with_ref(device_, ref_, random_integer_conv(seed)), "") << "seed " << seed;
  }
}

TEST_P(Products, IntegerMatricesAreBitExact) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    EXPECT_EQ(compare_with_ref(device_, ref_, random_integer_matmul(seed)), "") << "seed " << seed;
  }
}

TEST_P(Products, FloatConvolutionsAreWithinTheBound) {
  for (uint64_t seed = 1; seed <= 80; ++seed) {
    EXPECT_EQ(compare_with_ref(device_, ref_, random_float_conv(seed)), "") << "seed " << seed;
  }
}

TEST_P(Products, FloatMatricesAreWithinTheBound) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    EXPECT_EQ(compare_with_ref(device_, ref_, random_float_matmul(seed)), "") << "seed " << seed;
  }
}

// Sums over nothing are zero, also of packed weights whose rows then have no bytes.
TEST_P(Products, OfNothingAreTheBias) {
  for (const bool transposed : {false, true})
    for (const bool constant : {false, true}) {
      OpCase product;
      const auto scale = std::make_shared<Quantization>(Quantization{{0.5f}, {0}, -1});
      Matmul op{false, transposed, {}};
      op.epilogue.bias = true;
      product.desc = {
          op,
          {row_major(DType::kF32, {2, 0}), row_major(DType::kI4, transposed ? Shape{3, 0} : Shape{0, 3}, scale),
           row_major(DType::kF32, {3})},
          {row_major(DType::kF32, {2, 3})},
          "matmul"};
      product.constant = {false, constant, false};
      EXPECT_EQ(compare_with_ref(device_, ref_, product), "") << transposed << constant;
    }
}

std::string variant_name(const testing::TestParamInfo<const char*>& info) {
  return std::vector<std::string>{"default", "one_thread", "three_threads", "own_kernels"}[info.index];
}
INSTANTIATE_TEST_SUITE_P(Cpu, Products, testing::Values("cpu", "cpu?threads=1", "cpu?threads=3", "cpu?onednn=off"),
                         variant_name);

// The same sums in the same order, whatever the threads: own f32 kernels are ref's to the bit.
TEST(OwnKernels, SumInTheContractsOrder) {
  auto own = open_device("cpu?onednn=off&threads=2"), ref = open_device("ref");
  OpCase product;
  product.seed = 5;
  product.desc = {Matmul{},
                  {row_major(DType::kF32, {70, 333}), row_major(DType::kF32, {333, 91})},
                  {row_major(DType::kF32, {70, 91})},
                  "matmul"};
  const auto inputs = conformance::random_inputs(product);
  const auto got = conformance::take(conformance::run_case(own, product, inputs), "cpu");
  const auto expected = conformance::take(conformance::run_case(ref, product, inputs), "ref");
  EXPECT_EQ(got, expected);
}

// A fused activation must not turn NaN into a number.
TEST(Epilogue, KeepsNaN) {
  auto cpu = open_device("cpu"), ref = open_device("ref");
  Conv2d op;
  op.epilogue.activation = Activation::kRelu;
  OpCase conv;
  conv.desc = {op,
               {channels_last(DType::kF32, {1, 16, 4, 4}), row_major(DType::kF32, {16, 16, 1, 1})},
               {channels_last(DType::kF32, {1, 16, 4, 4})},
               "conv"};
  auto inputs = conformance::random_inputs(conv);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(inputs[0].data(), &nan, sizeof nan);
  const auto values = conformance::elements(conv.desc.outputs[0],
                                            conformance::take(conformance::run_case(cpu, conv, inputs), "cpu")[0]);
  for (size_t channel = 0; channel < 16; ++channel) EXPECT_TRUE(std::isnan(values[channel * 16])) << channel;
  EXPECT_FALSE(std::isnan(values[1]));
}

// The residual may be the buffer that y is written to.
TEST(Epilogue, ResidualMayBeY) {
  auto cpu = open_device("cpu");
  Matmul op;
  op.epilogue.residual = true;
  const TensorDesc square = row_major(DType::kF32, {16, 16});
  std::vector<float> ones(256, 1.0f);
  auto view = [&](const char* name) {
    BufferParams params;
    params.size = 1024;
    params.kind = MemoryKind::kHostVisible;
    params.name = name;
    TensorView result{conformance::take(cpu->allocate(params), name), 0, square};
    auto bytes = conformance::take(result.buffer->map(0, 1024, MapAccess::kWrite), "map");
    std::memcpy(bytes.data(), ones.data(), 1024);
    result.buffer->unmap();
    return result;
  };
  TensorView a = view("a"), w = view("w"), y = view("y");
  auto list = std::make_shared<CommandList>(cpu);
  ASSERT_TRUE(list->op({op, {a, w, y}, {y}, "matmul"}).ok());
  ASSERT_TRUE(list->end().ok());
  ASSERT_TRUE(run_and_wait(*cpu, list).ok());
  auto bytes = conformance::take(y.buffer->map(0, 1024, MapAccess::kRead), "map");
  for (size_t i = 0; i < 256; ++i) EXPECT_EQ(reinterpret_cast<const float*>(bytes.data())[i], 17.0f);
  y.buffer->unmap();
}

}  // namespace
}  // namespace systole::tests
