// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a device that simulates its memory can tell of it over time. A Device may be one (dynamic_cast).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systole {

// Counts in bins of equal length: sums, not rates. Times are device time from the device's epoch.
struct Series {
  std::string name;  // "dram0_read_bytes"
  double start_ns = 0, bin_ns = 0;
  std::vector<int64_t> values;
};

class TrafficSource {
 public:
  virtual ~TrafficSource() = default;
  // Bytes by channel of the device's memory and direction, since its last reset; all with the same bins. Any thread.
  virtual std::vector<Series> traffic() const = 0;
};

}  // namespace systole
