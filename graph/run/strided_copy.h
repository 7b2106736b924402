// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Elements from one order in host memory to another.
#pragma once

#include <cstddef>

#include "hal/status.h"
#include "hal/tensor.h"

namespace systole::graph {

// target[i] = source[i]; both descriptions have the same type and shape. kUnsupported for 4-bit types that aren't
// row-major.
Status strided_copy(const std::byte* source, const TensorDesc& from, std::byte* target, const TensorDesc& to);

}  // namespace systole::graph
