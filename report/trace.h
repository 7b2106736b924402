// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A run as a Perfetto trace (ui.perfetto.dev): a track a layer level, a track an engine, and counter tracks: bandwidth
// of every memory channel and direction, on-chip memory in use.
#pragma once

#include <string>
#include <vector>

#include "graph/run/run_report.h"
#include "hal/status.h"
#include "hal/traffic.h"

namespace systole::report {

// The file's bytes. Times are device time in nanoseconds; only simulated spans are in it, so that equal runs give equal
// bytes.
std::string perfetto_trace(const graph::RunReport& run, const std::vector<Series>& traffic = {});

// Tracks with their spans, read back: for tests and for people without a viewer. kDataLoss for anything else.
struct ReadSpan {
  std::string track, name;
  uint64_t start_ns = 0, end_ns = 0;
};
Result<std::vector<ReadSpan>> read_perfetto_trace(const std::string& bytes);
struct ReadCounter {
  std::string track;
  uint64_t at_ns = 0;
  int64_t value = 0;
};
Result<std::vector<ReadCounter>> read_perfetto_counters(const std::string& bytes);

}  // namespace systole::report
