// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Graphs and plans as JSON, their constants apart: by number, each buffer once.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "graph/files/fields.h"
#include "graph/plan/plan.h"
#include "hal/buffer.h"

namespace systole::graph {

// Numbers the buffers of constants in the order in which they are met.
class ConstantNumbers {
 public:
  int of(const std::shared_ptr<Buffer>& buffer);  // -1 for none
  const std::vector<std::shared_ptr<Buffer>>& buffers() const { return buffers_; }

 private:
  std::map<const Buffer*, int> numbers_;
  std::vector<std::shared_ptr<Buffer>> buffers_;
};

Json graph_json(const Graph& graph, ConstantNumbers& constants);
Json plan_json(const Plan& plan, ConstantNumbers& constants);

// kDataLoss for anything that is missing, of another type, or unsound: numbers of values and constants in range, values
// made once and before they are read, sizes of constants as their shapes say.
Result<Graph> read_graph(const Json& json, const std::vector<std::shared_ptr<Buffer>>& constants);
Result<Plan> read_plan(const Json& json, const std::vector<std::shared_ptr<Buffer>>& constants);

}  // namespace systole::graph
