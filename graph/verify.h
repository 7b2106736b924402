// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Is a device right? Node by node against ref on ref's own inputs, and end to end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graph/executor.h"
#include "graph/tolerance.h"

namespace systole::graph {

struct NodeCheck {
  std::string name, op, device;
  DType dtype = DType::kF32;  // of the output
  int64_t reduction = 1;
  double worst_abs = 0;  // largest |got - want|
  double worst_rel = 0;  // the same over the largest |want|
  double bound = 0;      // at the element that comes nearest to its bound
  double of_bound = 0;   // largest |got - want| / bound there; exact ops: 0 or infinite
  int64_t where = 0;     // that element, in row-major order, with both values
  double got = 0, want = 0;
  int64_t nans = 0, infinities = 0;  // of what the device gave
  int64_t saturated = 0;             // 8-bit integers at an end of their range
  bool ok = true;
};

struct OutputCheck {
  std::string name;
  double largest = 0;       // largest magnitude of ref's output
  double worst_rel = 0;     // largest |got - want| over it; the reference is the graph in its own types on ref
  bool emulated = false;    // some nodes run in bf16 and the emulation covers the graph
  double emulated_rel = 0;  // the same for the bf16 emulation with the same rounding points
  bool finite = true;
};

struct VerifyReport {
  std::vector<NodeCheck> nodes;
  std::vector<OutputCheck> outputs;
  bool ok = true;  // every node within its bound, outputs finite; with emulation also worst_rel <= 1.5 emulated_rel
};

// `lowered` as given to compile. Every op node runs alone on its device and on `ref` from the same bytes: ref's results
// in the node's types. Nodes that are on `ref` itself are not compared.
Result<VerifyReport> verify(const Graph& lowered, const SessionOptions& options, std::shared_ptr<Device> ref,
                            const TensorMap& inputs);

}  // namespace systole::graph
