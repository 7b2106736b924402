// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Matmul and convolution on the array: types and epilogue into a Gemm, and a Gemm into commands.
#pragma once

#include "devices/npu/compiler/gemm.h"
#include "devices/npu/compiler/lower.h"

namespace systole::npu {

// Types, zero points, bias, residual, activation and requantization of a matmul or convolution; refuses what the array
// or the vector engine can't do. Sizes and strides are the caller's.
Result<Gemm> gemm_types(const Lowering& in, const Epilogue& epilogue);

// Requantization multipliers of each output channel: P1 and, for TFLite, P2.
void requant_words(const Epilogue& epilogue, const OpDesc& op, int64_t channels, std::vector<uint32_t>& p1,
                   std::vector<uint32_t>& p2);

// Bias of a frozen rank-1 tensor, 4 bytes a channel.
Result<std::vector<uint32_t>> bias_words(const TensorView& bias);

Lowered make_gemm_op(Gemm gemm, const Lowering& in, const Epilogue& epilogue);

}  // namespace systole::npu
