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
#include "graph/passes/target.h"
#include "hal/device.h"

namespace systole::graph {

// Lines of `report` that `pass` wrote.
int count_lines(const PassReport& report, const std::string& pass);

// Identity, Dropout and casts to the same type are gone; their readers read the source.
Status remove_identities(Graph& graph, PassReport& report);
// Transpose of Transpose is one; of a constant, a constant; one that moves nothing is gone. Reshape of Reshape is one.
Status merge_movement(Graph& graph, PassReport& report);
// x / sqrt(mean(x^2) + e), with or without the mean taken off first, over the last axes; scale and bias after it.
Status fuse_normalizations(Graph& graph, const Target& target, PassReport& report);
// GELU (erf and tanh), SiLU, hard swish and hard sigmoid from products and sums of x and one function of x.
Status fuse_functions(Graph& graph, const Target& target, PassReport& report);
// exp(x) / sum(exp(x)), with or without the maximum taken off first.
Status fuse_softmax(Graph& graph, const Target& target, PassReport& report);
// softmax(scale * q k^T + mask) v; a constant mask that hides the future alone becomes `causal`.
Status fuse_attention(Graph& graph, const Target& target, PassReport& report);
// A transpose of the last two axes ahead of a matmul becomes the matmul's.
Status fuse_transposes(Graph& graph, const Target& target, PassReport& report);
// A product of rows that were flattened ahead of it and get their axes back behind it works on those axes itself.
Status unflatten_products(Graph& graph, const Target& target, PassReport& report);
// x*a*b -> x*(ab), x+a+b -> x+(a+b) for float constants.
Status merge_scales(Graph& graph, PassReport& report);
// Float conv2d or matmul with constant weights, then constant scale and shift: both go into weights and bias.
Status fold_scales(Graph& graph, PassReport& report);
// Float conv2d or matmul, then + other: the other operand is the epilogue's residual if it is computed earlier.
Status fuse_residuals(Graph& graph, PassReport& report);
// conv2d, matmul or binary, then a function that Activation knows, where the device that takes the one takes both.
Status fuse_activations(Graph& graph, const Target& target, PassReport& report);
// Nodes that nothing observable reads are gone.
Status remove_dead(Graph& graph, PassReport& report);
// All of the above in their order.
Status fuse(Graph& graph, const Target& target, PassReport& report);

// Normalize becomes reductions and element-wise ops where these have a better place than it has.
Status decompose(Graph& graph, const Target& target, PassReport& report);

// Constant weights of matmuls of floats as `weights` says, where the device that takes the product takes it so too;
// tables that are looked up stay. Withheld weights stay withheld. Integer weights that the model has and no better
// device takes are dequantized.
Status store_weights(Graph& graph, const Target& target, WeightType weights, PassReport& report);

Status lower_precision(Graph& graph, const Device& device, Precision policy, PassReport& report);

// Names of `nodes` as "a + b + c".
std::string joined(const std::vector<std::string>& names);
// `node` takes in `other`: its name joins the list of what was fused.
void absorb(Node& node, const Node& other);

}  // namespace systole::graph
