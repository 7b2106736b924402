// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/plan/prospect.h"

#include <algorithm>
#include <iterator>

#include "graph/constants.h"
#include "graph/run/host_model.h"

namespace systole::graph {
namespace {

int64_t payload_bytes(const Plan& plan, ValueId id) {
  if (id == kAbsent) return 0;
  return dense_bytes(plan.graph.at(id).dtype, plan.graph.at(id).shape);
}

NodeReport node_report(const Plan& plan, size_t n) {
  const Node& node = plan.graph.nodes[n];
  NodeReport report;
  report.name = node.name;
  report.type = node.type;
  report.device = node.device;
  report.why = node.why;
  report.fused = node.fused;
  for (size_t i = 0; i < node.inputs.size(); ++i)
    if (node.inputs[i] != kAbsent) report.inputs.push_back(input_operand(plan, node, i).desc.to_string());
  for (ValueId id : node.outputs)
    if (id != kAbsent) report.outputs.push_back(desc_of(plan, id).to_string());
  if (node.op) {
    const OpDesc desc = describe(plan, node);
    report.op = op_name(*node.op);
    report.macs = mac_count(desc);
    report.bytes = compulsory_bytes(desc);
    return report;
  }
  report.op = is_alias(node) ? "alias" : node.type == "DeviceCopy" ? "move" : "host";
  if (report.op == "alias") return report;
  for (const auto* ids : {&node.inputs, &node.outputs})
    for (ValueId id : *ids) report.bytes += payload_bytes(plan, id);
  if (node.type == "Gather")  // of its table it reads what it hands on
    report.bytes += payload_bytes(plan, node.outputs[0]) - payload_bytes(plan, node.inputs[0]);
  return report;
}

// Work beside a simulated main device is estimated; a machine that only measures has no use for it.
double estimate(const Plan& plan, const Node& node, const NodeReport& report) {
  if (!plan.devices[kMain]->info().simulated) return 0;
  if (report.op == "alias" || node.device == plan.place_name(kMain)) return 0;
  return report.op == "move" ? link_copy_ns(payload_bytes(plan, node.outputs[0]))
                             : host_op_ns(report.macs, report.bytes);
}

}  // namespace

RunReport make_prospect(const Plan& plan, const std::vector<Step>& steps, const SessionMemory& memory) {
  RunReport report;
  for (size_t n = 0; n < plan.graph.nodes.size(); ++n) {
    report.nodes.push_back(node_report(plan, n));
    report.nodes.back().estimated_ns = estimate(plan, plan.graph.nodes[n], report.nodes.back());
    report.estimated_ns += report.nodes.back().estimated_ns;
  }
  for (size_t s = 0; s < steps.size(); ++s) {
    SegmentReport segment;
    segment.device = plan.place_name(steps[s].place);
    for (int n : steps[s].nodes) {
      segment.nodes.push_back(plan.graph.nodes[static_cast<size_t>(n)].name);
      report.nodes[static_cast<size_t>(n)].segment = static_cast<int>(s);
    }
    report.segments.push_back(std::move(segment));
  }
  for (const Arena& arena : memory.arenas) {
    int transient = 0;
    for (ValueId id : arena.roots) transient += memory.transient[static_cast<size_t>(id)];
    report.arenas.push_back({plan.place_name(arena.place), arena.kind, static_cast<int>(arena.roots.size()), transient,
                             arena.plan.peak_bytes, arena.plan.sum_bytes});
  }
  for (int64_t bytes : memory.constant_bytes) report.constant_bytes += bytes;
  report.least_bytes = memory.constant_bytes[kMain];
  for (const auto* ends : {&plan.graph.inputs, &plan.graph.outputs})
    for (ValueId id : *ends) report.least_bytes += dense_bytes(plan.graph.at(id).dtype, plan.graph.at(id).shape);
  report.passes = plan.report.lines;
  report.warnings = plan.graph.warnings;
  return report;
}

void fill_times(const std::vector<Step>& steps, std::vector<Profile> profiles, RunReport& report) {
  for (size_t s = 0; s < steps.size(); ++s) {
    SegmentReport& segment = report.segments[s];
    if (steps[s].place == kHost) {
      for (int n : steps[s].nodes) report.measured_ns += report.nodes[static_cast<size_t>(n)].measured_ns;
      continue;
    }
    Profile& profile = profiles[s];
    bool first = true;
    for (const ProfileRecord& record : profile.records) {
      segment.start_ns = first ? record.start_ns : std::min(segment.start_ns, record.start_ns);
      segment.end_ns = first ? record.end_ns : std::max(segment.end_ns, record.end_ns);
      segment.kind = record.kind;
      first = false;
      for (int n : steps[s].nodes) {
        NodeReport& node = report.nodes[static_cast<size_t>(n)];
        if (node.name != record.name || node.profile) continue;  // records of equal names come in the nodes' order
        node.profile = record;
        break;
      }
    }
    const double span = segment.end_ns - segment.start_ns;
    (segment.kind == NumberKind::kSimulated   ? report.simulated_ns
     : segment.kind == NumberKind::kEstimated ? report.estimated_ns
                                              : report.measured_ns) += span;
    std::move(profile.spans.begin(), profile.spans.end(), std::back_inserter(report.spans));
  }
}

}  // namespace systole::graph
