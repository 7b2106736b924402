// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/op.h"

#include <gtest/gtest.h>

namespace systole {
namespace {

TEST(Op, Names) {
  const Op ops[] = {Matmul{}, Conv2d{},  Pool{}, Unary{}, Binary{}, Select{},
                    Reduce{}, Softmax{}, Copy{}, Fill{},  Cast{}};
  const char* names[] = {"matmul", "conv2d",  "pool", "unary", "binary", "select",
                         "reduce", "softmax", "copy", "fill",  "cast"};
  for (size_t i = 0; i < std::size(ops); ++i) EXPECT_STREQ(op_name(ops[i]), names[i]);
}

TEST(Op, WindowOutput) {
  EXPECT_EQ(window_output(224, 7, 2, 1, 3, 3), 112);
  EXPECT_EQ(window_output(7, 7, 1, 1, 0, 0), 1);
  EXPECT_EQ(window_output(5, 3, 2, 2, 0, 0), 1);
  EXPECT_EQ(window_output(2, 3, 1, 1, 0, 0), 0);
  EXPECT_EQ(window_output(6, 3, 2, 1, 0, 1), 3);
}

TEST(Op, Macs) {
  auto f32 = [](Shape shape) { return row_major(DType::kF32, std::move(shape)); };
  EXPECT_EQ(mac_count({Matmul{}, {f32({2, 3, 5}), f32({5, 7})}, {f32({2, 3, 7})}, "m"}), 2 * 3 * 7 * 5);
  EXPECT_EQ(mac_count({Matmul{true, false, {}}, {f32({5, 3}), f32({5, 7})}, {f32({3, 7})}, "m"}), 3 * 7 * 5);
  Conv2d conv;
  conv.groups = 4;
  EXPECT_EQ(mac_count({conv, {f32({1, 8, 6, 6}), f32({12, 2, 3, 3})}, {f32({1, 12, 4, 4})}, "c"}), 12 * 16 * 18);
  EXPECT_EQ(mac_count({Unary{}, {f32({9})}, {f32({9})}, "u"}), 0);
}

TEST(Op, CompulsoryBytes) {
  OpDesc desc{Cast{}, {row_major(DType::kF32, {10})}, {row_major(DType::kBF16, {10})}, "c"};
  EXPECT_EQ(compulsory_bytes(desc), 60);
  TensorDesc gaps = row_major(DType::kF32, {4, 4});
  gaps.strides[0] = 1000;
  EXPECT_EQ(compulsory_bytes({Copy{}, {gaps}, {row_major(DType::kF32, {4, 4})}, "c"}), 128);
  EXPECT_EQ(compulsory_bytes({Fill{}, {}, {row_major(DType::kI4, {3, 5})}, "f"}), 9);
}

TEST(Op, DescribeDropsMemory) {
  OpCall call{Copy{}, {TensorView{}}, {TensorView{}}, "name"};
  call.inputs[0].desc = row_major(DType::kI8, {3});
  call.outputs[0].desc = row_major(DType::kI8, {3});
  OpDesc desc = describe(call);
  EXPECT_EQ(desc.name, "name");
  EXPECT_EQ(desc.inputs[0].shape, Shape{3});
  EXPECT_TRUE(validate(desc).ok());
}

}  // namespace
}  // namespace systole
