// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Measured peaks, and what `run` and `bench` make of them. Rates are this machine's: what holds of any is looked at.
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/cli/cli.h"

namespace systole::cli_tests {
namespace {

using Json = nlohmann::json;
using Row = std::map<std::string, std::string>;  // column: cell

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == ',')
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return cells;
}

std::vector<Row> rows_of(const fs::path& csv) {
  std::istringstream lines(content(csv));
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> titles = cells_of(line);
  std::vector<Row> rows;
  while (std::getline(lines, line)) {
    const std::vector<std::string> cells = cells_of(line);
    EXPECT_EQ(cells.size(), titles.size()) << line;
    Row& row = rows.emplace_back();
    for (size_t i = 0; i < std::min(cells.size(), titles.size()); ++i) row[titles[i]] = cells[i];
  }
  return rows;
}

class Peaks : public Cli {
 protected:
  void SetUp() override {
    Cli::SetUp();
    if (const char* before = std::getenv("SYSTOLE_PEAKS_CACHE")) before_ = before;
    setenv("SYSTOLE_PEAKS_CACHE", (folder_ / "kept").c_str(), 1);
  }
  void TearDown() override {
    if (before_.empty())
      unsetenv("SYSTOLE_PEAKS_CACHE");
    else
      setenv("SYSTOLE_PEAKS_CACHE", before_.c_str(), 1);
    Cli::TearDown();
  }

  // Every op on the device has a rate, and the cells of a row agree.
  void expect_rooflines(const std::string& device) {
    const Outcome outcome = systole("run lenet5 --device '" + device + "' -o run");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("\nroofline     "), std::string::npos) << outcome.out;
    size_t held = 0;
    for (Row& row : rows_of(folder_ / "run/layers.csv")) {
      EXPECT_EQ(row["kind"], "measured");
      EXPECT_EQ(row["cycles"], "0");
      EXPECT_EQ(row["bound"], "") << "causes of cycles are a simulated device's";
      if (row["roofline_share"].empty()) continue;  // host ops
      ++held;
      const double ns = std::stod(row["time_ns"]), least = std::stod(row["roofline_ns"]);
      EXPECT_GT(least, 0) << row["name"];
      EXPECT_NEAR(std::stod(row["roofline_share"]), least / ns, 1e-3 * least / ns + 2e-6) << row["name"];
      EXPECT_NEAR(std::stod(row["macs_per_s"]), std::stod(row["macs"]) / ns * 1e9, 1e-3 * std::stod(row["macs_per_s"]));
      EXPECT_NEAR(std::stod(row["bytes_per_s"]), std::stod(row["compulsory_bytes"]) / ns * 1e9,
                  1e-3 * std::stod(row["bytes_per_s"]));
      EXPECT_TRUE(row["roofline_bound"] == "compute" || row["roofline_bound"] == "memory") << row["roofline_bound"];
      if (row["op"] == "conv2d") {
        EXPECT_GT(std::stod(row["utilization"]), 0);
      }
    }
    EXPECT_GE(held, 5u);
    const Json host = Json::parse(content(folder_ / "run/host.json"));
    EXPECT_EQ(host["peaks"]["kind"], "measured");
    EXPECT_FALSE(host["peaks"]["compute"].empty());
    const Outcome bench =
        systole("bench --op matmul --shape 64x64,64x64 -n 7 --warm-up 1 --device '" + device + "' --json");
    ASSERT_EQ(bench.code, 0) << bench.err;
    const Json json = Json::parse(bench.out);
    EXPECT_EQ(json["iterations"], 7);
    EXPECT_EQ(json["peaks"], host["peaks"]) << "the same, kept figures";
    for (const Json& times : {json, json["ops"][0]}) {
      EXPECT_GT(times["min_ns"], 0);
      EXPECT_LE(times["min_ns"], times["p50_ns"]);
      EXPECT_LE(times["p50_ns"], times["p90_ns"]);
      EXPECT_LE(times["p90_ns"], times["p99_ns"]);
    }
    EXPECT_NEAR(json["ops"][0]["roofline_share"].get<double>(),
                json["ops"][0]["roofline_ns"].get<double>() / json["ops"][0]["min_ns"].get<double>(), 1e-9);
  }

 private:
  std::string before_;
};

TEST_F(Peaks, AreKeptAndMeasuredAgain) {
  const std::string command = "peaks --device 'cpu?threads=1' --json";
  const auto figures = [&](const std::string& more = "") {
    const Outcome outcome = systole(command + more);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return Json::parse(outcome.out);
  };
  const auto file = [&] { return fs::directory_iterator(folder_ / "kept")->path(); };
  const Json first = figures();
  EXPECT_EQ(first["compute"][0]["type"], "f32");
  EXPECT_EQ(figures(), first) << "to the last bit";
  const std::string kept = content(file());
  EXPECT_NE(kept.find("systole-peaks 1\ncpu\n"), std::string::npos);
  // Figures of another run would be found: those in the file are what is printed.
  const Json again = figures(" --again");
  EXPECT_NE(content(file()), kept) << "replaced";
  EXPECT_EQ(figures(), again);
  std::ofstream(file(), std::ios::binary) << "damaged";
  const Json anew = figures();
  EXPECT_NE(content(file()), "damaged");
  EXPECT_EQ(figures(), anew);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "kept"), fs::directory_iterator{}), 1);
}

TEST_F(Peaks, OfADeviceThatIsNoHardwareAreUnsupported) {
  fails("peaks --device ref", 4, {"'ref' measures no peaks"});
  fails("peaks --device npu:edge-16x16", 4, {"measures no peaks"});
  fails("peaks --device cpuu", 3, {"did you mean 'cpu'"});
  fails("run lenet5 --warm-up -1", 2, {"--warm-up: expected at least 0, got -1"});
}

TEST_F(Peaks, OpsOnTheCpuAreHeldAgainstThem) { expect_rooflines("cpu?threads=1"); }

TEST_F(Peaks, OpsOnAGpuAreHeldAgainstThem) {
  const std::string device = "gpu:opencl?memory=67108864";
  const Outcome outcome = systole("peaks --device '" + device + "' --json");
  if (outcome.code == 4) GTEST_SKIP() << outcome.err;
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_GT(Json::parse(outcome.out)["stream_over_copy"], 0);
  expect_rooflines(device);
}

TEST_F(Peaks, SimulatedOpsHaveNone) {
  ASSERT_EQ(systole("run lenet5 --device npu:edge-16x16 -o run").code, 0);
  for (Row& row : rows_of(folder_ / "run/layers.csv"))
    for (const char* column : {"macs_per_s", "bytes_per_s", "roofline_ns", "roofline_share", "roofline_bound"})
      EXPECT_EQ(row[column], "") << row["name"];
  EXPECT_FALSE(Json::parse(content(folder_ / "run/host.json")).contains("peaks"));
  EXPECT_FALSE(fs::exists(folder_ / "kept")) << "nothing was measured";
}

}  // namespace
}  // namespace systole::cli_tests
