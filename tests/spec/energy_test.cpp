// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Energy tables: every one there is loads, sizes between the sourced ones, what is wrong with a file, how an NPU names
// one.
#include <gtest/gtest.h>

#include "configs/spec/load.h"

namespace systole::spec {
namespace {

const char* kTable =
    "name: x\ndescription: x\nsources: [x]\nmac: {int8: 1pJ, bf16: 2pJ}\nregister: {byte: 0.1pJ}\n"
    "sram: {small_bytes: 1KiB, small: 8pJ, medium_bytes: 4KiB, medium: 16pJ, large_bytes: 64KiB, large: 128pJ}\n"
    "vector: {operation: 3pJ}\ndram: {ddr: 20pJ}\n";

TEST(EnergyTable, EveryPresetLoadsAndIsPositive) {
  const auto presets = energy_presets();
  EXPECT_GE(presets.size(), 2u);
  for (const Preset& preset : presets) {
    const auto table = load_energy_table(preset.name);
    ASSERT_TRUE(table.ok()) << table.status().to_string();
    EXPECT_EQ(table->name, preset.name);
    EXPECT_FALSE(table->sources.empty());
    EXPECT_GT(table->mac.bf16, table->mac.int8);
  }
}

// Four times the size twice the energy below 4 KiB: a power of a half; above, sixteen times 8: three quarters.
TEST(EnergyTable, SramEnergyIsAPowerOfTheSizeBetweenPoints) {
  const auto table = parse_energy_table(kTable, "t.yaml");
  ASSERT_TRUE(table.ok()) << table.status().to_string();
  EXPECT_NEAR(table->sram_byte(1024) * 8, 8e-12, 1e-18);
  EXPECT_NEAR(table->sram_byte(4096) * 8, 16e-12, 1e-18);
  EXPECT_NEAR(table->sram_byte(65536) * 8, 128e-12, 1e-18);
  EXPECT_NEAR(table->sram_byte(256) * 8, 4e-12, 1e-18) << "the nearest two go on";
  EXPECT_NEAR(table->sram_byte(16 * 65536) * 8, 1024e-12, 1e-17);
  double before = 0;
  for (int64_t bytes = 64; bytes < int64_t{1} << 33; bytes *= 2) {
    EXPECT_GT(table->sram_byte(bytes), before);
    before = table->sram_byte(bytes);
  }
}

std::string why_not(const std::string& from, const std::string& to) {
  std::string text = kTable;
  text.replace(text.find(from), from.size(), to);
  return parse_energy_table(text, "t.yaml").status().message();
}

TEST(EnergyTable, WhatIsWrongIsNamed) {
  EXPECT_NE(why_not("int8: 1pJ", "int8: 1").find("t.yaml:4:"), std::string::npos) << why_not("int8: 1pJ", "int8: 1");
  EXPECT_NE(why_not("int8: 1pJ, ", "").find("mac.int8"), std::string::npos);
  EXPECT_NE(why_not("ddr: 20pJ", "dddr: 20pJ").find("dram.dddr"), std::string::npos);
  EXPECT_NE(why_not("medium_bytes: 4KiB", "medium_bytes: 1KiB")
                .find("sram.medium_bytes: expected more than sram.small_bytes (1024), got 1024"),
            std::string::npos);
  EXPECT_NE(why_not("small: 8pJ", "small: 0pJ").find("sram.small"), std::string::npos);
  EXPECT_NE(load_energy_table("45mn").status().message().find("did you mean '45nm'?"), std::string::npos);
}

TEST(EnergyTable, AnNpuNamesOneAndTheKindOfItsMemory) {
  auto npu = load_npu_spec("tiny-8x8");
  ASSERT_TRUE(npu.ok()) << npu.status().to_string();
  EXPECT_TRUE(apply_override(*npu, "energy.table=7nm").code() == Code::kInvalidArgument) << "it has no ddr";
  EXPECT_TRUE(apply_override(*npu, "energy.dram=hbm2").ok());
  ASSERT_TRUE(apply_override(*npu, "energy.table=7nm").ok());
  EXPECT_EQ(npu->energy.figures.name, "7nm");
  EXPECT_NE(apply_override(*npu, "energy.dram=flash").message().find("expected ddr, lpddr, gddr5, gddr6 or hbm2"),
            std::string::npos);
  EXPECT_NE(apply_override(*npu, "energy.table=6nm").message().find("energy.table"), std::string::npos);
}

}  // namespace
}  // namespace systole::spec
