// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The graph: values and nodes in topological order. A node begins as an ONNX operator and is lowered to a HAL op or to
// a named host op; nothing in between.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hal/buffer.h"
#include "hal/op.h"

namespace systole::graph {

using ValueId = int;                    // index into Graph::values
inline constexpr ValueId kAbsent = -1;  // an optional input that is not given

struct Value {
  std::string name;
  DType dtype = DType::kF32;
  Shape shape;  // -1: not known yet
  bool shape_known = false;
  std::shared_ptr<const Quantization> quant;
  // Constants: frozen host memory in row-major order of `shape`. Null for what is computed, and for a weight without
  // data until it is given seeded synthetic values.
  std::shared_ptr<Buffer> data;
  // A constant whose values nothing will ask for (cycles without values): it reads as zeros, from memory that the host
  // need not have. What a pass makes of it is withheld too.
  bool withheld = false;
  // An input or output that stays in its device's memory between runs, as a cache does: a run need not be given the
  // input, and reads the output back only where there are values. A Concat whose first operand it is extends it in
  // place; with the attribute `starts` (an index of each operand, one behind another) the others are written over
  // parts of it.
  bool resident = false;
  bool is_constant() const { return data != nullptr; }
};

using Attribute = std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>,
                               std::vector<std::string>, std::shared_ptr<Value> /* tensor */>;

struct Node {
  std::string name;  // unique; made from the first output where the file gives none
  std::string type;  // ONNX operator ("Conv"), or the host op's name after lowering
  std::map<std::string, Attribute> attributes;
  std::vector<ValueId> inputs, outputs;
  std::optional<Op> op;            // set by lowering when the node is a HAL op
  std::vector<std::string> fused;  // names of the nodes that a fusion took in, in order
  std::string device;              // set by placement: "npu", "cpu", "ref", or "host" for host ops
  std::string why;                 // set by placement when it is not the device asked for
};

struct Graph {
  std::string name;
  int opset = 0;
  std::vector<Value> values;
  std::vector<Node> nodes;  // topological order
  std::vector<ValueId> inputs, outputs;
  std::vector<std::string> warnings;
  bool lowered = false;  // made of HAL ops, views and host ops: import has nothing to do

  ValueId add_value(Value value) {
    values.push_back(std::move(value));
    return static_cast<ValueId>(values.size()) - 1;
  }
  Value& at(ValueId id) { return values[static_cast<size_t>(id)]; }
  const Value& at(ValueId id) const { return values[static_cast<size_t>(id)]; }
};

}  // namespace systole::graph
