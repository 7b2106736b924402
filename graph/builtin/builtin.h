// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Networks made here, with seeded weights, as ONNX operators: the first run needs no file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graph/ir.h"
#include "hal/status.h"

namespace systole::graph {

struct BuiltinInfo {
  std::string name;         // "resnet50", "resnet50_int8"
  std::string description;  // one line
  int64_t parameters = 0;   // trainable ones of the network as published; int8 variants have batch norms folded
  Shape input;              // for batch 1
  bool int8 = false;
  std::map<std::string, int64_t> sizes;  // options with their defaults
};
std::vector<BuiltinInfo> builtin_models();

struct BuiltinOptions {
  uint64_t seed = 1;
  int64_t batch = 1;
  bool values = true;  // false: weights of float networks are withheld (Value::withheld)
};
// The same options give the same bytes. Weights keep the variance of activations, measured on a small seeded probe as
// the network is built, so that the output depends on every layer; int8 variants take their scales from the same probe.
// Inputs are meant to be of unit variance. `name` may give options: "bert_base?sequence=128&layers=2". kNotFound names
// the nearest name, kInvalidArgument the options there are.
Result<Graph> make_builtin(const std::string& name, const BuiltinOptions& options = {});
// Whether `name`, its options left out, is one of them.
bool is_builtin(const std::string& name);
// Whether it is a language model's step, which is made of HAL ops: no file of ONNX operators has it.
bool is_lowered_builtin(const std::string& name);

// Trainable parameters of a built-in network, counted while it is built without its weights where that is possible.
Result<int64_t> builtin_parameters(const std::string& name);
// Trainable parameters: constants named .weight, .bias, .gamma and .beta, stored ones of int8 networks without their
// scales.
int64_t count_parameters(const Graph& graph);

}  // namespace systole::graph
