// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Passes over a lowered graph, one file each. Every pass keeps what the graph computes and appends a line for each
// change.
#pragma once

#include <string>
#include <vector>

#include "graph/edit.h"
#include "graph/ir.h"
#include "graph/pass_report.h"
#include "hal/device.h"

namespace systole::graph {

// Lines of `report` that `pass` wrote.
int count_lines(const PassReport& report, const std::string& pass);

// Identity, Dropout and casts to the same type are gone; their readers read the source.
Status remove_identities(Graph& graph, PassReport& report);
// x*a*b -> x*(ab), x+a+b -> x+(a+b) for float constants.
Status merge_scales(Graph& graph, PassReport& report);
// Float conv2d or matmul with constant weights, then constant scale and shift: both go into weights and bias.
Status fold_scales(Graph& graph, PassReport& report);
// Float conv2d or matmul, then + other: the other operand is the epilogue's residual if it is computed earlier.
Status fuse_residuals(Graph& graph, PassReport& report);
// conv2d, matmul or binary, then relu or clip.
Status fuse_activations(Graph& graph, PassReport& report);
// Nodes that nothing observable reads are gone.
Status remove_dead(Graph& graph, PassReport& report);
// All of the above in their order.
Status fuse(Graph& graph, PassReport& report);

enum class Precision : uint8_t {
  // Ops that the device lacks in f32 and has in bf16 become bf16, and with them their readers that it has in bf16. Bias
  // stays
  // f32. Casts are nodes.
  kNative,
  kKeep,  // the model's types
};
Status lower_precision(Graph& graph, const Device& device, Precision policy, PassReport& report);

// Names of `nodes` as "a + b + c".
std::string joined(const std::vector<std::string>& names);
// `node` takes in `other`: its name joins the list of what was fused.
void absorb(Node& node, const Node& other);

}  // namespace systole::graph
