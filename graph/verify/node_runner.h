// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Runs a plan node by node on one device, keeping every value: what verification compares with.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "graph/host_tensor.h"
#include "graph/plan/plan.h"
#include "hal/command_list.h"

namespace systole::graph {

class NodeRunner {
 public:
  NodeRunner(const Plan& plan, std::shared_ptr<Device> device) : plan_(plan), device_(std::move(device)) {}

  Status start(const TensorMap& inputs);
  Status run(const Node& node);  // op, alias, copy or host op; nodes come in the plan's order
  // `node` alone on `other`, from this runner's inputs; its first output's bytes as spanned by `desc` of the operand.
  Result<std::vector<std::byte>> run_elsewhere(const Node& node, const std::shared_ptr<Device>& other);
  // Elements of an operand in row-major order.
  Result<std::vector<double>> numbers(const Operand& operand);

 private:
  Result<std::shared_ptr<Buffer>> buffer_of(ValueId root);
  Result<TensorView> view(const Operand& operand);
  Status run_host(const Node& node);

  const Plan& plan_;
  std::shared_ptr<Device> device_;
  std::map<ValueId, std::shared_ptr<Buffer>> buffers_;
};

// Elements of `desc` from its first byte, in row-major order.
std::vector<double> strided_numbers(const std::byte* data, const TensorDesc& desc);

}  // namespace systole::graph
