// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// DRAM files: what is refused and how it is said; presets; mappings.
#include "sim/memory/dram/address_map.h"
#include "tests/dram/devices.h"
#include "tests/support/presets.h"
#include "tests/support/replaced.h"

namespace systole::dram_tests {
namespace {

constexpr const char* kSmall = R"(name: small
description: a test's
organization:
  banks: 4
  rows: 16
  columns: 64
  bus_bits: 64
  burst_length: 8
timing:
  tick: 1ns
  burst: 4
  cl: 10
  cwl: 8
  rcd_read: 10
  rp: 10
  ras: 20
  wr: 10
  rtp: 5
  ccd_s: 4
  rrd_s: 4
  faw: 16
  wtr_s: 4
  rfc: 100
  refi: 2000
mapping:
  order: [column, bank, row]
)";

std::string changed(const std::string& from, const std::string& to) { return tests::replaced(kSmall, from, to); }

TEST(DramFile, WhatIsWrongIsNamedWithItsPlace) {
  const struct {
    std::string text, message;
  } cases[] = {
      {changed("  banks: 4", "  bank: 4"),
       "d.yaml:4:3: organization.bank: expected a known key (nearest: organization.banks)"},
      {changed("  banks: 4", "  banks: 0"), "d.yaml:4:3: organization.banks: expected 1 to 64, got '0'"},
      {changed("  rows: 16", "  rows: 12"),
       "d.yaml:3:1: organization: expected powers of two to divide an address by, got 12 of row"},
      {changed("  tick: 1ns\n", ""), "d.yaml:1:1: timing.tick: expected this key, got a file without it"},
      {changed("1ns", "1"), "d.yaml:10:3: timing.tick: expected a number with a unit (s, ms, us, ns, ps), got '1'"},
      {changed("  cl: 10", "  cl: ten"), "d.yaml:12:3: timing.cl: expected a whole number, got 'ten'"},
      {changed("columns: 64", "columns: 12"), "organization.columns: expected a multiple of burst_length (8), got 12"},
      {changed("refi: 2000", "refi: 150"),
       "d.yaml:24:3: timing.refi: expected more than 165 ticks, so that something else is done, got 150"},
      {changed("  rfc: 100\n", ""), "timing.rfc: expected a time for controller.refresh all_bank, got 0"},
      {changed("[column, bank, row]", "[column, bank]"),
       "d.yaml:26:3: mapping.order: expected all 4 bits of row, got 0"},
      {changed("[column, bank, row]", "[column:4, bank, row]"),
       "mapping.order: expected at most the 3 bits that are left of column, got 'column:4'"},
      {changed("[column, bank, row]", "[colum, bank, row]"),
       "mapping.order: expected channel, pseudo_channel, rank, stack, group, bank, row, column, got 'colum'"},
      {changed("[column, bank, row]", "[column, bank, row]\n  hash: [bank.2 ^ row.0]"),
       "d.yaml:27:3: mapping.hash: expected 'FIELD.BIT ^ OTHER.BIT' with bits that the fields have, got 'bank.2 ^ "
       "row.0'"},
      {changed("[column, bank, row]", "[column, bank, row]\n  hash: [bank.1 ^ row.0, row.1 ^ column.0]"),
       "fields that flip others not to be flipped themselves"},
      {changed("mapping:", "controller:\n  page: ajar\nmapping:"),
       "controller.page: expected one of open, closed, got 'ajar'"},
      {changed("mapping:", "controller:\n  refresh: per_bank\nmapping:"), "timing.rfc_bank: expected a time"},
      {changed("mapping:", "controller:\n  drain_below_percent: 90\nmapping:"),
       "less than drain_above_percent (80), got 90"},
      {changed("mapping:", "commands:\n  bus: double\nmapping:"),
       "commands.bus: expected one of single, split, got 'double'"},
      {changed("mapping:", "commands:\n  second_activate_within: 12\nmapping:"),
       "commands.second_activate_within: expected less than rcd"},
      {changed("  rtp: 5", "  rtp: 5\n  read_to_write: 2"),
       "timing.read_to_write: expected at least cl + burst - cwl (6)"},
      {changed("  rtp: 5", "  rtp: 5\n  rc: 19"), "timing.rc: expected at least ras (20), got 19"},
      {changed("  ccd_s: 4", "  ccd_s: 4\n  ccd_s: 4"), "timing.ccd_s: expected each key once, got a duplicate"},
  };
  for (const auto& each : cases) {
    const auto parsed = spec::parse_dram_device(each.text, "d.yaml");
    ASSERT_FALSE(parsed.ok()) << each.message;
    EXPECT_EQ(parsed.status().code(), Code::kInvalidArgument);
    EXPECT_NE(parsed.status().message().find(each.message), std::string::npos) << parsed.status().message();
    EXPECT_TRUE(parsed.status().message().starts_with("d.yaml:")) << parsed.status().message();
  }
}

TEST(DramFile, TimesFollowFromOthers) {
  const auto parsed = spec::parse_dram_device(kSmall, "d.yaml");
  ASSERT_TRUE(parsed.ok()) << parsed.status().message();
  EXPECT_EQ(parsed->timing.rcd_write, 10);
  EXPECT_EQ(parsed->timing.rc, 30);
  EXPECT_EQ(parsed->timing.ccd_l, 4);
  EXPECT_EQ(parsed->timing.read_to_write, 10 + 4 + 2 - 8);
  EXPECT_EQ(parsed->tick_femtoseconds(), 1000000);
  EXPECT_EQ(parsed->burst_bytes(), 64);
  EXPECT_EQ(parsed->channel_bytes(), 4 * 16 * 64 * 8);
  EXPECT_DOUBLE_EQ(parsed->peak_bytes_per_second(), 16e9);
}

TEST(DramFile, PresetsAreValidAndNamedAsTheirFiles) {
  EXPECT_GE(spec::dram_presets().size(), 11u);
  tests::expect_presets(spec::dram_presets(), spec::load_dram_device, "ddr4-2401", "ddr4-2400");
}

TEST(DramFile, OverridesAreCheckedAsTheFileIs) {
  spec::DramDevice chip = device("ddr4-2400");
  EXPECT_FALSE(spec::apply_override(chip, "timing.tras=3").ok());
  EXPECT_FALSE(spec::apply_override(chip, "organization.channels=3").ok());
  EXPECT_EQ(chip.organization.channels, 1);
  ASSERT_TRUE(spec::apply_override(chip, "organization.channels=4").ok());
  EXPECT_EQ(memory::dram::AddressMap(chip).place(3 * 64).channel, 3u);
}

// Every burst of a small device has a place of its own.
TEST(Mapping, IsOneToOne) {
  std::string hashed =
      changed("[column, bank, row]", "[column:1, bank, column, row]\n  hash: [bank.0 ^ row.1, bank.1 ^ column.2]");
  for (const std::string& text : {std::string(kSmall), hashed}) {
    const auto parsed = spec::parse_dram_device(text, "d.yaml");
    ASSERT_TRUE(parsed.ok()) << parsed.status().message();
    const memory::dram::AddressMap map(*parsed);
    std::vector<int> seen(4 * 16);
    for (uint64_t burst = 0; burst < 4 * 16 * 8; ++burst) {
      const auto place = map.place(burst * 64 + 63);
      EXPECT_EQ(place.burst, burst);
      ASSERT_LT(place.bank, 4u);
      ASSERT_LT(place.row, 16u);
      ++seen[place.bank * 16 + place.row];
      const auto wrapped = map.place((burst + 4 * 16 * 8) * 64);
      EXPECT_EQ(wrapped.bank, place.bank);
      EXPECT_EQ(wrapped.row, place.row);
    }
    for (const int count : seen) EXPECT_EQ(count, 8);
  }
}

}  // namespace
}  // namespace systole::dram_tests
