// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Tables, numbers and layer rows: the rules of report/layers.h on made-up runs.
#include <gtest/gtest.h>

#include "report/layers.h"
#include "report/run_directory.h"
#include "report/table.h"
#include "report/trace.h"

namespace systole::report {
namespace {

DeviceInfo device() {
  DeviceInfo info;
  info.simulated = true;
  info.limits = {{"peak_macs_per_cycle_i8", 256, NumberKind::kSimulated},
                 {"peak_macs_per_cycle_bf16", 128, NumberKind::kSimulated}};
  return info;
}

graph::NodeReport node(const std::string& type, int64_t macs, std::vector<Counter> counters) {
  graph::NodeReport report;
  report.name = "layer";
  report.op = "conv2d";
  report.device = "npu";
  report.inputs = {type + "[1x8x4x4]"};
  report.outputs = {type + "[1x8x4x4]"};
  report.macs = macs;
  ProfileRecord record;
  record.kind = NumberKind::kSimulated;
  record.end_ns = 1000;
  record.counters = std::move(counters);
  report.profile = record;
  return report;
}

TEST(Layers, UtilizationIsOfTheOperandsPeak) {
  graph::RunReport run;
  run.nodes = {node("i8", 128'000, {{"cycles", 1000}}), node("bf16", 64'000, {{"cycles", 1000}})};
  const auto rows = layer_rows(run, device());
  EXPECT_DOUBLE_EQ(rows[0].utilization, 0.5);
  EXPECT_DOUBLE_EQ(rows[1].utilization, 0.5);
}

TEST(Layers, TheLargestCauseBinds) {
  graph::RunReport run;
  run.nodes = {node("i8", 1, {{"cycles", 10}, {"array_busy_cycles", 4}, {"stall_dram_cycles", 6}}),
               node("i8", 1, {{"cycles", 10}, {"array_busy_cycles", 6}, {"stall_dram_cycles", 4}}),
               node("i8", 1, {{"cycles", 10}, {"vector_only_cycles", 10}}),
               node("i8", 1, {{"cycles", 10}, {"stall_preload_cycles", 10}}),
               node("i8", 1, {{"cycles", 10}, {"stall_dispatch_cycles", 10}})};
  const auto rows = layer_rows(run, device());
  EXPECT_EQ(rows[0].bound, Bound::kDram);
  EXPECT_EQ(rows[1].bound, Bound::kCompute);
  EXPECT_EQ(rows[2].bound, Bound::kOnChip);
  EXPECT_EQ(rows[3].bound, Bound::kPreload);
  EXPECT_EQ(rows[4].bound, Bound::kDispatch);
}

TEST(Layers, IntensityIsTwoOperationsAMacOverMovedBytes) {
  graph::RunReport run;
  run.nodes = {node("i8", 1000, {{"cycles", 1}, {"dram_read_bytes", 300}, {"dram_write_bytes", 100}})};
  EXPECT_DOUBLE_EQ(layer_rows(run, device())[0].intensity, 5.0);
}

// A product bound by compute, one bound by memory, a row without a type's peak, one that fell back.
TEST(Layers, MeasuredRowsAreHeldAgainstThePeaks) {
  const Peaks peaks = {{{DType::kI8, 1e9}}, {{"read", 1000, 1e9}, {"read", 100000, 5e8}}};
  graph::RunReport run;
  run.nodes = {node("i8", 500, {}), node("i8", 1, {}), node("i32", 500, {}), node("i8", 500, {})};
  for (graph::NodeReport& each : run.nodes) {
    each.profile->kind = NumberKind::kMeasured;
    each.bytes = 100;
  }
  run.nodes[1].bytes = 2000;
  run.nodes[1].profile->end_ns = 5000;
  run.nodes[3].why = "not there";
  const auto rows = layer_rows(run, device(), &peaks);
  EXPECT_DOUBLE_EQ(rows[0].roof.seconds(), 500e-9);
  EXPECT_DOUBLE_EQ(rows[0].rate, 0.5);
  EXPECT_DOUBLE_EQ(rows[0].utilization, 0.5);
  EXPECT_STREQ(rows[0].roof.bound(), "compute");
  EXPECT_DOUBLE_EQ(rows[1].roof.seconds(), 4e-6) << "at the footprint's bandwidth";
  EXPECT_DOUBLE_EQ(rows[1].rate, 0.8);
  EXPECT_STREQ(rows[1].roof.bound(), "memory");
  EXPECT_DOUBLE_EQ(rows[2].rate, 0.1);
  EXPECT_EQ(rows[2].utilization, 0) << "no peak of that type is known";
  EXPECT_EQ(rows[3].rate, 0) << "another device's peaks say nothing of it";
  for (const LayerRow& row : rows) EXPECT_EQ(row.bound, Bound::kNone) << "causes are a simulated device's";
  const Totals sum = totals(rows, run, device());
  EXPECT_DOUBLE_EQ(sum.roof_ns, 500 + 4000 + 100);
  EXPECT_DOUBLE_EQ(sum.roofed_ns, 1000 + 5000 + 1000);
  EXPECT_DOUBLE_EQ(sum.compute_bound_ns, 1000);
  EXPECT_EQ(sum.roofed_macs, 500 + 1 + 500);
  EXPECT_EQ(layer_rows(run, device())[0].rate, 0) << "without peaks there is no roofline";
  // The row's cells: rates a second, the least time, its share, the bound.
  const std::string csv = layers_csv(rows, true);
  EXPECT_NE(csv.find(",5e+08,1e+08,500.000,0.500000,compute\n"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",200000,4e+08,4000.000,0.800000,memory\n"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",,,,,\n"), std::string::npos) << csv;
  EXPECT_NE(csv.substr(0, csv.find('\n')).find(",macs_per_s,bytes_per_s,roofline_ns,roofline_share,roofline_bound"),
            std::string::npos);
}

TEST(Layers, SimulatedRowsHaveNoMeasuredRoof) {
  graph::RunReport run;
  run.nodes = {node("i8", 128'000, {{"cycles", 1000}})};
  const Peaks peaks = {{{DType::kI8, 1e9}}, {}};
  EXPECT_EQ(layer_rows(run, device(), &peaks)[0].rate, 0);
  EXPECT_DOUBLE_EQ(layer_rows(run, device(), &peaks)[0].utilization, 0.5);
}

TEST(Layers, AliasesAreNoLayers) {
  graph::RunReport run;
  run.nodes = {node("i8", 1, {})};
  run.nodes[0].op = "alias";
  EXPECT_TRUE(layer_rows(run, device()).empty());
}

TEST(Csv, QuotesWhatNeedsQuotes) {
  LayerRow row;
  row.name = "a,\"b\"";
  EXPECT_NE(layers_csv({row}).find("\"a,\"\"b\"\"\""), std::string::npos);
}

TEST(Csv, MeasuredTimesStayOut) {
  LayerRow row;
  row.name = "x";
  row.kind = NumberKind::kMeasured;
  row.time_ns = 12345;
  EXPECT_EQ(layers_csv({row}).find("12345"), std::string::npos);
  EXPECT_NE(layers_csv({row}, true).find("12345"), std::string::npos) << "but where the device itself is measured";
}

TEST(Text, Numbers) {
  EXPECT_EQ(si(0.0123, "s"), "12.3 ms");
  EXPECT_EQ(si(4.09e9, "MAC"), "4.09 GMAC");
  EXPECT_EQ(binary_bytes(1536), "1.50 KiB");
  EXPECT_EQ(binary_bytes(7), "7 B");
  EXPECT_EQ(percent(0.831), "83.1 %");
  EXPECT_EQ(percent(-0.0004), "0.0 %");
  EXPECT_EQ(percent(-0.0006), "-0.1 %");
  EXPECT_EQ(percent(-0.0), "0.0 %");
  EXPECT_EQ(with_separators(4123456), "4,123,456");
  EXPECT_EQ(with_separators(-12), "-12");
}

TEST(Text, TablesLeaveEmptyColumnsOut) {
  Table table({{"name"}, {"never"}, {"n", true}});
  table.add({"a", "", "1"});
  table.add({"bc", "", ""});
  EXPECT_EQ(table.text(), "name  n\na     1\nbc\n");
  EXPECT_EQ(Table({{"name"}, {"n"}}).text(), "name  n\n");
}

TEST(Text, TablesAlign) {
  Table table({{"name"}, {"n", true}, {"long", false, 7}});
  table.add({"a", "10", "abcdefghij"});
  table.add({"bcd", "5", "x"});
  EXPECT_EQ(table.text(), "name   n  long\na     10  abc..ij\nbcd    5  x\n");
}

TEST(Trace, ReadsBackWhatWasWritten) {
  graph::RunReport run;
  run.nodes = {node("i8", 1, {})};
  run.spans = {{"engine", "outer", 0, 100}, {"engine", "next", 100, 150}};
  auto spans = read_perfetto_trace(perfetto_trace(run));
  ASSERT_TRUE(spans.ok());
  ASSERT_EQ(spans->size(), 3u);
  EXPECT_EQ((*spans)[0].track, "engine");
  EXPECT_EQ((*spans)[0].name, "outer");
  EXPECT_EQ((*spans)[0].end_ns, 100u);
  EXPECT_EQ((*spans)[1].start_ns, 100u);
  EXPECT_EQ((*spans)[2].track, "layers");
}

TEST(Trace, RefusesRubbish) { EXPECT_EQ(read_perfetto_trace("\xff\xff\xff").status().code(), Code::kDataLoss); }

}  // namespace
}  // namespace systole::report
