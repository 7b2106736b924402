// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 10, operands that lie otherwise than dense: windows of larger tensors, copies between orders.
#include "tests/conformance/op_cases.h"

namespace systole::conformance {
namespace {

// Operands and results that are windows of something larger.
void add_strided_tests(std::vector<Test>& tests) {
  const auto window = [](DType dtype, Shape whole, Shape shape, Layout layout, QuantPtr quant = nullptr) {
    TensorDesc desc = tensor(dtype, whole, layout, std::move(quant));
    desc.shape = std::move(shape);
    return desc;
  };
  for (const Types& types : {kF32Types, kBF16Types, kI8Types}) {
    const std::string suffix = std::string("_") + types.name;
    tests.push_back(op_test("matmul_strided" + suffix, [=] {
      OpCase result = matmul_case(types, {6, 20}, {20, 14}, {}, true, 41);
      result.desc.inputs[0] = window(types.x, {6, 33}, {6, 20}, Layout::kRowMajor, result.desc.inputs[0].quant);
      result.desc.outputs[0] = window(types.y, {6, 50}, {6, 14}, Layout::kRowMajor, result.desc.outputs[0].quant);
      return result;
    }));
    tests.push_back(op_test("conv_channel_slices" + suffix, [=] {
      OpCase result = conv_case(types, {1, 8, 9, 9, 8, 3, 3, {}}, Layout::kChannelsLast, 42);
      result.desc.inputs[0] =
          window(types.x, {1, 24, 9, 9}, {1, 8, 9, 9}, Layout::kChannelsLast, result.desc.inputs[0].quant);
      result.desc.outputs[0] =
          window(types.y, {1, 20, 7, 7}, {1, 8, 7, 7}, Layout::kChannelsLast, result.desc.outputs[0].quant);
      return result;
    }));
  }
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    tests.push_back(op_test(std::string("binary_add_strided_") + dtype_name(dtype), [=] {
      OpCase result;
      result.seed = 43;
      result.desc = {
          Binary{},
          {window(dtype, {2, 30, 5, 5}, {2, 12, 5, 5}, Layout::kChannelsLast), row_major(dtype, {2, 12, 5, 5})},
          {window(dtype, {2, 17, 5, 5}, {2, 12, 5, 5}, Layout::kChannelsLast)},
          "add"};
      return result;
    }));
  }
}

void add_copy_tests(std::vector<Test>& tests) {
  for (DType dtype : {DType::kF32, DType::kBF16, DType::kI8}) {
    const std::string suffix = std::string("_") + dtype_name(dtype);
    const auto copy = [=](TensorDesc from, TensorDesc to) {
      OpCase result;
      result.desc = {Copy{}, {std::move(from)}, {std::move(to)}, "copy"};
      return result;
    };
    const Shape image = {2, 6, 5, 7};
    tests.push_back(op_test("copy_to_channels_last" + suffix,
                            [=] { return copy(row_major(dtype, image), channels_last(dtype, image)); }));
    tests.push_back(op_test("copy_to_row_major" + suffix,
                            [=] { return copy(channels_last(dtype, image), row_major(dtype, image)); }));
    tests.push_back(op_test("copy_broadcast" + suffix, [=] {
      TensorDesc from = row_major(dtype, {3, 5, 1, 7, 1});
      from.shape = {3, 5, 2, 7, 2}, from.strides[2] = from.strides[4] = 0;
      return copy(from, row_major(dtype, {3, 5, 2, 7, 2}));
    }));
    tests.push_back(op_test("copy_into_channel_slice" + suffix, [=] {
      TensorDesc to = channels_last(dtype, {2, 20, 5, 7});
      to.shape[1] = 6;
      return copy(channels_last(dtype, image), to);
    }));
    tests.push_back(op_test("copy_transpose" + suffix, [=] {
      TensorDesc from = row_major(dtype, {9, 14});
      std::swap(from.shape[0], from.shape[1]);
      std::swap(from.strides[0], from.strides[1]);
      return copy(from, row_major(dtype, {14, 9}));
    }));
  }
}

}  // namespace

std::vector<Test> layout_tests() {
  std::vector<Test> tests;
  add_strided_tests(tests);
  add_copy_tests(tests);
  return tests;
}

}  // namespace systole::conformance
