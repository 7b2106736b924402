// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 10, convolutions and matrix products: shapes, types, layouts, epilogues.
#include "tests/conformance/op_cases.h"

namespace systole::conformance {
namespace {

void add_conv_tests(std::vector<Test>& tests) {
  struct Named {
    const char* name;
    ConvShape shape;
  };
  std::vector<Named> shapes = {
      {"1x1", {1, 16, 7, 7, 24, 1, 1, {}}},           {"3x3", {}},
      {"7x7_c3", {1, 3, 20, 20, 16, 7, 7, {}}},       {"groups", {2, 12, 6, 6, 18, 3, 3, {}}},
      {"depthwise", {1, 20, 11, 11, 20, 3, 3, {}}},   {"dilated", {1, 5, 12, 12, 6, 3, 3, {}}},
      {"asymmetric_pad", {1, 6, 8, 10, 7, 3, 2, {}}}, {"stride_beyond_kernel", {1, 8, 9, 9, 8, 1, 1, {}}},
      {"batch", {3, 4, 5, 5, 33, 3, 3, {}}}};
  shapes[1].shape.op.pad_top = shapes[1].shape.op.pad_left = shapes[1].shape.op.pad_bottom =
      shapes[1].shape.op.pad_right = 1;
  shapes[2].shape.op = Conv2d{1, 2, 2, 1, 1, 3, 3, 3, 3, {}};
  shapes[3].shape.op = Conv2d{3, 1, 1, 1, 1, 1, 1, 1, 1, {}};
  shapes[4].shape.op = Conv2d{20, 2, 2, 1, 1, 1, 1, 1, 1, {}};
  shapes[5].shape.op = Conv2d{1, 1, 1, 2, 3, 2, 2, 2, 2, {}};
  shapes[6].shape.op = Conv2d{1, 1, 2, 1, 1, 0, 1, 2, 0, {}};
  shapes[7].shape.op = Conv2d{1, 2, 3, 1, 1, 0, 0, 0, 0, {}};
  uint64_t seed = 100;
  for (const Named& named : shapes) {
    for (const Types& types : {kF32Types, kBF16Types, kBF16ToF32Types, kI8Types, kU8Types, kI32Types}) {
      for (Layout layout : {Layout::kRowMajor, Layout::kChannelsLast}) {
        ConvShape shape = named.shape;
        shape.op.epilogue.bias = ++seed % 2 == 0;
        shape.op.epilogue.activation = types.y == DType::kI32 ? Activation::kNone : static_cast<Activation>(seed % 3);
        shape.op.epilogue.clip_hi = 1.5f;
        shape.op.epilogue.requant = seed % 4 < 2 ? RequantMode::kOnnx : RequantMode::kTflite;
        shape.op.epilogue.residual = is_float(types.x) && seed % 5 == 0;
        tests.push_back(op_test(
            std::string("conv_") + named.name + "_" + types.name + (layout == Layout::kRowMajor ? "_nchw" : "_nhwc"),
            [=] { return conv_case(types, shape, layout, seed); }));
      }
    }
  }
}

void add_matmul_tests(std::vector<Test>& tests) {
  uint64_t seed = 900;
  for (const Types& types : {kF32Types, kBF16Types, kBF16ToF32Types, kI8Types, kU8Types, kI32Types, kF32I8Types,
                             kF32I4Types, kBF16I8Types, kBF16I4Types, kI8I4Types}) {
    const std::string suffix = std::string("_") + types.name;
    Epilogue full;
    full.bias = true;
    if (types.y != DType::kI32) full.activation = Activation::kRelu;
    full.residual = is_float(types.x);
    full.requant = RequantMode::kTflite;
    ++seed;
    tests.push_back(op_test("matmul_small" + suffix, [=] {
      return matmul_case(types, {3, 5}, {5, 2}, {}, false, seed);
    }));
    tests.push_back(op_test("matmul_one" + suffix, [=] { return matmul_case(types, {1, 1}, {1, 1}, {}, true, seed); }));
    tests.push_back(op_test("matmul_odd" + suffix, [=] {
      return matmul_case(types, {37, 61}, {61, 43}, {}, true, seed);
    }));
    tests.push_back(op_test("matmul_vector" + suffix, [=] {
      return matmul_case(types, {1, 300}, {300, 100}, {}, true, seed);
    }));
    tests.push_back(op_test("matmul_epilogue" + suffix, [=] {
      return matmul_case(types, {19, 33}, {33, 40}, {false, false, full}, true, seed);
    }));
    Epilogue onnx = full;
    onnx.requant = RequantMode::kOnnx;
    tests.push_back(op_test("matmul_epilogue_onnx" + suffix, [=] {
      return matmul_case(types, {19, 33}, {33, 40}, {false, false, onnx}, true, seed);
    }));
    tests.push_back(op_test("matmul_transpose_b" + suffix, [=] {
      return matmul_case(types, {9, 20}, {30, 20}, {false, true, {}}, true, seed);
    }));
    tests.push_back(op_test("matmul_transpose_a" + suffix, [=] {
      return matmul_case(types, {20, 9}, {20, 30}, {true, false, {}}, false, seed);
    }));
    tests.push_back(op_test("matmul_batched" + suffix, [=] {
      return matmul_case(types, {2, 3, 8, 16}, {2, 3, 16, 10}, {}, false, seed);
    }));
    tests.push_back(op_test("matmul_broadcast_batch" + suffix, [=] {
      return matmul_case(types, {4, 8, 16}, {16, 10}, {}, true, seed);
    }));
    tests.push_back(op_test("matmul_long_k" + suffix, [=] {
      return matmul_case(types, {5, 5000}, {5000, 17}, {}, true, seed);
    }));
    tests.push_back(op_test("matmul_offset" + suffix, [=] {
      OpCase result = matmul_case(types, {7, 12}, {12, 9}, {}, true, seed);
      result.offset = 192;
      return result;
    }));
  }
}

}  // namespace

std::vector<Test> product_tests() {
  std::vector<Test> tests;
  add_conv_tests(tests);
  add_matmul_tests(tests);
  return tests;
}

}  // namespace systole::conformance
