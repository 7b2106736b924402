// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Action counts by hand, against what the hardware counted, and energies that add up.
#include <gtest/gtest.h>

#include <fstream>

#include "configs/spec/load.h"
#include "devices/npu/actions.h"
#include "tests/laws/npu_runs.h"

namespace systole::laws {
namespace {

using namespace contract;

TEST(Actions, OfALoopByHand) {
  Repeat twice;
  twice.count = 2, twice.body = 4, twice.level = 0;
  Repeat thrice;
  thrice.count = 3, thrice.body = 1, thrice.level = 1;
  Load load;  // 5 rows of 16 bytes
  load.row_bytes = 16, load.n0 = 5, load.n1 = load.n2 = 1;
  Preload preload;
  preload.rows = 4, preload.cols = 3, preload.dtype = Dtype::kI8;
  Compute compute;  // 7 vectors of 4 onto old sums
  compute.m0 = 7, compute.m1 = compute.m2 = 1, compute.rows = 4, compute.cols = 3, compute.accumulate = true;
  compute.dtype = Dtype::kI8;
  const std::vector<Descriptor> commands = {encode(twice), encode(load), encode(preload), encode(thrice),
                                            encode(compute)};
  const npu::Actions a = npu::count_actions(commands);
  EXPECT_EQ(a.macs_i8, 6 * 7 * 4 * 3);
  EXPECT_EQ(a.macs_bf16, 0);
  EXPECT_EQ(a.scratchpad_bytes, 2 * 80 + 2 * 12 + 6 * 28);
  EXPECT_EQ(a.accumulator_bytes, 6 * 7 * 12 * 2);
  // A weight goes down 1 to 4 rows: 10 for each of 3 columns; a MAC moves its element and its sum.
  EXPECT_EQ(a.register_bytes, 2 * 30 + 6 * 84 * 5);
}

TEST(Actions, OfCopiesVectorsAndBf16ByHand) {
  Repeat twice;
  twice.count = 2, twice.body = 3, twice.level = 0;
  Load copy;  // 5 rows of 16 bytes from one place of the scratchpad to another
  copy.row_bytes = 16, copy.n0 = 5, copy.n1 = copy.n2 = 1, copy.far = Far::kScratchpad;
  Vector vector;  // 3 x 2 pixels of 8 channels, i8 in and out
  vector.channels = 8, vector.n0 = 3, vector.n1 = 2, vector.a_dtype = vector.d_dtype = Dtype::kI8;
  Compute compute;
  compute.m0 = 7, compute.m1 = compute.m2 = 1, compute.rows = 4, compute.cols = 3, compute.dtype = Dtype::kBf16;
  const std::vector<Descriptor> commands = {encode(twice), encode(copy), encode(vector), encode(compute)};
  const npu::Actions a = npu::count_actions(commands);
  EXPECT_EQ(a.macs_i8, 0);
  EXPECT_EQ(a.macs_bf16, 2 * 7 * 4 * 3);
  EXPECT_EQ(a.vector_elements, 2 * 48);
  EXPECT_EQ(a.scratchpad_bytes, 2 * (80 + 80 + 48 + 48 + 7 * 4 * 2));
  EXPECT_EQ(a.accumulator_bytes, 2 * 7 * 3 * 4);
  EXPECT_EQ(a.register_bytes, 2 * 84 * (2 + 4));
}

TEST(Energy, IsTheSumOfItsPartsAndGrowsWithWork) {
  int64_t before = 0;
  for (const int64_t n : {16, 32, 64, 128}) {
    const ProfileRecord r = run("npu:edge-16x16", {"functional=off"}, matmul(DType::kI8, 64, 64, n)).record;
    EXPECT_EQ(r.counter("energy_array_pj") + r.counter("energy_scratchpad_pj") + r.counter("energy_accumulator_pj") +
                  r.counter("energy_vector_pj") + r.counter("energy_dram_pj"),
              r.counter("energy_pj"));
    // MACs alone at 0.3 pJ each; bytes of LPDDR at 32 pJ.
    EXPECT_GT(r.counter("energy_array_pj"), 64 * 64 * n * 3 / 10);
    EXPECT_EQ(r.counter("energy_dram_pj"), 32 * (r.counter("dram_read_bytes") + r.counter("dram_write_bytes")));
    EXPECT_GT(r.counter("energy_pj"), before);
    before = r.counter("energy_pj");
  }
}

// Activations, bursts, and the background of open rows with its refreshes, each at the device's figure.
TEST(Energy, OfADeviceAtBankLevelIsItsOwn) {
  for (const char* name : {"ddr4-2400", "ddr3-1600"}) {
    const ProfileRecord r = run("npu:edge-16x16", {"functional=off", std::string("set=dram.config:") + name},
                                matmul(DType::kI8, 64, 64, 64))
                                .record;
    const spec::DramDevice chip = spec::load_dram_device(name).value();
    const auto of = [&](const char* counter) { return static_cast<double>(r.counter(counter)); };
    const double seconds = of("cycles") / static_cast<double>(spec::load_npu_spec("edge-16x16")->clock.hz);
    const double joules = of("dram_row_misses") * chip.energy.activate + of("dram_read_bytes") / 64 * chip.energy.read +
                          of("dram_write_bytes") / 64 * chip.energy.write +
                          seconds * (chip.energy.open + chip.energy.refresh / (chip.timing.refi * chip.timing.tick));
    EXPECT_GT(of("dram_row_misses"), 0);
    EXPECT_NEAR(of("energy_dram_pj"), joules * 1e12, 1) << name;
  }
}

TEST(Energy, IsNotToldWithoutATable) {
  const std::string file = testing::TempDir() + "/no_energy.yaml";
  std::ofstream out(file);
  std::ifstream in(spec::load_npu_spec("tiny-8x8")->file);
  for (std::string line; std::getline(in, line) && line != "energy:";) out << line << "\n";
  out.close();
  const ProfileRecord r = run("npu:" + file, {"functional=off"}, matmul(DType::kI8, 8, 8, 8)).record;
  for (const Counter& counter : r.counters) EXPECT_FALSE(counter.name.starts_with("energy")) << counter.name;
}

}  // namespace
}  // namespace systole::laws
