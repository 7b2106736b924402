// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "devices/ref/ref_device.h"
#include "tests/ref/numbers.h"

namespace systole::reftest {
namespace {

Numbers cast(Operand x, DType to, std::shared_ptr<const Quantization> q = nullptr) {
  TensorDesc y = row_major(to, x.desc.shape, std::move(q));
  return run(Cast{}, {x}, y);
}

TEST(RefCast, FloatsRoundToNearestEven) {
  EXPECT_EQ(cast(f32({4}, {1.00390625, 1.01171875, 3.3895314e38, -0.1}), DType::kBF16),
            (Numbers{1, 1.015625, 3.3895314e38f, -0.10009765625}));
  EXPECT_TRUE(std::isinf(cast(f32({1}, {65520}), DType::kF16)[0]));
  EXPECT_EQ(cast(f32({2}, {65519, 5.9604645e-8}), DType::kF16), (Numbers{65504, 0x1p-24}));
}

TEST(RefCast, F64RoundsOnce) {
  // Just above the bf16 tie 1 + 2^-8: by way of f32 it would become the tie and round down.
  EXPECT_EQ(cast(of(DType::kF64, {2}, {1.00390625 + 1e-12, 1.00390625}), DType::kBF16), (Numbers{1.0078125, 1}));
}

TEST(RefCast, ToPlainIntegersTruncatesAndSaturates) {
  double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(cast(f32({5}, {2.9, -2.9, 300, -300, nan}), DType::kI8), (Numbers{2, -2, 127, -128, 0}));
  EXPECT_EQ(cast(f32({3}, {-1, 254.9, 1e9}), DType::kU8), (Numbers{0, 254, 255}));
  EXPECT_EQ(cast(f32({2}, {3e9, -3e9}), DType::kI32), (Numbers{2147483647, -2147483648.0}));
  EXPECT_EQ(cast(f32({3}, {0, 0.25, -3}), DType::kBool), (Numbers{0, 1, 1}));
  EXPECT_EQ(cast(of(DType::kI32, {2}, {300, -1}), DType::kU8), (Numbers{44, 255}));
  EXPECT_EQ(cast(of(DType::kBool, {2}, {0, 1}), DType::kF32), (Numbers{0, 1}));
}

TEST(RefCast, Quantization) {
  EXPECT_EQ(cast(f32({4}, {0.25, 0.75, -100, 100}), DType::kI8, quant(0.5f, 3)), (Numbers{3, 5, -128, 127}));
  EXPECT_EQ(cast(of(DType::kI8, {2}, {5, -7}, quant(0.5f, 3)), DType::kF32), (Numbers{1, -5}));
  EXPECT_EQ(cast(of(DType::kI8, {2}, {5, 7}, quant(0.5f, 3)), DType::kU8, quant(0.25f, 100)), (Numbers{104, 108}));
  auto channels = std::make_shared<Quantization>(Quantization{{1.0f, 10.0f}, {0, 1}, 1});
  EXPECT_EQ(cast(of(DType::kI8, {2, 2}, {1, 2, 3, 4}, channels), DType::kF32), (Numbers{1, 10, 3, 30}));
}

TEST(RefFill, ConvertsTheValue) {
  EXPECT_EQ(run(Fill{2.5}, {}, row_major(DType::kF32, {2})), (Numbers{2.5, 2.5}));
  EXPECT_EQ(run(Fill{2.5}, {}, row_major(DType::kI64, {1})), Numbers{2});
  EXPECT_EQ(run(Fill{2.5}, {}, row_major(DType::kI8, {1}, quant(0.5f, 1))), Numbers{6});
}

TEST(RefCopy, AnyStrides) {
  Operand x = of(DType::kI32, {2, 3}, {1, 2, 3, 4, 5, 6});
  TensorDesc y = row_major(DType::kI32, {2, 3});
  y.strides = {4, 8};
  EXPECT_EQ(run(Copy{}, {x}, y), x.values);
  x.desc.strides = {4, 20};
  EXPECT_EQ(run(Copy{}, {x}, row_major(DType::kI32, {2, 3})), x.values);
  EXPECT_EQ(run(Copy{}, {of(DType::kI32, {}, {7})}, row_major(DType::kI32, {})), Numbers{7});
}

TEST(RefSelect, Broadcasts) {
  EXPECT_EQ(run(Select{}, {of(DType::kBool, {2, 1}, {1, 0}), f32({3}, {1, 2, 3}), f32({}, {9})},
                row_major(DType::kF32, {2, 3})),
            (Numbers{1, 2, 3, 9, 9, 9}));
}

TEST(Ref, SaysWhatItCannot) {
  Registry registry;
  ASSERT_TRUE(registry.add(ref_driver()).ok());
  auto device = std::move(registry.open("ref")).value();
  Support narrow = device->supports({Unary{}, {row_major(DType::kI4, {4})}, {row_major(DType::kI4, {4})}, "u"});
  EXPECT_FALSE(narrow.yes);
  EXPECT_NE(narrow.reason.find("4-bit"), std::string::npos);
  EXPECT_TRUE(device->supports({Copy{}, {row_major(DType::kI4, {4})}, {row_major(DType::kI4, {4})}, "c"}).yes);
  EXPECT_FALSE(device->supports({Copy{}, {row_major(DType::kI4, {4})}, {row_major(DType::kI4, {5})}, "c"}).yes);
  EXPECT_EQ(registry.open("ref:x").status().code(), Code::kNotFound);
  EXPECT_EQ(registry.open("ref?memory=many").status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace systole::reftest
