// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Concrete shapes for every value, and constants in place of nodes that depend on constants alone.
#pragma once

#include "graph/ir.h"
#include "graph/pass_report.h"
#include "hal/status.h"

namespace systole::graph {

// One pass in topological order: infers each node's outputs and evaluates the node where its inputs are known;
// identities of constants become aliases of them. DequantizeLinear of a constant is kept for the integer patterns; a
// second call, with `dequantize` set, evaluates what they left and takes the shapes as they are.
Status infer_and_fold(Graph& graph, PassReport* report = nullptr, bool dequantize = false);

}  // namespace systole::graph
