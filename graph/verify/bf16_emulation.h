// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The values of a planned float graph, computed once more in plain loops: bf16 exactly where the graph's values are
// bf16, products and sums in f32. Shares no arithmetic with any device, so that an error of theirs can't hide in it.
#pragma once

#include "graph/host_tensor.h"
#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

// `graph` is Plan::graph. Integers may come in, be moved, looked up by and cast. kUnsupported names the first node that
// it doesn't cover (arithmetic of integers, host ops but Gather).
Result<TensorMap> bf16_emulation(const Graph& graph, const TensorMap& inputs);

}  // namespace systole::graph
