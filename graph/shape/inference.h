// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Shapes and types of ONNX operators' outputs, one node at a time.
#pragma once

#include <string>

#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

// Sets shape and type of the node's outputs from its inputs, which are known; constant inputs (a Reshape's shape) are
// read. kInvalidArgument for shapes that disagree, kUnsupported for an operator that is not known.
Status infer_shapes(Graph& graph, const Node& node);

// Window arithmetic of convolutions and pools over the spatial axes (all but the first two).
struct Window {
  std::vector<int64_t> kernel, strides, dilations, pads_begin, pads_end, output;
};
// Resolves auto_pad and ceil_mode: pads are extended at the end where ceil_mode needs positions beyond the image, so
// that floor((in + pads - dilation*(k-1) - 1) / stride) + 1 == output always. `ceil_extra` says whether that happened.
Result<Window> resolve_window(const Node& node, const Shape& image, const std::vector<int64_t>& kernel,
                              bool* ceil_extra = nullptr);

Result<Shape> broadcast_shapes(const Node& node, const Shape& a, const Shape& b);

}  // namespace systole::graph
