// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Resize and Upsample: one constant matrix an axis, whose rows say which inputs an output is made of.
#pragma once

#include <vector>

#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

// Along one axis: y[i] = sum over j of weights[i * in + j] * x[j].
struct ResizeAxis {
  int axis = 0;
  int64_t in = 0, out = 0;
  int64_t repeat = 0;  // > 0: every input stands `repeat` times, one after the other
  std::vector<double> weights;
};

struct Resizing {
  Shape shape;                   // of the output
  std::vector<ResizeAxis> axes;  // those that change, by ONNX's definition of Resize (opsets 10 to 13) and Upsample (9)
};
// kUnsupported: scales or sizes that are not constant, and the mode tf_crop_and_resize.
Result<Resizing> resolve_resize(const Graph& graph, const Node& node);

}  // namespace systole::graph
