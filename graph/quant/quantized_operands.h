// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Scales and zero points as Value::quant, for qdq.cpp and quantized_operands.cpp alone.
#pragma once

#include <memory>

#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

// From constant operands; zero_point kAbsent: zero. `axis` counts where there is more than one scale.
Result<std::shared_ptr<const Quantization>> read_quantization(const Graph& graph, const Node& node, ValueId scale,
                                                              ValueId zero_point, int64_t axis, int rank);
bool equal_quant(const std::shared_ptr<const Quantization>& a, const std::shared_ptr<const Quantization>& b);
// Step 1 of fuse_quantized.
Status move_quantization_to_values(Graph& graph);

}  // namespace systole::graph
