// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The checker finds what is planted: sequences that stand when the last command comes at its earliest cycle, and not
// one tick before.
#include "sim/memory/dram/checker.h"

#include "tests/dram/devices.h"

namespace systole::dram_tests {
namespace {

using namespace memory::dram;
using C = Command;

struct Step {
  Cycle at;
  C command;
  int bank;
  uint32_t row = 0;
};

struct Planted {
  const char *device, *rule;
  std::vector<Step> before;
  Step last;  // at its earliest
};

std::vector<std::string> complaints(const spec::DramDevice& device, const std::vector<Step>& steps) {
  Checker checker(device);
  for (const Step& step : steps) checker.record({step.at, step.command, 0, step.bank, step.row});
  EXPECT_EQ(checker.commands(), steps.size());
  return checker.first_ones();
}

std::string text(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

// ddr4-2400: banks 0 to 3 are group 0, 4 to 7 group 1.
TEST(Checker, FindsEachTimeThatIsCutByATick) {
  const Planted cases[] = {
      {"ddr4-2400", "tRCD:", {{1, C::kActivate, 0}}, {17, C::kRead, 0}},
      {"gddr6", "tRCD_WR:", {{1, C::kActivate, 0}}, {17, C::kWrite, 0}},
      {"ddr4-2400", "tRAS:", {{1, C::kActivate, 0}}, {40, C::kPrecharge, 0}},
      {"ddr4-2400", "tRAS:", {{1, C::kActivate, 0}}, {40, C::kPrechargeAll, 0}},
      {"ddr4-2400", "tRP:", {{1, C::kActivate, 0}, {60, C::kPrecharge, 0}}, {76, C::kActivate, 0}},
      {"lpddr5-6400",
       "tRPab:",
       {{1, C::kActivate, 0}, {3, C::kActivateSecond, 0}, {60, C::kPrechargeAll, 0}},
       {77, C::kActivate, 0}},
      {"gddr6", "tRC:", {{1, C::kActivate, 0}, {28, C::kReadPrecharge, 0}}, {80, C::kActivate, 0}},
      {"ddr4-2400", "tRRD_S:", {{1, C::kActivate, 0}}, {5, C::kActivate, 4}},
      {"ddr4-2400", "tRRD_L:", {{1, C::kActivate, 0}}, {7, C::kActivate, 1}},
      {"ddr4-2400",
       "tFAW:",
       {{1, C::kActivate, 0}, {5, C::kActivate, 4}, {9, C::kActivate, 8}, {13, C::kActivate, 12}},
       {27, C::kActivate, 1}},
      {"ddr4-2400", "tCCD_L:", {{1, C::kActivate, 0}, {20, C::kRead, 0}}, {26, C::kRead, 0}},
      {"ddr4-2400", "tCCD_L_WR:", {{1, C::kActivate, 0}, {20, C::kWrite, 0}}, {26, C::kWrite, 0}},
      {"ddr4-2400", "tCCD_S:", {{1, C::kActivate, 0}, {5, C::kActivate, 4}, {30, C::kRead, 0}}, {34, C::kRead, 4}},
      {"ddr4-2400", "read to write:", {{1, C::kActivate, 0}, {20, C::kRead, 0}}, {30, C::kWrite, 0}},
      {"ddr4-2400", "tWTR_S:", {{1, C::kActivate, 0}, {5, C::kActivate, 4}, {30, C::kWrite, 0}}, {49, C::kRead, 4}},
      {"ddr4-2400", "tWTR_L:", {{1, C::kActivate, 0}, {30, C::kWrite, 0}}, {55, C::kRead, 0}},
      {"ddr4-2400", "tRTP:", {{1, C::kActivate, 0}, {40, C::kRead, 0}}, {49, C::kPrecharge, 0}},
      {"ddr4-2400", "tWR:", {{1, C::kActivate, 0}, {40, C::kWrite, 0}}, {74, C::kPrecharge, 0}},
      {"ddr4-2400", "tWR:", {{1, C::kActivate, 0}, {40, C::kWrite, 0}}, {74, C::kPrechargeAll, 0}},
      {"ddr4-2400", "tRTP + tRP:", {{1, C::kActivate, 0}, {40, C::kReadPrecharge, 0}}, {65, C::kActivate, 0}},
      {"ddr4-2400", "tWR + tRP:", {{1, C::kActivate, 0}, {40, C::kWritePrecharge, 0}}, {90, C::kActivate, 0}},
      {"ddr4-2400", "tRP:", {{1, C::kActivate, 0}, {60, C::kPrecharge, 0}}, {76, C::kRefresh, 0}},
      {"ddr4-2400", "tRFC:", {{1, C::kRefresh, 0}}, {434, C::kActivate, 5}},
      {"lpddr5-6400",
       "tPPD:",
       {{1, C::kActivate, 0},
        {3, C::kActivateSecond, 0},
        {5, C::kActivate, 4},
        {7, C::kActivateSecond, 4},
        {60, C::kPrecharge, 0}},
       {62, C::kPrecharge, 4}},
      {"lpddr5-6400", "tRFCpb:", {{1, C::kRefreshBank, 0}}, {113, C::kActivate, 0}},
      {"lpddr5-6400", "REFpb to ACT:", {{1, C::kRefreshBank, 0}}, {7, C::kActivate, 5}},
      {"lpddr5-6400", "REFpb to REFpb:", {{1, C::kRefreshBank, 0}}, {73, C::kRefreshBank, 5}},
      {"hbm2", "bus is busy", {{1, C::kActivate, 0}}, {3, C::kActivate, 16}},
      {"ddr5-4800", "tRCD:", {{1, C::kActivate, 0}}, {35, C::kRead, 0}},
      {"ddr5-4800", "tRAS:", {{1, C::kActivate, 0}}, {79, C::kPrecharge, 0}},
      {"hbm3", "tCCD_R:", {{1, C::kActivate, 0}, {11, C::kActivate, 16}, {101, C::kRead, 0}}, {107, C::kRead, 16}},
  };
  for (const Planted& each : cases) {
    const spec::DramDevice chip = device(each.device, {"controller.refresh=none"});
    std::vector<Step> steps = each.before;
    steps.push_back(each.last);
    EXPECT_EQ(text(complaints(chip, steps)), "") << each.device << " " << each.rule;
    --steps.back().at;
    EXPECT_NE(text(complaints(chip, steps)).find(each.rule), std::string::npos)
        << each.device << " " << each.rule << " was not found in: " << text(complaints(chip, steps));
  }
}

TEST(Checker, FindsRanksThatAreSwitchedTooFast) {
  const auto two = device("ddr4-2400", {"organization.ranks=2", "controller.refresh=none"});
  const std::vector<Step> opened = {{1, C::kActivate, 0}, {2, C::kActivate, 16}, {30, C::kRead, 0}};
  std::vector<Step> fine = opened, fast = opened;
  fine.push_back({36, C::kRead, 16});
  fast.push_back({35, C::kRead, 16});
  EXPECT_EQ(text(complaints(two, fine)), "");
  EXPECT_NE(text(complaints(two, fast)).find("rank switch: 5 ticks after RD, expected at least 6"), std::string::npos);
}

TEST(Checker, FindsCommandsThatTheBanksAreNotReadyFor) {
  const struct {
    const char *device, *complaint;
    std::vector<Step> steps;
  } cases[] = {
      {"ddr4-2400", "its row is not open", {{1, C::kRead, 0}}},
      {"ddr4-2400", "its row is not open", {{1, C::kActivate, 0, 5}, {40, C::kWrite, 0, 6}}},
      {"ddr4-2400", "its row is not open", {{1, C::kActivate, 0}, {40, C::kReadPrecharge, 0}, {80, C::kRead, 0}}},
      {"ddr4-2400", "a row is open", {{1, C::kActivate, 0}, {90, C::kActivate, 0}}},
      {"ddr4-2400", "a row is open", {{1, C::kActivate, 0}, {90, C::kRefresh, 0}}},
      {"lpddr5-6400", "a row is open", {{1, C::kActivate, 0}, {2, C::kActivateSecond, 0}, {90, C::kRefreshBank, 0}}},
      {"ddr4-2400", "no row is open", {{1, C::kPrecharge, 0}}},
      {"ddr4-2400", "its bus is busy", {{1, C::kActivate, 0}, {1, C::kActivate, 4}}},
      {"hbm3", "not on a whole clock", {{2, C::kActivate, 0}}},
      {"lpddr5-6400", "no first activation", {{2, C::kActivateSecond, 0}}},
      {"lpddr5-6400", "too late", {{1, C::kActivate, 0}, {10, C::kActivateSecond, 0}}},
      {"lpddr5-6400", "its row is not open", {{1, C::kActivate, 0}, {16, C::kWakeDataClock, 0}, {17, C::kRead, 0}}},
      {"lpddr5-6400", "its data clock sleeps", {{1, C::kActivate, 0}, {2, C::kActivateSecond, 0}, {17, C::kRead, 0}}},
      {"ddr4-2400", "its data begin at", {{1, C::kActivate, 0}, {20, C::kRead, 0}, {21, C::kWrite, 0}}},
  };
  for (const auto& each : cases) {
    const auto found = text(complaints(device(each.device, {"controller.refresh=none"}), each.steps));
    EXPECT_NE(found.find(each.complaint), std::string::npos) << each.device << " " << each.complaint << ": " << found;
  }
}

TEST(Checker, FindsRefreshesThatAreNotDone) {
  const auto chip = device("ddr4-2400");  // every 9364
  EXPECT_EQ(text(complaints(chip, {{9 * 9364 - 1, C::kActivate, 0}})), "");
  EXPECT_NE(text(complaints(chip, {{9 * 9364, C::kActivate, 0}})).find("0 refreshes by now, expected 9"),
            std::string::npos);
}

}  // namespace
}  // namespace systole::dram_tests
