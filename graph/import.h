// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The way in: a model file becomes a lowered graph.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "graph/host_tensor.h"
#include "graph/ir.h"
#include "graph/pass_report.h"
#include "hal/status.h"

namespace systole::graph {

struct ImportOptions {
  // Extents that the file leaves open: by the symbolic dimension's name ("S"), or by input and axis ("input_ids:1"),
  // which also overrides what the file says.
  std::map<std::string, int64_t> dims;
  int64_t batch = 0;  // 0: as the file says, 1 where it is open. Else axis 0 of every input.
  uint64_t seed = 1;  // of the synthetic values of weights that the file does not hold
  // Graph inputs that stay inputs although they stand where a weight stands.
  std::set<std::string> keep_inputs;
  // Inputs whose content is known now: they become constants, so that shapes may follow from them.
  TensorMap constants;
};

// Reads (type by content, never by extension), binds dimensions, folds constants, infers shapes, makes quantized
// patterns integer ops, lowers. What the passes did goes to `report`, what a person should know to Graph::warnings.
Result<Graph> import_model(const std::string& path, const ImportOptions& options = {}, PassReport* report = nullptr);

// The same from ONNX operators in memory, for networks that are built in. Consumes what it is given.
Result<Graph> import_graph(Graph graph, PassReport* report = nullptr);

}  // namespace systole::graph
