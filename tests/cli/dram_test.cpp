// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// systole dram.
#include <nlohmann/json.hpp>

#include "tests/cli/cli.h"

namespace systole::cli_tests {
namespace {

using Json = nlohmann::json;

TEST_F(Cli, DramSaysWhatIsWrong) {
  write("good.trace", "R 0x0\nW 0x40\n");
  write("bad.trace", "R 0x0\nread 0x40\n");
  write("bad.yaml", "name: x\ndescription: y\norganization:\n  bancs: 4\n");
  fails("dram --trace good.trace", 2, {"missing --config"});
  fails("dram --config ddr4-2400", 2, {"missing --trace"});
  fails("dram --config ddr4-2400 --trace good.trace --window 0", 2, {"--window: expected 1 or more, got 0"});
  fails("dram --config ddr4-2400 --trace good.trace --windw 3", 2, {"did you mean '--window'"});
  fails("dram play --config ddr4-2400", 2, {"unknown action 'play'"});
  fails("dram --config ddr4-2401 --trace good.trace", 3, {"did you mean 'ddr4-2400'"});
  fails("dram --config ddr4-2400 --trace none.trace", 3, {"none.trace: can't be read"});
  fails("dram --config ddr4-2400 --trace .", 3, {".: can't be read"});
  fails("dram --config ddr4-2400 --trace bad.trace", 3,
        {"bad.trace:2: expected 'R 0xADDRESS' or 'W 0xADDRESS', got 'read 0x40'"});
  fails("dram --config ./bad.yaml --trace good.trace", 3,
        {"./bad.yaml:4:3: organization.bancs: expected a known key (nearest: organization.banks)"});
  fails("dram --config ddr4-2400 --trace good.trace --queue 0", 3,
        {"controller.read_queue: expected 1 to 4096, got '0'"});
  fails("dram --config ddr4-2400 --trace good.trace --set timing.cl=99", 3,
        {"timing.read_to_write: expected at least"});
}

TEST_F(Cli, DramReplaysATrace) {
  write("two.trace", "R 0x0\nR 0x40\nW 0x80\n");
  const Outcome outcome = systole("dram --config ddr4-2400 --trace two.trace --window 64 --queue 32 --check --json");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json["requests"], 3);
  EXPECT_EQ(json["cycles"], 43);  // ACT 1, RD 17 and 23, its data until 43
  EXPECT_NEAR(json["seconds"].get<double>(), 43 * 833e-12, 1e-15);
  EXPECT_NEAR(json["mean_read_latency_seconds"].get<double>(), 40 * 833e-12, 1e-15);
  EXPECT_EQ(json["config"]["timing.cl"]["value"], "16");
  EXPECT_NE(outcome.err.find("0 violations in"), std::string::npos) << outcome.err;
  Json again = Json::parse(systole("dram --config ddr4-2400 --trace two.trace --queue 32 --json").out), first = json;
  again.erase("host"), first.erase("host");
  EXPECT_EQ(again, first);
  const Outcome text = systole("dram --config hbm2 --channels 8 --trace two.trace");
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_NE(text.out.find("of peak"), std::string::npos) << text.out;
  write("empty.trace", "");
  EXPECT_EQ(systole("dram --config gddr6 --trace empty.trace").code, 0);
  write("\xff.trace", "R 0x0\n");  // a file's name is any bytes, JSON is UTF-8
  const Outcome odd = systole("dram --config gddr6 --trace '\xff.trace' --json");
  EXPECT_EQ(odd.code, 0) << odd.err;
  EXPECT_EQ(Json::parse(odd.out)["trace"], "\xef\xbf\xbd.trace");
}

TEST_F(Cli, DramListsAndShowsPresets) {
  const Json presets = Json::parse(systole("dram list --json").out);
  EXPECT_GE(presets.size(), 11u);
  for (const Json& preset : presets) EXPECT_TRUE(preset["valid"].get<bool>()) << preset;
  const Outcome shown = systole("dram show --config lpddr5-6400 --queue 16");
  EXPECT_EQ(shown.code, 0) << shown.err;
  for (const char* part : {"controller.read_queue", "16", "source: R: Ramulator 2.1", "timing.rcd_write"})
    EXPECT_NE(shown.out.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace systole::cli_tests
