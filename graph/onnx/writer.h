// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// ONNX files from graphs of ONNX operators.
#pragma once

#include <string>

#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

// `graph` is not lowered. Replaces `path` whole or not at all. Constants are written inside the file: kUnsupported
// beyond protobuf's 2 GiB, and for a node that is lowered.
Status write_onnx(const Graph& graph, const std::string& path);

}  // namespace systole::graph
