// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/tensor.h"

#include <gtest/gtest.h>

namespace systole {
namespace {

TEST(Tensor, ShapesAsText) {
  EXPECT_EQ(to_string(Shape{1, 3, 224, 224}), "1x3x224x224");
  EXPECT_EQ(to_string(Shape{}), "scalar");
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({4, 0, 2}), 0);
}

TEST(Tensor, RowMajor) {
  TensorDesc desc = row_major(DType::kBF16, {2, 3, 4});
  EXPECT_EQ(desc.strides, (std::vector<int64_t>{24, 8, 2}));
  EXPECT_EQ(desc.span_bytes(), 48);
  EXPECT_TRUE(desc.is_row_major());
  EXPECT_EQ(desc.to_string(), "bf16[2x3x4]");
}

TEST(Tensor, ChannelsLast) {
  TensorDesc desc = channels_last(DType::kF32, {2, 3, 4, 5});
  EXPECT_EQ(desc.strides, (std::vector<int64_t>{240, 4, 60, 12}));
  EXPECT_TRUE(desc.is_channels_last());
  EXPECT_FALSE(desc.is_row_major());
  EXPECT_EQ(desc.to_string(), "f32[2x3x4x5] nhwc");
  EXPECT_FALSE(row_major(DType::kF32, {2, 3, 4, 5}).is_channels_last());
}

TEST(Tensor, ASliceOfChannelsLastIsChannelsLast) {
  TensorDesc desc = channels_last(DType::kI8, {1, 20, 5, 7});
  desc.shape[1] = 6;
  EXPECT_TRUE(desc.is_channels_last());
  EXPECT_EQ(desc.span_bytes(), 34 * 20 + 6);
  EXPECT_EQ(desc.to_string(), "i8[1x6x5x7] strides 700x1x140x20");
}

TEST(Tensor, StridesOfExtentOneDontMatter) {
  TensorDesc desc = row_major(DType::kF32, {1, 8});
  desc.strides[0] = 12345 * 4;
  EXPECT_TRUE(desc.is_row_major());
  EXPECT_EQ(desc.span_bytes(), 32);
}

TEST(Tensor, ScalarsAndEmpty) {
  EXPECT_EQ(row_major(DType::kF64, {}).span_bytes(), 8);
  EXPECT_EQ(row_major(DType::kF64, {3, 0}).span_bytes(), 0);
}

TEST(Tensor, FourBitRowsStartOnBytes) {
  TensorDesc desc = row_major(DType::kI4, {3, 5});
  EXPECT_EQ(desc.strides, (std::vector<int64_t>{3, 0}));
  EXPECT_EQ(desc.span_bytes(), 9);
  EXPECT_TRUE(desc.is_row_major());
}

}  // namespace
}  // namespace systole
