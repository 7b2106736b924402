// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a layer was near to: rows of the DRAM, queues, on-chip memory, energy. From the counters of its profile
// record; zeros where a device has none.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "hal/profile.h"
#include "hal/traffic.h"

namespace systole::report {

inline constexpr std::array kQueueNames = {"load", "store", "preload", "compute", "vector"};
inline constexpr std::array kEnergyParts = {"array", "scratchpad", "accumulator", "vector", "dram"};

struct Limits {
  int64_t row_hits = 0, row_misses = 0;                        // bursts of the DRAM
  int64_t l2_hits = 0, l2_misses = 0, l2_write_backs = 0;      // bursts of an L2; zeros without one
  int64_t read_flight_cycles = 0, write_flight_cycles = 0;     // bursts in flight, summed over cycles
  std::array<int64_t, kQueueNames.size()> queue_cycles{};      // commands that waited, summed over cycles
  std::array<int64_t, kQueueNames.size()> queue_most{};        // at once
  int64_t scratchpad_bytes = 0, resident_bytes = 0;            // in use by the op; by tensors kept while it runs
  int64_t accumulator_bytes = 0;                               // in use
  std::array<int64_t, kEnergyParts.size()> energy_parts_pj{};  // estimated
  int64_t energy_pj = 0;                                       // their sum; 0: the hardware names no table

  double l2_hit_rate() const;   // of 1; 0 without bursts
  double row_hit_rate() const;  // of 1; 0 without bursts
};

Limits limits_of(const ProfileRecord& record);
void add(Limits& sum, const Limits& layer);  // counts are added up; of "most" and of bytes in use the greater one holds

// The columns that layers.csv has of them; `cycles`: the layer's.
std::string limits_titles();
std::string limits_cells(const Limits& limits, int64_t cycles);

// A row a bin of time, at most a thousand or so: start_ns, end_ns, and the bytes of each channel and direction.
std::string timeline_csv(const std::vector<Series>& traffic);

// A line of bandwidth over [from_ns, until_ns) as characters from ' ' (none) to '@' (the memory's peak), `width` of
// them, and a line that marks its greatest value. "" without traffic or time.
std::string bandwidth_picture(const std::vector<Series>& traffic, double peak_bytes_per_s, double from_ns,
                              double until_ns, size_t width);

}  // namespace systole::report
