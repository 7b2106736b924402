// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// clang-format off
// From ONNX operators to HAL ops, data movement and host ops. After it every node is one of these, every value has a
// concrete shape, and operands are in the order of hal/op.h:
//
//   type       op       attributes                        meaning (all tensors in row-major logical order)
//   (any)      set      -                                 the HAL op `*op`; `type` is the ONNX operator it came from
//   Reshape    none     -                                 output is the input's elements under another shape: an alias when the
//                                                         input is dense and row-major, a copy otherwise
//   Transpose  Copy     perm: ints                        y.shape[i] = x.shape[perm[i]]; y is x with its axes permuted
//   Slice      Copy     starts, steps: ints, one an axis  y[i..] = x[starts + i * steps]; steps >= 1; extents from y's shape
//   Expand     Copy     -                                 NumPy broadcast of x to y's shape: stride 0 on the broadcast axes
//   Concat     none     axis: int >= 0                    one copy per input into y, at the running sum of extents on axis
//   Pad        none     pads: ints (begin.., end..) >= 0, y filled with value (a real value, in y's quantization), then x
//                       value: float                      copied to y at offset pads[axis]
//   LRN, Gather, ArgMax, Tile
//              none     as in ONNX                        host ops: graph/host_ops/host_op.h runs them on row-major tensors
//
// - Optional operands that are absent are dropped: a Conv2d or Matmul has its bias as third input exactly if epilogue.bias.
// - Identity, Dropout, no-op Cast and their like are gone: their users read the input. One that joins a graph input or constant
//   to a graph output stays as Reshape.
// - BatchNormalization becomes two Binary nodes, x * scale then + shift, with constants of shape [1,C,1..]; both carry the
//   attribute batch_norm (string: the ONNX node's name), by which a fusion finds the pair.
// - LayerNormalization is a Normalize; InstanceNormalization and GroupNormalization are Reshape, Normalize, Reshape and a
//   product and a sum with numbers a channel (where these aren't all 1 and 0). Trilu is a Select by a constant triangle.
// - A quantized value carries `quant`; QuantizeLinear and DequantizeLinear that no integer op took in are Casts.
// - Resize and Upsample become, axis by axis, an Expand between two Reshapes (whole factors of nearest) or a Matmul with a constant matrix.
// - Split becomes one Slice an output; Sum, Min and Max of n operands a chain of n-1 Binary nodes.
// - A graph output may be a constant after folding; a graph input may be an output.
// clang-format on
#pragma once

#include "graph/ir.h"
#include "graph/pass_report.h"

namespace systole::graph {

// `graph` holds ONNX nodes with concrete shapes. kUnsupported names the node, its operator and the opset.
Status lower(Graph& graph, PassReport* report = nullptr);

}  // namespace systole::graph
