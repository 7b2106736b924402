// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/host_ops/host_op.h"

#include <set>

#include "graph/host_ops/kernels.h"
#include "graph/node_access.h"

namespace systole::graph {
namespace {

const HostKernels& all_kernels() {
  static const HostKernels kernels = [] {
    HostKernels made;
    add_movement_kernels(made);
    add_indexing_kernels(made);
    add_arithmetic_kernels(made);
    add_quantize_kernels(made);
    add_lrn_kernel(made);
    return made;
  }();
  return kernels;
}

}  // namespace

HostKernel find_host_op(const std::string& type) {
  auto found = all_kernels().find(type);
  return found == all_kernels().end() ? nullptr : found->second;
}

bool runs_on_host(const std::string& type) {
  static const std::set<std::string> types = {"ArgMax", "Gather", "LRN", "Tile"};
  return types.contains(type);
}

Status run_host_op(const Node& node, std::span<const HostInput> inputs, std::span<const HostOutput> outputs) {
  HostKernel kernel = find_host_op(node.type);
  if (!kernel) return node_error(node, Code::kUnsupported, "no host implementation");
  return kernel(node, inputs, outputs);
}

}  // namespace systole::graph
