// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// ONNX files, opsets 7 to 17; newer ones with a warning, their operators checked one by one.
#pragma once

#include <string>

#include "graph/import.h"
#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

// Nodes as in the file, in topological order; inputs bound to concrete shapes; every weight has data (synthetic where
// the file has none: a warning says so). kDataLoss: truncated or corrupt. No exception of protobuf or ONNX leaves.
Result<Graph> read_onnx(const std::string& path, const ImportOptions& options = {});

}  // namespace systole::graph
