// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "report/layers.h"

#include <algorithm>

namespace systole::report {
namespace {

struct CauseName {
  const char *counter, *bound;
};
constexpr CauseName kCauses[kBounds] = {{"array_busy_cycles", "compute"},
                                        {"vector_only_cycles", "on_chip"},
                                        {"stall_dram_cycles", "dram"},
                                        {"stall_copy_cycles", "copy"},
                                        {"stall_preload_cycles", "preload"},
                                        {"stall_array_drain_cycles", "array_drain"},
                                        {"stall_vector_drain_cycles", "vector_drain"},
                                        {"stall_fence_cycles", "fence"},
                                        {"stall_dispatch_cycles", "dispatch"}};

bool is_int8(const graph::NodeReport& node) {
  return !node.inputs.empty() && (node.inputs[0].starts_with("i8") || node.inputs[0].starts_with("u8"));
}

double peak_of(const graph::NodeReport& node, const DeviceInfo& device) {
  return limit(device, is_int8(node) ? "peak_macs_per_cycle_i8" : "peak_macs_per_cycle_bf16");
}

Bound bound_of(const CyclesByCause& cycles) {
  const auto most = std::max_element(cycles.begin(), cycles.end());
  return *most > 0 ? static_cast<Bound>(most - cycles.begin() + 1) : Bound::kNone;
}

double bandwidth_share(int64_t bytes, int64_t cycles, const DeviceInfo& device) {
  const double peak = limit(device, "dram_bytes_per_s"), clock = limit(device, "clock_hz");
  return cycles > 0 && peak > 0 ? static_cast<double>(bytes) / static_cast<double>(cycles) * clock / peak : 0;
}

// Of the operands' type, which a node tells as text: "f32[1,64]".
void hold_against(const Peaks& peaks, const graph::NodeReport& node, LayerRow& row) {
  if (row.kind != NumberKind::kMeasured || row.time_ns <= 0) return;
  const std::string operand = node.inputs.empty() ? "" : node.inputs[0];
  const DType type = parse_dtype(operand.substr(0, operand.find('['))).value_or(DType::kF32);
  row.roof = roof_of(peaks, type, row.macs, row.compulsory_bytes);
  row.rate = row.roof.seconds() * 1e9 / row.time_ns;
  row.utilization = row.roof.compute_s * 1e9 / row.time_ns;
}

LayerRow row_of(const graph::NodeReport& node, const DeviceInfo& device, const Peaks* peaks) {
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
  if (peaks != nullptr && !row.fallback) hold_against(*peaks, node, row);
  row.cycles = record.counter("cycles");
  row.dram_read_bytes = record.counter("dram_read_bytes");
  row.dram_write_bytes = record.counter("dram_write_bytes");
  row.on_chip_bytes = record.counter("on_chip_bytes");
  const int64_t bytes = row.dram_read_bytes + row.dram_write_bytes;
  if (bytes > 0) row.intensity = 2.0 * static_cast<double>(row.macs) / static_cast<double>(bytes);
  const double peak = peak_of(node, device);
  if (row.cycles > 0 && peak > 0)
    row.utilization = static_cast<double>(row.macs) / (static_cast<double>(row.cycles) * peak);
  row.stall_cycles = causes_of(record);
  row.limits = limits_of(record);
  row.bandwidth_share = bandwidth_share(bytes, row.cycles, device);
  row.bound = bound_of(row.stall_cycles);
  return row;
}

}  // namespace

const char* bound_name(Bound bound) {
  return bound == Bound::kNone ? "" : kCauses[static_cast<size_t>(bound) - 1].bound;
}

CyclesByCause causes_of(const ProfileRecord& record) {
  CyclesByCause cycles{};
  for (size_t i = 0; i < kBounds; ++i) cycles[i] = record.counter(kCauses[i].counter);
  return cycles;
}

double limit(const DeviceInfo& device, const std::string& name) {
  for (const Limit& each : device.limits) {
    if (each.name == name) return each.value;
  }
  return 0;
}

double cores(const DeviceInfo& device) { return std::max(1.0, limit(device, "cores")); }

std::vector<LayerRow> layer_rows(const graph::RunReport& run, const DeviceInfo& device, const Peaks* peaks) {
  std::vector<LayerRow> rows;
  for (const graph::NodeReport& node : run.nodes) {
    if (node.op == "alias") continue;
    rows.push_back(row_of(node, device, peaks));
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
    if (row.rate > 0) {
      sum.roof_ns += row.roof.seconds() * 1e9;
      sum.roofed_ns += row.time_ns;
      sum.roofed_macs += row.macs;
      sum.roofed_bytes += row.compulsory_bytes;
      if (row.roof.compute_s > row.roof.memory_s) sum.compute_bound_ns += row.time_ns;
    }
    if (row.cycles == 0) continue;
    sum.device_macs += row.macs;
    for (size_t i = 0; i < kBounds; ++i) sum.stall_cycles[i] += row.stall_cycles[i];
    add(sum.limits, row.limits);
  }
  double peak = 0;
  for (const graph::NodeReport& node : run.nodes) {
    if (!node.profile || node.profile->counter("cycles") == 0) continue;
    if (node.macs > 0) peak = std::max(peak, peak_of(node, device));
  }
  if (sum.cycles > 0 && peak > 0)
    sum.utilization = static_cast<double>(sum.device_macs) / (static_cast<double>(sum.cycles) * peak);
  sum.bandwidth_share = bandwidth_share(sum.dram_read_bytes + sum.dram_write_bytes, sum.cycles, device);
  return sum;
}

}  // namespace systole::report
