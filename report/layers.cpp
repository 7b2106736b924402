// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "report/layers.h"

#include <algorithm>

namespace systole::report {
namespace {

constexpr const char* kCauseCounters[] = {"array_busy_cycles", "stall_dram_cycles", "vector_only_cycles",
                                          "stall_dependency_cycles", "stall_overhead_cycles"};
constexpr Bound kCauseBounds[] = {Bound::kCompute, Bound::kDram, Bound::kOnChip, Bound::kDependency, Bound::kOverhead};

bool is_int8(const graph::NodeReport& node) {
  return !node.inputs.empty() && (node.inputs[0].starts_with("i8") || node.inputs[0].starts_with("u8"));
}

double peak_of(const graph::NodeReport& node, const DeviceInfo& device) {
  return limit(device, is_int8(node) ? "peak_macs_per_cycle_i8" : "peak_macs_per_cycle_bf16");
}

Bound bound_of(const ProfileRecord& record) {
  Bound best = Bound::kNone;
  int64_t most = 0;
  for (size_t i = 0; i < std::size(kCauseCounters); ++i) {
    const int64_t cycles = record.counter(kCauseCounters[i]);
    if (cycles > most) most = cycles, best = kCauseBounds[i];
  }
  return best;
}

LayerRow row_of(const graph::NodeReport& node, const DeviceInfo& device) {
  LayerRow row;
  row.name = node.name;
  row.op = node.op == "host" ? node.type : node.op;
  row.device = node.device;
  row.shape = node.outputs.empty() ? "" : node.outputs[0];
  row.why = node.why;
  row.macs = node.macs;
  row.compulsory_bytes = node.bytes;
  row.fallback = !node.why.empty();
  if (!node.profile) {
    row.kind = node.estimated_ns > 0 ? NumberKind::kEstimated : NumberKind::kMeasured;
    row.time_ns = node.estimated_ns > 0 ? node.estimated_ns : node.measured_ns;
    return row;
  }
  const ProfileRecord& record = *node.profile;
  row.kind = record.kind;
  row.time_ns = record.end_ns - record.start_ns;
  if (record.kind == NumberKind::kMeasured && node.estimated_ns > 0) {
    row.kind = NumberKind::kEstimated;
    row.time_ns = node.estimated_ns;
  }
  row.cycles = record.counter("cycles");
  row.dram_read_bytes = record.counter("dram_read_bytes");
  row.dram_write_bytes = record.counter("dram_write_bytes");
  row.on_chip_bytes = record.counter("on_chip_bytes");
  const int64_t bytes = row.dram_read_bytes + row.dram_write_bytes;
  if (bytes > 0) row.intensity = 2.0 * static_cast<double>(row.macs) / static_cast<double>(bytes);
  const double peak = peak_of(node, device);
  if (row.cycles > 0 && peak > 0)
    row.utilization = static_cast<double>(row.macs) / (static_cast<double>(row.cycles) * peak);
  row.bound = bound_of(record);
  return row;
}

}  // namespace

const char* bound_name(Bound bound) {
  switch (bound) {
    case Bound::kNone:
      return "";
    case Bound::kCompute:
      return "compute";
    case Bound::kDram:
      return "dram";
    case Bound::kOnChip:
      return "on_chip";
    case Bound::kDependency:
      return "dependency";
    case Bound::kOverhead:
      return "overhead";
  }
  return "";
}

std::array<int64_t, 5> causes_of(const ProfileRecord& record) {
  std::array<int64_t, 5> cycles{};
  for (size_t i = 0; i < std::size(kCauseCounters); ++i)
    cycles[static_cast<size_t>(kCauseBounds[i]) - 1] = record.counter(kCauseCounters[i]);
  return cycles;
}

double limit(const DeviceInfo& device, const std::string& name) {
  for (const Limit& each : device.limits) {
    if (each.name == name) return each.value;
  }
  return 0;
}

std::vector<LayerRow> layer_rows(const graph::RunReport& run, const DeviceInfo& device) {
  std::vector<LayerRow> rows;
  for (const graph::NodeReport& node : run.nodes) {
    if (node.op == "alias") continue;
    rows.push_back(row_of(node, device));
    rows.back().index = static_cast<int>(rows.size());
  }
  return rows;
}

Totals totals(const std::vector<LayerRow>& rows, const graph::RunReport& run, const DeviceInfo& device) {
  Totals sum;
  sum.simulated_ns = run.simulated_ns;
  sum.estimated_ns = run.estimated_ns;
  sum.measured_ns = run.measured_ns;
  for (const LayerRow& row : rows) {
    sum.macs += row.macs;
    sum.compulsory_bytes += row.compulsory_bytes;
    sum.cycles += row.cycles;
    sum.dram_read_bytes += row.dram_read_bytes;
    sum.dram_write_bytes += row.dram_write_bytes;
    sum.on_chip_bytes += row.on_chip_bytes;
    if (row.cycles > 0) sum.device_macs += row.macs;
  }
  double peak = 0;
  for (const graph::NodeReport& node : run.nodes) {
    if (!node.profile || node.profile->counter("cycles") == 0) continue;
    for (size_t i = 0; i < std::size(kCauseCounters); ++i)
      sum.stall_cycles[i] += node.profile->counter(kCauseCounters[i]);
    if (node.macs > 0) peak = std::max(peak, peak_of(node, device));
  }
  if (sum.cycles > 0 && peak > 0)
    sum.utilization = static_cast<double>(sum.device_macs) / (static_cast<double>(sum.cycles) * peak);
  return sum;
}

}  // namespace systole::report
