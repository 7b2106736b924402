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

namespace systole::report {

// What holds a layer back: the cause that most of its cycles belong to (docs/timing.md, section 9: a cycle in which the
// array streams is compute's; else one in which the vector engine works is on_chip's, as its chains stream the
// scratchpad; else one in which data moves to or from device memory is dram's; else one in which a command waits for a
// semaphore or a bank is dependency's; the rest is overhead). none: no counters, or no work.
enum class Bound : uint8_t { kNone, kCompute, kDram, kOnChip, kDependency, kOverhead };
const char* bound_name(Bound bound);
// An op's cycles by cause, from kCompute on.
std::array<int64_t, 5> causes_of(const ProfileRecord& record);

struct LayerRow {
  int index = 0;
  std::string name, op, device, shape, why;
  NumberKind kind = NumberKind::kMeasured;  // of time_ns
  int64_t macs = 0;
  int64_t cycles = 0;  // 0 where the device has no clock
  double time_ns = 0;
  double utilization = 0;  // macs / (cycles * the array's peak for the operands' type); 0 without cycles
  int64_t dram_read_bytes = 0, dram_write_bytes = 0;  // whole bursts; 0 where unknown
  int64_t on_chip_bytes = 0;     // moved within the scratchpad instead, for tensors that stay there
  int64_t compulsory_bytes = 0;  // every operand once
  double intensity = 0;          // operations (2 a MAC) a DRAM byte
  Bound bound = Bound::kNone;
  bool fallback = false;  // not on the device that was asked for
};

struct Totals {
  double simulated_ns = 0, estimated_ns = 0, measured_ns = 0;
  int64_t macs = 0, device_macs = 0;  // device_macs: of layers with cycles
  int64_t cycles = 0;
  int64_t dram_read_bytes = 0, dram_write_bytes = 0, on_chip_bytes = 0, compulsory_bytes = 0;
  int64_t stall_cycles[5] = {};  // by Bound, from kCompute on
  double utilization = 0;        // device_macs / (cycles * peak of the widest type used)
};

// Aliases are left out: nothing runs.
std::vector<LayerRow> layer_rows(const graph::RunReport& run, const DeviceInfo& device);
Totals totals(const std::vector<LayerRow>& rows, const graph::RunReport& run, const DeviceInfo& device);
double limit(const DeviceInfo& device, const std::string& name);  // 0 where the device has no such limit

}  // namespace systole::report
