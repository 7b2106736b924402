// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Beside Ramulator 2.1 on every case of ramulator_2_1.tsv.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/dram/devices.h"
#include "tests/dram/traces.h"
#include "tests/tolerance.h"

namespace systole::dram_tests {
namespace {

namespace dram = memory::dram;

struct Case {
  std::string preset, queue, pattern, rw;
  uint64_t requests = 0, cycles = 0;
  double latency_ns = 0;  // 0: no reads
};

std::vector<Case> read_cases() {
  std::ifstream in(SYSTOLE_SOURCE_DIR "/tests/dram/ramulator_2_1.tsv");
  std::vector<Case> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream cells(line);
    Case c;
    std::string latency;
    cells >> c.preset >> c.queue >> c.pattern >> c.rw >> c.requests >> c.cycles >> latency;
    EXPECT_TRUE(cells) << line;
    c.latency_ns = latency == "-" ? 0 : std::strtod(latency.c_str(), nullptr);
    cases.push_back(c);
  }
  return cases;
}

struct Errors {
  double sum = 0, most = 0;
  int count = 0;
  void add(double error) {
    sum += std::abs(error);
    most = std::max(most, std::abs(error));
    ++count;
  }
};

// "ddr4-2400-hashed": "ddr4-2400".
std::string chip_of(const std::string& preset) {
  const size_t at = preset.find("-hashed");
  return preset.substr(0, at);
}

TEST(BesideRamulator, CyclesAndLatenciesAreItsOwn) {
  std::map<std::string, Errors> cycles, latency;
  const std::vector<Case> cases = read_cases();
  ASSERT_GE(cases.size(), 100u);
  for (const Case& c : cases) {
    const auto chip = device(c.preset, {"controller.read_queue=" + c.queue, "controller.write_queue=" + c.queue});
    const Trace trace = make_trace(c.pattern, c.rw, c.requests, static_cast<uint64_t>(chip.burst_bytes()));
    dram::Dram memory(chip);
    const dram::Replay result = dram::replay(memory, trace, 64);
    const double error = static_cast<double>(result.cycles) / static_cast<double>(c.cycles) - 1;
    cycles[chip_of(c.preset)].add(error);
    EXPECT_LE(std::abs(error), tests::dram_bounds(chip_of(c.preset)).most)
        << c.preset << " queue " << c.queue << " " << c.pattern << " " << c.rw << ": " << result.cycles << " of "
        << c.cycles;
    if (c.latency_ns == 0) continue;
    const double ns =
        static_cast<double>(result.latency_cycles) / static_cast<double>(result.reads) * chip.timing.tick * 1e9;
    latency[chip_of(c.preset)].add(ns / c.latency_ns - 1);
  }
  for (const auto& [chip, errors] : cycles) EXPECT_LE(errors.sum / errors.count, tests::dram_bounds(chip).mean) << chip;
  for (const auto& [chip, errors] : latency) EXPECT_LE(errors.sum / errors.count, tests::kDramLatency) << chip;
}

// The figures of the file are those that were measured, where the measurements are at hand.
TEST(BesideRamulator, FiguresAreTheMeasuredOnes) {
  const char* chosen = std::getenv("SYSTOLE_DRAM_REFERENCE");
  const std::string path = chosen ? chosen : SYSTOLE_SOURCE_DIR "/../shared/reference/dram/reference.csv";
  std::ifstream in(path);
  if (!in) GTEST_SKIP() << "no " << path << " (SYSTOLE_DRAM_REFERENCE names it)";
  std::multimap<std::string, uint64_t> measured;  // "pattern requests": cycles
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("Ramulator2.1")) continue;
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"')
        quoted = !quoted;
      else if (c == ',' && !quoted)
        cells.emplace_back();
      else
        cells.back() += c;
    }
    ASSERT_GE(cells.size(), 8u) << line;
    measured.emplace(cells[4] + " " + cells[6], std::strtoull(cells[7].c_str(), nullptr, 10));
  }
  for (const Case& c : read_cases()) {
    const auto [first, last] = measured.equal_range(c.pattern + " " + std::to_string(c.requests));
    EXPECT_TRUE(std::any_of(first, last, [&](const auto& each) { return each.second == c.cycles; }))
        << c.preset << " " << c.pattern << " " << c.rw << " " << c.cycles;
  }
  EXPECT_EQ(measured.size(), read_cases().size());
}

}  // namespace
}  // namespace systole::dram_tests
