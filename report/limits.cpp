// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "report/limits.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "report/table.h"

namespace systole::report {
namespace {

// Counters of a record and where they go; those of queues and of parts of the energy are made of names.
struct Counted {
  const char* counter;
  int64_t Limits::*member;
};
constexpr Counted kSums[] = {{"dram_row_hits", &Limits::row_hits},
                             {"dram_row_misses", &Limits::row_misses},
                             {"l2_hits", &Limits::l2_hits},
                             {"l2_misses", &Limits::l2_misses},
                             {"l2_write_backs", &Limits::l2_write_backs},
                             {"dram_read_flight_cycles", &Limits::read_flight_cycles},
                             {"dram_write_flight_cycles", &Limits::write_flight_cycles},
                             {"energy_pj", &Limits::energy_pj}};
constexpr Counted kMosts[] = {{"scratchpad_bytes", &Limits::scratchpad_bytes},
                              {"resident_bytes", &Limits::resident_bytes},
                              {"accumulator_bytes", &Limits::accumulator_bytes}};

double ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double Limits::row_hit_rate() const { return ratio(row_hits, row_hits + row_misses); }

double Limits::l2_hit_rate() const { return ratio(l2_hits, l2_hits + l2_misses); }

Limits limits_of(const ProfileRecord& record) {
  Limits l;
  for (const auto& [counter, member] : kSums) l.*member = record.counter(counter);
  for (const auto& [counter, member] : kMosts) l.*member = record.counter(counter);
  for (size_t q = 0; q < kQueueNames.size(); ++q) {
    const std::string name = kQueueNames[q] + std::string("_queue_");
    l.queue_cycles[q] = record.counter(name + "cycles");
    l.queue_most[q] = record.counter(name + "most");
  }
  for (size_t p = 0; p < kEnergyParts.size(); ++p)
    l.energy_parts_pj[p] = record.counter(std::string("energy_") + kEnergyParts[p] + "_pj");
  return l;
}

void add(Limits& sum, const Limits& l) {
  for (const auto& [counter, member] : kSums) sum.*member += l.*member;
  for (const auto& [counter, member] : kMosts) sum.*member = std::max(sum.*member, l.*member);
  for (size_t q = 0; q < kQueueNames.size(); ++q) {
    sum.queue_cycles[q] += l.queue_cycles[q];
    sum.queue_most[q] = std::max(sum.queue_most[q], l.queue_most[q]);
  }
  for (size_t p = 0; p < kEnergyParts.size(); ++p) sum.energy_parts_pj[p] += l.energy_parts_pj[p];
}

std::string limits_titles() {
  std::string text = "row_hit_rate,dram_reads_in_flight,dram_writes_in_flight";
  for (const char* queue : kQueueNames) text += std::string(",") + queue + "_queue_mean," + queue + "_queue_most";
  text += ",scratchpad_bytes,resident_bytes,accumulator_bytes";
  for (const char* part : kEnergyParts) text += std::string(",energy_") + part + "_pj";
  return text + ",energy_pj";
}

std::string limits_cells(const Limits& l, int64_t cycles) {
  char cell[64];
  const auto real = [&](double value) {
    std::snprintf(cell, sizeof cell, "%.4f", value);
    return std::string(cell);
  };
  const auto with_most = [&](int64_t sum, int64_t most) {
    return "," + real(ratio(sum, cycles)) + "," + std::to_string(most);
  };
  std::string text = real(l.row_hit_rate()) + "," + real(ratio(l.read_flight_cycles, cycles)) + "," +
                     real(ratio(l.write_flight_cycles, cycles));
  for (size_t q = 0; q < kQueueNames.size(); ++q) text += with_most(l.queue_cycles[q], l.queue_most[q]);
  for (const int64_t bytes : {l.scratchpad_bytes, l.resident_bytes, l.accumulator_bytes})
    text += "," + std::to_string(bytes);
  for (const int64_t part : l.energy_parts_pj) text += "," + std::to_string(part);
  return text + "," + std::to_string(l.energy_pj);
}

std::string timeline_csv(const std::vector<Series>& traffic) {
  std::string text = "start_ns,end_ns";
  for (const Series& series : traffic) text += "," + series.name;
  text += "\n";
  const size_t bins = traffic.empty() ? 0 : traffic[0].values.size();
  for (size_t bin = 0; bin < bins; ++bin) {
    const double start = traffic[0].start_ns + static_cast<double>(bin) * traffic[0].bin_ns;
    char times[64];
    std::snprintf(times, sizeof times, "%.3f,%.3f", start, start + traffic[0].bin_ns);
    text += times;
    for (const Series& series : traffic) text += "," + std::to_string(series.values[bin]);
    text += "\n";
  }
  return text;
}

std::string bandwidth_picture(const std::vector<Series>& traffic, double peak_bytes_per_s, double from_ns,
                              double until_ns, size_t width) {
  if (traffic.empty() || until_ns <= from_ns || width == 0 || peak_bytes_per_s <= 0) return "";
  std::vector<double> bytes(width);
  const double column_ns = (until_ns - from_ns) / static_cast<double>(width);
  for (const Series& series : traffic) {
    for (size_t bin = 0; bin < series.values.size(); ++bin) {
      // A bin's bytes are spread evenly over the columns that it covers.
      const double start = series.start_ns + static_cast<double>(bin) * series.bin_ns - from_ns;
      const double first = std::max(start, 0.0), last = std::min(start + series.bin_ns, until_ns - from_ns);
      for (double at = first; at < last;) {
        const auto column = std::min(static_cast<size_t>(at / column_ns), width - 1);
        const double end = column + 1 == width ? last : std::min(last, static_cast<double>(column + 1) * column_ns);
        bytes[column] += static_cast<double>(series.values[bin]) * (end - at) / series.bin_ns;
        if (end <= at) break;
        at = end;
      }
    }
  }
  const std::string levels = " .:-=+*#%@";
  const size_t most = static_cast<size_t>(std::max_element(bytes.begin(), bytes.end()) - bytes.begin());
  // A burst counts where it ends, so that a narrow column may have one more than fits.
  const auto rate = [&](size_t column) { return std::min(bytes[column] / column_ns * 1e9, peak_bytes_per_s); };
  std::string line = "bandwidth    ", mark = "             " + std::string(most, ' ') + "^";
  for (size_t column = 0; column < width; ++column) {
    const double share = rate(column) / peak_bytes_per_s;
    // Anything at all shows.
    const double level = std::ceil(share * static_cast<double>(levels.size() - 1) - 1e-9);
    line += levels[static_cast<size_t>(std::max(level, 0.0))];
  }
  const double at = from_ns + (static_cast<double>(most) + 0.5) * column_ns;
  std::string label =
      " " + si(rate(most), "B/s") + " at " + si(at * 1e-9, "s") + "; @ is " + si(peak_bytes_per_s, "B/s");
  if (most > width / 2 && label.size() <= most + 1) {  // to the left of the mark
    label = label.substr(1) + " ";
    mark = "             " + std::string(most - std::min(most, label.size()), ' ') + label + "^";
  } else {
    mark += label;
  }
  return line + "\n" + mark + "\n";
}

}  // namespace systole::report
