// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What one run did, node by node. Times of different kinds are never added up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hal/buffer.h"
#include "hal/profile.h"

namespace systole::graph {

struct NodeReport {
  std::string name, type;
  std::string op;      // op_name; "alias", "move" or "host" where the node is no HAL op
  std::string device;  // "npu", "cpu", "host"
  std::string why;     // why it is not the device asked for; empty where it is
  std::vector<std::string> fused;
  std::vector<std::string> inputs, outputs;  // TensorDesc::to_string
  int64_t macs = 0;
  int64_t bytes = 0;                     // compulsory
  int segment = -1;                      // index into RunReport::segments; -1 for aliases
  std::optional<ProfileRecord> profile;  // of device ops
  double measured_ns = 0;                // host time: moves, host ops
  double estimated_ns = 0;  // by the declared host model: all that is not on a simulated main device beside one
};

struct SegmentReport {
  std::string device;
  std::vector<std::string> nodes;
  double start_ns = 0, end_ns = 0;  // of `kind`, from its device's epoch; host segments from the start of the run
  NumberKind kind = NumberKind::kMeasured;
};

struct ArenaReport {
  std::string device;
  MemoryKind kind = MemoryKind::kDeviceLocal;
  int values = 0, transient = 0;
  int64_t peak_bytes = 0;  // with reuse: what is allocated
  int64_t sum_bytes = 0;   // without
};

struct RunReport {
  std::vector<NodeReport> nodes;
  std::vector<SegmentReport> segments;
  std::vector<ArenaReport> arenas;
  std::vector<std::string> passes, warnings;
  std::vector<TraceSpan> spans;
  int64_t constant_bytes = 0;
  int64_t least_bytes = 0;  // the main device's constants, inputs and outputs once: none can move less
  double simulated_ns = 0;  // segments of a simulated device
  double measured_ns = 0;   // host clock: everything else
  // By models, never measured: segments of a device whose own records are estimates, plus, beside a simulated main
  // device, the host model's time of everything that runs elsewhere.
  double estimated_ns = 0;
  double wall_ns = 0;  // host time of the run
};

}  // namespace systole::graph
