// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One row a layer: what people read first. Derived from a run's report by rules that stand here.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "graph/run/run_report.h"
#include "hal/device.h"
#include "hal/peaks.h"
#include "report/limits.h"

namespace systole::report {

// What holds a layer back: the cause that most of its cycles belong to, in the order of precedence of docs/timing.md,
// section 9. on_chip is the vector engine's, whose chains stream the scratchpad. none: no counters, or no work.
enum class Bound : uint8_t {
  kNone,
  kCompute,
  kOnChip,
  kDram,
  kCopy,
  kPreload,
  kArrayDrain,
  kVectorDrain,
  kFence,
  kDispatch
};
inline constexpr int kBounds = 9;  // but kNone: they sum to a layer's cycles, of each core
const char* bound_name(Bound bound);
// An op's cycles by cause, from kCompute on.
using CyclesByCause = std::array<int64_t, kBounds>;
CyclesByCause causes_of(const ProfileRecord& record);

struct LayerRow {
  int index = 0;
  std::string name, op, device, shape, why;
  NumberKind kind = NumberKind::kMeasured;  // of time_ns
  int64_t macs = 0;
  int64_t cycles = 0;  // 0 where the device has no clock
  double time_ns = 0;
  // macs / (cycles * the array's peak for the operands' type), of a measured row macs / (time * the measured peak);
  // 0 where neither is known
  double utilization = 0;
  int64_t dram_read_bytes = 0, dram_write_bytes = 0;  // whole bursts; 0 where unknown
  int64_t on_chip_bytes = 0;     // moved within the scratchpad instead, for tensors that stay there
  int64_t compulsory_bytes = 0;  // every operand once
  double intensity = 0;          // operations (2 a MAC) a DRAM byte
  double bandwidth_share = 0;    // bytes read and written / (cycles * the memory's peak); 0 without cycles
  CyclesByCause stall_cycles{};  // sums to cycles x cores
  Limits limits;
  Bound bound = Bound::kNone;
  Roof roof;              // of a measured row, where the device's peaks are known: the least its work can take
  double rate = 0;        // roof.seconds() over the time taken: the share of the roofline that was reached
  bool fallback = false;  // not on the device that was asked for
};

struct Totals {
  double simulated_ns = 0, estimated_ns = 0, measured_ns = 0;
  int64_t macs = 0, device_macs = 0;  // device_macs: of layers with cycles
  int64_t cycles = 0;
  int64_t dram_read_bytes = 0, dram_write_bytes = 0, on_chip_bytes = 0, compulsory_bytes = 0;
  CyclesByCause stall_cycles{};  // sums to cycles x cores
  Limits limits;
  double bandwidth_share = 0;
  double roof_ns = 0, roofed_ns = 0;          // of rows with a roof: the least time, and the time taken
  double compute_bound_ns = 0;                // of roofed_ns: rows whose longer roof is compute's
  int64_t roofed_macs = 0, roofed_bytes = 0;  // their multiply-accumulates and compulsory bytes
  double utilization = 0;                     // device_macs / (cycles * peak of the widest type used)
};

// Aliases are left out: nothing runs. `peaks`: the device's, null where they are not known.
std::vector<LayerRow> layer_rows(const graph::RunReport& run, const DeviceInfo& device, const Peaks* peaks = nullptr);
Totals totals(const std::vector<LayerRow>& rows, const graph::RunReport& run, const DeviceInfo& device);
double limit(const DeviceInfo& device, const std::string& name);  // 0 where the device has no such limit
double cores(const DeviceInfo& device);                           // at least 1

}  // namespace systole::report
