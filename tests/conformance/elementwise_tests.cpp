// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 10, element by element and along rows: binary and unary ops, softmax, reductions, casts.
#include "tests/conformance/op_cases.h"

namespace systole::conformance {
namespace {

const Shape kImage = {2, 12, 5, 5};

// Counts `seed` up.
void add_binary_tests(std::vector<Test>& tests, DType dtype, uint64_t& seed) {
  const std::string suffix = std::string("_") + dtype_name(dtype);
  for (auto [kind, name] : {std::pair{BinaryKind::kAdd, "add"},
                            {BinaryKind::kSub, "sub"},
                            {BinaryKind::kMul, "mul"},
                            {BinaryKind::kMin, "min"},
                            {BinaryKind::kMax, "max"}}) {
    const Binary op{kind, ++seed % 2 ? Activation::kRelu : Activation::kNone, 0, 0};
    tests.push_back(op_test(std::string("binary_") + name + suffix, [=] {
      return elementwise_case(op, dtype, {kImage, kImage}, kImage, Layout::kChannelsLast, {}, nullptr, seed, dtype);
    }));
    tests.push_back(op_test(std::string("binary_") + name + "_per_channel" + suffix, [=] {
      return elementwise_case(op, dtype, {kImage, {1, 12, 1, 1}}, kImage, Layout::kChannelsLast, {}, nullptr, seed,
                              dtype);
    }));
    tests.push_back(op_test(std::string("binary_") + name + "_constant" + suffix, [=] {
      OpCase result =
          elementwise_case(op, dtype, {kImage, {1, 12, 1, 1}}, kImage, Layout::kChannelsLast, {}, nullptr, seed, dtype);
      result.constant = {false, true};
      return result;
    }));
    tests.push_back(op_test(std::string("binary_") + name + "_scalar" + suffix, [=] {
      return elementwise_case(op, dtype, {{7, 9}, {}}, {7, 9}, Layout::kRowMajor, {}, nullptr, seed, dtype);
    }));
  }
}

void add_unary_tests(std::vector<Test>& tests, DType dtype) {
  const std::string suffix = std::string("_") + dtype_name(dtype);
  for (auto [kind, name] : {std::pair{UnaryKind::kRelu, "relu"},
                            {UnaryKind::kClip, "clip"},
                            {UnaryKind::kNeg, "neg"},
                            {UnaryKind::kExp, "exp"},
                            {UnaryKind::kSigmoid, "sigmoid"},
                            {UnaryKind::kTanh, "tanh"},
                            {UnaryKind::kErf, "erf"},
                            {UnaryKind::kHardSwish, "hard_swish"}}) {
    const Unary op{kind, -0.5f, 0.25f};
    tests.push_back(op_test(std::string("unary_") + name + suffix, [=] {
      return elementwise_case(op, dtype, {kImage}, kImage, Layout::kChannelsLast, {}, nullptr, 3, dtype);
    }));
  }
}

void add_row_tests(std::vector<Test>& tests, DType dtype) {
  const std::string suffix = std::string("_") + dtype_name(dtype);
  tests.push_back(op_test("softmax" + suffix, [=] {
    return elementwise_case(Softmax{-1, false}, dtype, {{4, 50}}, {4, 50}, Layout::kRowMajor, {}, nullptr, 5, dtype);
  }));
  tests.push_back(op_test("reduce_mean_hw" + suffix, [=] {
    return elementwise_case(Reduce{ReduceKind::kMean, {2, 3}}, dtype, {kImage}, {2, 12, 1, 1}, Layout::kChannelsLast,
                            {}, nullptr, 6, dtype);
  }));
  tests.push_back(op_test("reduce_max_last" + suffix, [=] {
    return elementwise_case(Reduce{ReduceKind::kMax, {1}}, dtype, {{6, 31}}, {6, 1}, Layout::kRowMajor, {}, nullptr, 7,
                            dtype);
  }));
}

void add_cast_tests(std::vector<Test>& tests, DType dtype) {
  const std::string suffix = std::string("_") + dtype_name(dtype);
  for (auto [to, name] : {std::pair{DType::kF32, "f32"}, {DType::kBF16, "bf16"}, {DType::kF16, "f16"}}) {
    const DType target = to;
    tests.push_back(op_test(std::string("cast") + suffix + "_to_" + name, [=] {
      return elementwise_case(Cast{}, dtype, {kImage}, kImage, Layout::kChannelsLast, {}, nullptr, 8, target);
    }));
  }
}

void add_quantized_tests(std::vector<Test>& tests, DType dtype) {
  const std::string suffix = std::string("_") + dtype_name(dtype);
  for (auto [kind, name] : {std::pair{BinaryKind::kAdd, "add"}, {BinaryKind::kMul, "mul"}}) {
    const Binary op{kind, kind == BinaryKind::kAdd ? Activation::kRelu : Activation::kNone, 0, 0};
    tests.push_back(op_test(std::string("binary_quantized_") + name + suffix, [=] {
      return elementwise_case(op, dtype, {kImage, kImage}, kImage, Layout::kChannelsLast,
                              {per_tensor(0.02f, 5), per_tensor(0.03f, 2)}, per_tensor(0.041f, 7), 11, dtype);
    }));
  }
  tests.push_back(op_test("unary_quantized_relu" + suffix, [=] {
    return elementwise_case(Unary{UnaryKind::kRelu, 0, 0}, dtype, {kImage}, kImage, Layout::kChannelsLast,
                            {per_tensor(0.02f, 5)}, per_tensor(0.02f, 5), 12, dtype);
  }));
  tests.push_back(op_test("quantize" + suffix, [=] {
    return elementwise_case(Cast{}, DType::kF32, {kImage}, kImage, Layout::kChannelsLast, {}, per_tensor(0.01f, 3), 13,
                            dtype);
  }));
  tests.push_back(op_test("quantize_by_power_of_two" + suffix, [=] {
    return elementwise_case(Cast{}, DType::kBF16, {kImage}, kImage, Layout::kChannelsLast, {}, per_tensor(0x1p-5f, 3),
                            15, dtype);
  }));
  tests.push_back(op_test("dequantize" + suffix, [=] {
    return elementwise_case(Cast{}, dtype, {kImage}, kImage, Layout::kChannelsLast, {per_tensor(0.01f, 3)}, nullptr, 14,
                            DType::kF32);
  }));
}

}  // namespace

std::vector<Test> elementwise_tests() {
  std::vector<Test> tests;
  uint64_t seed = 700;
  for (DType dtype : {DType::kF32, DType::kBF16, DType::kF16}) {
    add_binary_tests(tests, dtype, seed);
    add_unary_tests(tests, dtype);
    add_row_tests(tests, dtype);
    add_cast_tests(tests, dtype);
  }
  for (DType dtype : {DType::kI8, DType::kU8}) add_quantized_tests(tests, dtype);
  return tests;
}

}  // namespace systole::conformance
