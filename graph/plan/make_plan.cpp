// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/constants.h"
#include "graph/executor.h"

namespace systole::graph {
namespace {

Status check_ready(const Graph& graph) {
  for (const auto* ends : {&graph.inputs, &graph.outputs})
    for (ValueId id : *ends) {
      const Value& value = graph.at(id);
      if (dense_bytes(value.dtype, value.shape) != bytes_for(value.dtype, element_count(value.shape)))
        return Status(Code::kUnsupported, "'" + value.name + "' is an input or output of rows of " +
                                              dtype_name(value.dtype) +
                                              " that end within a byte: " + to_string(value.shape));
    }
  for (const Node& node : graph.nodes)
    for (const auto* ids : {&node.inputs, &node.outputs})
      for (ValueId id : *ids) {
        if (id == kAbsent) continue;
        const Value& value = graph.at(id);
        bool known = value.shape_known || value.is_constant();
        for (int64_t extent : value.shape) known = known && extent >= 0;
        if (!known)
          return Status(Code::kInvalidArgument, "'" + node.name + "': shape of '" + value.name + "' is not known");
      }
  return {};
}

}  // namespace

Result<Plan> make_plan(Graph graph, const SessionOptions& options) {
  if (!options.device) return Status(Code::kInvalidArgument, "compile: no device");
  SYSTOLE_RETURN_IF_ERROR(check_ready(graph));
  Plan plan;
  plan.graph = std::move(graph);
  plan.devices[kMain] = options.device;
  plan.devices[kFallback] = options.fallback == options.device ? nullptr : options.fallback;
  const Target target{options.device.get(), plan.devices[kFallback].get(), options.precision};
  if (options.fuse) {
    SYSTOLE_RETURN_IF_ERROR(fuse(plan.graph, target, plan.report));
  } else {
    SYSTOLE_RETURN_IF_ERROR(remove_identities(plan.graph, plan.report));
    SYSTOLE_RETURN_IF_ERROR(remove_dead(plan.graph, plan.report));
  }
  SYSTOLE_RETURN_IF_ERROR(decompose(plan.graph, target, plan.report));
  SYSTOLE_RETURN_IF_ERROR(store_weights(plan.graph, target, options.weights, plan.report));
  SYSTOLE_RETURN_IF_ERROR(lower_precision(plan.graph, *options.device, options.precision, plan.report));
  SYSTOLE_RETURN_IF_ERROR(assign_layout(plan));
  SYSTOLE_RETURN_IF_ERROR(expand_concats(plan));
  SYSTOLE_RETURN_IF_ERROR(expand_views(plan));
  SYSTOLE_RETURN_IF_ERROR(place(plan));
  SYSTOLE_RETURN_IF_ERROR(insert_device_copies(plan));
  return plan;
}

}  // namespace systole::graph
