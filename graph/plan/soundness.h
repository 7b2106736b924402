// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What must hold of a graph or plan that was not made here before anything looks at it: kDataLoss with what doesn't.
#pragma once

#include "graph/plan/plan.h"

namespace systole::graph {

// Extents not negative (or not known), a number of bytes that 48 bits hold.
Status check_shape(const Value& value);
Status check_quantization(const Value& value, const Quantization& quant);
// Numbers of values in range; every value made once, by an input, a constant or one node, before nodes read it.
Status check_graph(const Graph& graph);
// Storage inside its root, places and homes that exist, ops where their places can run them.
Status check_plan(const Plan& plan);

}  // namespace systole::graph
