// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every op with every type and in every way of lying: small tensors, one row of the matrix for each op and type.
#pragma once

#include <string>
#include <vector>

#include "tests/conformance/op_case.h"

namespace systole::conformance {

inline constexpr DType kAllTypes[] = {DType::kF64,    DType::kF32, DType::kF16, DType::kBF16, DType::kF8E4M3,
                                      DType::kF8E5M2, DType::kI64, DType::kI32, DType::kI16,  DType::kI8,
                                      DType::kU64,    DType::kU32, DType::kU16, DType::kU8,   DType::kI4,
                                      DType::kU4,     DType::kBool};

// Those that hal/op.h defines, with operands of `dtype`; none where it has no meaning for the type.
std::vector<OpCase> unary_grid(DType dtype);
std::vector<OpCase> binary_grid(DType dtype);
std::vector<OpCase> select_grid(DType dtype);
std::vector<OpCase> copy_grid(DType dtype);
std::vector<OpCase> fill_grid(DType dtype);
std::vector<OpCase> cast_grid(DType dtype);
std::vector<OpCase> reduce_grid(DType dtype);
std::vector<OpCase> softmax_grid(DType dtype);
std::vector<OpCase> normalize_grid(DType dtype);
std::vector<OpCase> attention_grid(DType dtype);
std::vector<OpCase> matmul_grid(DType dtype);
std::vector<OpCase> conv2d_grid(DType dtype);
std::vector<OpCase> pool_grid(DType dtype);

}  // namespace systole::conformance
