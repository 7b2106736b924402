// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What every pass needs of a graph: who makes and who uses a value, constants as numbers, nodes taken out.
#pragma once

#include <string>
#include <vector>

#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

struct Uses {
  std::vector<int> producer;                // by value: node index, -1 for inputs and constants
  std::vector<std::vector<int>> consumers;  // by value: node indexes, ascending, one entry a use
  std::vector<bool> is_output;              // by value: the graph hands it out
};
Uses uses_of(const Graph& graph);

// The only node that reads `value`, or -1 when there are several, none, or the graph hands it out.
int sole_consumer(const Uses& uses, ValueId value);
// Readers of `from` read `to` instead; graph outputs are left alone.
void replace_reads(Graph& graph, ValueId from, ValueId to);
void erase_nodes(Graph& graph, const std::vector<bool>& dead);
// Nodes of `added` go before the node of their index (0..nodes.size()), in the given order.
struct Insertion {
  int before = 0;
  Node node;
};
void insert_nodes(Graph& graph, std::vector<Insertion> added);

// Elements of a constant as f32 (quantized constants: the stored numbers). kUnsupported for 4-bit types.
Result<std::vector<float>> constant_floats(const Value& value);
Result<Value> make_constant(std::string name, DType dtype, Shape shape, const void* data);
// Of withheld values: costs address space only, until someone reads it.
Result<Value> make_withheld_constant(std::string name, DType dtype, Shape shape);
Result<Value> make_float_constant(std::string name, Shape shape, const std::vector<float>& data);

// One number for each channel of a rank-`rank` tensor with channels at `axis`: broadcasts [1,C,1,1], [C,1,1] (rank 4),
// [C] (last axis) and single numbers. Empty when the constant has any other shape.
std::vector<float> per_channel_floats(const Value& constant, const Shape& target, int axis);

}  // namespace systole::graph
