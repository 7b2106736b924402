// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/dtype.h"

#include <gtest/gtest.h>

namespace systole {
namespace {

constexpr DType kAll[] = {DType::kF64, DType::kF32, DType::kF16, DType::kBF16, DType::kF8E4M3, DType::kF8E5M2,
                          DType::kI64, DType::kI32, DType::kI16, DType::kI8,   DType::kU64,    DType::kU32,
                          DType::kU16, DType::kU8,  DType::kI4,  DType::kU4,   DType::kBool};

TEST(DType, NamesParseBack) {
  for (DType type : kAll) EXPECT_EQ(parse_dtype(dtype_name(type)), type);
  EXPECT_EQ(parse_dtype("float"), std::nullopt);
}

TEST(DType, EveryTypeIsOfOneClass) {
  for (DType type : kAll) {
    int classes = is_float(type) + is_signed_integer(type) + is_unsigned_integer(type) + (type == DType::kBool);
    EXPECT_EQ(classes, 1) << dtype_name(type);
  }
}

TEST(DType, Sizes) {
  EXPECT_EQ(byte_size(DType::kF64), 8);
  EXPECT_EQ(byte_size(DType::kBF16), 2);
  EXPECT_EQ(byte_size(DType::kF8E5M2), 1);
  EXPECT_EQ(byte_size(DType::kBool), 1);
  EXPECT_EQ(bytes_for(DType::kF32, 3), 12);
  EXPECT_EQ(bytes_for(DType::kI4, 3), 2);
  EXPECT_EQ(bytes_for(DType::kU4, 0), 0);
}

TEST(DTypeDeathTest, HalfABytesHasNoByteSize) { EXPECT_DEATH((void)byte_size(DType::kI4), ""); }

}  // namespace
}  // namespace systole
