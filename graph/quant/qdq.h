// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Quantized models: from the two ways ONNX writes them to integer operators on values that carry their quantization.
#pragma once

#include "graph/ir.h"
#include "graph/pass_report.h"
#include "hal/status.h"

namespace systole::graph {

// 1. Scales and zero points move from operands to Value::quant: QuantizeLinear, DequantizeLinear; QLinearConv,
// QLinearMatMul,
//    ConvInteger, MatMulInteger become Conv and MatMul of integers.
// 2. DequantizeLinear -> operator [-> Relu | Clip] -> QuantizeLinear becomes the operator on integers: Conv, MatMul,
// Gemm (bias
//    i32 of scale sx*sw), Add, Sub, Mul, AveragePool, GlobalAveragePool; with equal quantization on both sides also
//    MaxPool, Relu, Clip, Reshape and its like, Transpose, Slice, Concat.
// 3. DequantizeLinear of a constant -> MatMul or Gemm of floats becomes the product with integer weights (hal/op.h,
//    Matmul): i8 or i4, zero point 0, scales per tensor or column. What no device takes so is dequantized by the plan.
// One line a fusion, and one for each that was refused, with the reason. Shapes are known before and after.
Status fuse_quantized(Graph& graph, PassReport* report = nullptr);
// Step 3 of fuse_quantized.
void fuse_integer_weights(Graph& graph, PassReport* report);

}  // namespace systole::graph
