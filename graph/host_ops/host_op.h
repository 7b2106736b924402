// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Operators on host memory: run by constant folding on constants, and by execution for what no device should do.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

// Row-major, of the value's logical shape. `data` null: an optional input that is absent.
struct HostInput {
  DType dtype = DType::kF32;
  Shape shape;
  const std::byte* data = nullptr;
};
struct HostOutput {
  DType dtype = DType::kF32;
  Shape shape;
  std::byte* data = nullptr;
};

// Shapes and types are what shape inference says; indices and the like are checked here, against kOutOfRange.
using HostKernel = Status (*)(const Node& node, std::span<const HostInput> inputs, std::span<const HostOutput> outputs);

// By ONNX operator; null where there is none.
HostKernel find_host_op(const std::string& type);
// Those that lowering leaves to the host at run time; the others serve folding alone.
bool runs_on_host(const std::string& type);
// kUnsupported where find_host_op has none.
Status run_host_op(const Node& node, std::span<const HostInput> inputs, std::span<const HostOutput> outputs);

}  // namespace systole::graph
