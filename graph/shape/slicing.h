// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Which elements Slice, Split and Transpose take.
#pragma once

#include <vector>

#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

// y[i..] = x[starts + i * steps], one entry an axis; a step may be negative.
struct Slicing {
  std::vector<int64_t> starts, steps;
  Shape output;
};
Result<Slicing> resolve_slice(const Graph& graph, const Node& node);
Result<std::vector<Slicing>> resolve_split(const Graph& graph, const Node& node);  // one an output
Result<std::vector<int64_t>> transpose_perm(const Node& node, size_t rank);

}  // namespace systole::graph
