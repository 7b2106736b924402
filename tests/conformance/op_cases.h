// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Cases of area 10: operands of convolutions, products and elementwise ops, over types and layouts.
#pragma once

#include "tests/conformance/op_test.h"

namespace systole::conformance {

enum class Layout { kRowMajor, kChannelsLast };

struct Types {
  const char* name;
  DType x, w, bias, y;
};
inline const Types kF32Types{"f32", DType::kF32, DType::kF32, DType::kF32, DType::kF32};
inline const Types kBF16Types{"bf16", DType::kBF16, DType::kBF16, DType::kF32, DType::kBF16};
inline const Types kBF16ToF32Types{"bf16_f32", DType::kBF16, DType::kBF16, DType::kF32, DType::kF32};
inline const Types kF32I8Types{"f32_w8", DType::kF32, DType::kI8, DType::kF32, DType::kF32};
inline const Types kF32I4Types{"f32_w4", DType::kF32, DType::kI4, DType::kF32, DType::kF32};
inline const Types kBF16I8Types{"bf16_w8", DType::kBF16, DType::kI8, DType::kF32, DType::kBF16};
inline const Types kBF16I4Types{"bf16_w4", DType::kBF16, DType::kI4, DType::kF32, DType::kF32};
inline const Types kI8I4Types{"i8_w4", DType::kI8, DType::kI4, DType::kI32, DType::kI8};
inline const Types kI8Types{"i8", DType::kI8, DType::kI8, DType::kI32, DType::kI8};
inline const Types kU8Types{"u8", DType::kU8, DType::kI8, DType::kI32, DType::kU8};
inline const Types kI32Types{"i8_i32", DType::kI8, DType::kI8, DType::kI32, DType::kI32};

using QuantPtr = std::shared_ptr<const Quantization>;
QuantPtr per_tensor(float scale, int32_t zero);
// A scale of its own for each channel, seven different ones; zero points are 0.
QuantPtr per_channel(int64_t channels, int axis, float base);

TensorDesc tensor(DType dtype, const Shape& shape, Layout layout, QuantPtr quant = nullptr);

struct ConvShape {
  int64_t n = 1, c = 8, h = 9, w = 9, o = 8, kh = 3, kw = 3;
  Conv2d op;
};

// Integers are quantized: x and y per tensor, w per channel; weights and bias are constants.
OpCase conv_case(const Types& types, ConvShape shape, Layout layout, uint64_t seed);
OpCase matmul_case(const Types& types, Shape a, Shape w, Matmul op, bool constant_weights, uint64_t seed);
// `layout` is that of operands of rank 4.
OpCase elementwise_case(Op op, DType dtype, std::vector<Shape> inputs, Shape output, Layout layout,
                        std::vector<QuantPtr> quant, QuantPtr out_quant, uint64_t seed, DType out_dtype);

}  // namespace systole::conformance
