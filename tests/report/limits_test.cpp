// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Limits of made-up runs: cells, the timeline's file, its picture, its counters in the trace.
#include "report/limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "report/trace.h"

namespace systole::report {
namespace {

std::vector<Series> traffic() {  // bins of 10 ns from 5 ns on
  return {{"dram0_read_bytes", 5, 10, {40, 0, 80, 10}}, {"dram0_write_bytes", 5, 10, {0, 0, 20, 0}}};
}

TEST(Limits, ATitleForEveryCell) {
  ProfileRecord record;
  record.counters = {{"dram_row_hits", 30},      {"dram_row_misses", 10}, {"dram_read_flight_cycles", 500},
                     {"load_queue_cycles", 250}, {"load_queue_most", 4},  {"energy_dram_pj", 70},
                     {"energy_pj", 100}};
  const Limits limits = limits_of(record);
  const std::string titles = limits_titles(), cells = limits_cells(limits, 1000);
  EXPECT_EQ(std::count(titles.begin(), titles.end(), ','), std::count(cells.begin(), cells.end(), ','));
  EXPECT_TRUE(cells.starts_with("0.7500,0.5000,0.0000,0.2500,4,")) << cells;
  EXPECT_TRUE(cells.ends_with(",70,100")) << cells;
}

TEST(Limits, CountsAddUpAndTheMostHolds) {
  Limits sum;
  Limits layer;
  layer.row_hits = 3, layer.row_misses = 1, layer.queue_most[1] = 5, layer.energy_pj = 7, layer.scratchpad_bytes = 100;
  add(sum, layer);
  layer.queue_most[1] = 2, layer.scratchpad_bytes = 60;
  add(sum, layer);
  EXPECT_EQ(sum.row_hits, 6);
  EXPECT_DOUBLE_EQ(sum.row_hit_rate(), 0.75);
  EXPECT_EQ(sum.queue_most[1], 5);
  EXPECT_EQ(sum.energy_pj, 14);
  EXPECT_EQ(sum.scratchpad_bytes, 100);
}

TEST(Timeline, IsARowABin) {
  EXPECT_EQ(timeline_csv(traffic()),
            "start_ns,end_ns,dram0_read_bytes,dram0_write_bytes\n"
            "5.000,15.000,40,0\n15.000,25.000,0,0\n25.000,35.000,80,20\n35.000,45.000,10,0\n");
}

// 10 B/ns at most: a column a bin has 4, 0, 10 and 1.
TEST(Timeline, ItsPictureMarksThePeak) {
  EXPECT_EQ(bandwidth_picture(traffic(), 10e9, 5, 45, 4),
            "bandwidth    = @.\n"
            "               ^ 10.0 GB/s at 30.0 ns; @ is 10.0 GB/s\n");
  std::istringstream wide(bandwidth_picture(traffic(), 10e9, 5, 45, 80));
  for (std::string line; std::getline(wide, line);) EXPECT_LE(line.size(), 13u + 80);
  EXPECT_EQ(bandwidth_picture({}, 10e9, 5, 45, 4), "");
  EXPECT_EQ(bandwidth_picture(traffic(), 10e9, 45, 45, 4), "");
}

TEST(Trace, HasCountersOfBandwidth) {
  const auto counters = read_perfetto_counters(perfetto_trace({}, traffic()));
  ASSERT_TRUE(counters.ok());
  std::vector<std::pair<uint64_t, int64_t>> reads;
  for (const ReadCounter& counter : *counters)
    if (counter.track == "dram0_read") reads.push_back({counter.at_ns, counter.value});
  EXPECT_EQ(reads, (std::vector<std::pair<uint64_t, int64_t>>{
                       {5, 4'000'000'000}, {15, 0}, {25, 8'000'000'000}, {35, 1'000'000'000}, {45, 0}}));
  EXPECT_EQ(read_perfetto_trace(perfetto_trace({}, traffic()))->size(), 0u) << "counters are no spans";
}

}  // namespace
}  // namespace systole::report
