// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// ONNX's numbering of element types.
#pragma once

#include <optional>

#include "hal/dtype.h"

namespace systole::graph {

std::optional<DType> dtype_of_onnx(int data_type);
int onnx_of_dtype(DType type);  // 0 where ONNX has none

}  // namespace systole::graph
