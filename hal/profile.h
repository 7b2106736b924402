// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Records of what ran when: one per command, with named counters. Every number says what kind of truth it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace systole {

enum class NumberKind : uint8_t { kMeasured, kSimulated, kEstimated };
const char* number_kind_name(NumberKind kind);

struct Counter {
  std::string name;  // snake_case with its unit: "cycles", "macs", "dram_read_bytes", "stall_dram_cycles"
  int64_t value = 0;
};

// Times are device time in nanoseconds from the device's epoch (the reset of a simulated device).
struct ProfileRecord {
  std::string name;  // the op's name in the list
  std::string op;    // op_name, "copy", "fill", "barrier"
  double queued_ns = 0, start_ns = 0, end_ns = 0;
  NumberKind kind = NumberKind::kMeasured;
  std::vector<Counter> counters;

  int64_t counter(std::string_view counter_name) const;  // 0 where absent
};

// One span of an engine's work, for traces. Empty unless tracing was asked for.
struct TraceSpan {
  std::string track;  // "compute", "load", "dram.channel0"
  std::string name;
  double start_ns = 0, end_ns = 0;
};

struct Profile {
  std::vector<ProfileRecord> records;
  std::vector<TraceSpan> spans;
};

}  // namespace systole
