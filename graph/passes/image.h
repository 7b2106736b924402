// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Which values are images: rank 4, and somewhere on their way a convolution or a pool.
#pragma once

#include <vector>

#include "graph/ir.h"
#include "hal/tensor.h"

namespace systole::graph {

// By value. Images are laid out channels-last, everything else row-major. Constants are never images.
std::vector<bool> image_values(const Graph& graph);
TensorDesc dense_desc(const Value& value, bool image);
// Whether both strides give the same address to every element (axes of extent 1 don't count).
bool same_order(const Shape& shape, const std::vector<int64_t>& a, const std::vector<int64_t>& b);

}  // namespace systole::graph
