// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What lowering rules share, for the graph/lower_*.cpp files alone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/constants.h"
#include "graph/ir.h"
#include "graph/node_access.h"
#include "graph/pass_report.h"
#include "hal/status.h"

namespace systole::graph {

// One ONNX node on its way; what is emitted goes behind what was emitted before.
struct Lowering {
  Graph& graph;
  const Node& node;
  std::vector<Node>& out;
  std::map<ValueId, ValueId>& aliases;  // readers of the key read the value instead
  PassReport* report;

  const Value& in(size_t i) const { return graph.at(node.inputs[i]); }
  bool has(size_t i) const { return input_of(node, i) != kAbsent; }
  const Value& result() const { return graph.at(node.outputs[0]); }
  Status unsupported(const std::string& why) const { return node_error(node, Code::kUnsupported, why); }

  // A value between two emitted nodes; its name is the ONNX node's and `suffix`.
  ValueId temporary(const std::string& suffix, DType dtype, Shape shape);
  Result<ValueId> constant(const std::string& suffix, DType dtype, Shape shape, const std::vector<double>& values);
  // `suffix` empty: the node that carries the ONNX node's own name and what it had fused.
  Node& emit(const std::string& suffix, const std::string& type, std::vector<ValueId> inputs, ValueId output);
  Node& emit_op(const std::string& suffix, Op op, std::vector<ValueId> inputs, ValueId output);
  void emit_reshape(const std::string& suffix, ValueId input, ValueId output);
  // The output becomes the input; a Reshape stays where graph input or constant meets graph output.
  void pass_through();
  // f32 for a float bias, converted once for constants, by a Cast otherwise.
  Result<ValueId> float_bias(ValueId bias);
};

using LowerRule = Status (*)(Lowering&);
using LowerRules = std::map<std::string, LowerRule>;

void add_elementwise_lowering(LowerRules& rules);
void add_window_lowering(LowerRules& rules);
void add_matmul_lowering(LowerRules& rules);
void add_movement_lowering(LowerRules& rules);
void add_resize_lowering(LowerRules& rules);
void add_reduce_lowering(LowerRules& rules);  // reductions, softmax, normalizations

}  // namespace systole::graph
