// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the controller does, by hand-computed cycles: ddr4-2400's and lpddr5-6400's figures are in configs/dram.
#include "sim/memory/dram/dram.h"
#include "tests/dram/devices.h"

namespace systole::dram_tests {
namespace {

using namespace memory::dram;

struct Log : CommandLog {
  std::vector<CommandRecord> all;
  void record(const CommandRecord& command) override { all.push_back(command); }
  // "ACT@1 RD@17": kinds and cycles.
  std::string text() const {
    const char* names[] = {"ACT", "ACT2", "PRE", "PREab", "RD", "RDA", "WR", "WRA", "CAS", "REFab", "REFpb"};
    std::string result;
    for (const CommandRecord& c : all)
      result +=
          (result.empty() ? "" : " ") + std::string(names[static_cast<int>(c.command)]) + "@" + std::to_string(c.at);
    return result;
  }
};

struct Request {
  Cycle at;
  uint64_t address;
  bool write;
};

// Commands, then completions as "id:cycle", ids by order of requests.
std::string run(const spec::DramDevice& device, const std::vector<Request>& requests, Cycle until = 3000,
                uint64_t* row_hits = nullptr) {
  Dram dram(device);
  Log log;
  dram.set_log(&log);
  std::vector<Completion> done;
  uint64_t id = 0;
  for (const Request& request : requests) {
    dram.advance(request.at, done);
    EXPECT_TRUE(dram.push(request.at, dram.place(request.address), request.write, id++));
  }
  dram.advance(until, done);
  if (row_hits) *row_hits = dram.stats(until).total.row_hits;
  std::string text = log.text() + " |";
  for (const Completion& c : done) text += " " + std::to_string(c.id) + ":" + std::to_string(c.at);
  return text;
}

// ddr4-2400: 64-byte bursts, rows of 8 KiB; then bank group, bank, row.
constexpr uint64_t kOtherGroup = 8192, kOtherRow = 8192 * 16;

TEST(Controller, OneReadOpensItsRow) {
  EXPECT_EQ(run(device("ddr4-2400"), {{0, 0, false}}), "ACT@1 RD@17 | 0:37");
  EXPECT_EQ(run(device("ddr4-2400"), {{10, 0, true}}), "ACT@11 WR@27 | 0:43");
}

TEST(Controller, ARunOfOneRowIsReadBurstAfterBurst) {
  EXPECT_EQ(run(device("ddr4-2400"), {{0, 0, false}, {0, 64, false}, {0, 128, false}}),
            "ACT@1 RD@17 RD@23 RD@29 | 0:37 1:43 2:49");  // tCCD_L 6
  EXPECT_EQ(run(device("ddr4-2400"), {{0, 0, false}, {0, kOtherGroup, false}}),
            "ACT@1 ACT@5 RD@17 RD@21 | 0:37 1:41");  // tRRD_S 4
}

TEST(Controller, AnotherRowWaitsForTheFirstToClose) {
  // tRAS 39 after the activation, then tRP 16; the row was opened for the first burst, which goes before.
  EXPECT_EQ(run(device("ddr4-2400"), {{0, 0, false}, {0, kOtherRow, false}}),
            "ACT@1 RD@17 PRE@40 ACT@56 RD@72 | 0:37 1:92");
}

TEST(Controller, FirstReadyGoesBeforeFirstCome) {
  // The third burst hits the first one's row and overtakes the second.
  EXPECT_EQ(run(device("ddr4-2400"), {{0, 0, false}, {0, kOtherRow, false}, {0, 64, false}}),
            "ACT@1 RD@17 RD@23 PRE@40 ACT@56 RD@72 | 0:37 2:43 1:92");
}

TEST(Controller, ReadsGoBeforeWritesUntilManyWait) {
  EXPECT_EQ(run(device("ddr4-2400"), {{0, 0, true}, {0, kOtherGroup, false}}),
            "ACT@1 ACT@5 RD@17 WR@27 | 1:37 0:43");  // the read first; read to write 10
  std::vector<Request> many;                         // 3 of 3 writes are more than 80 %
  for (uint64_t i = 0; i < 3; ++i) many.push_back({0, i * 64, true});
  many.push_back({0, kOtherGroup, false});
  const auto small = device("ddr4-2400", {"controller.write_queue=3", "controller.read_queue=3"});
  // The first write's row opens and frees its place: 2 of 3 are left, more than 20 %; then read after the last write:
  // cwl + burst + tWTR_S 19 after it.
  EXPECT_EQ(run(small, many), "ACT@1 WR@17 WR@23 WR@29 ACT@30 RD@48 | 0:33 1:39 2:45 3:68");
}

// The second read closes the first one's row, then writes open its own for themselves: that it finds it open is no hit.
TEST(Controller, ABurstThatClosedARowNeverHits) {
  const auto small = device("ddr4-2400", {"controller.write_queue=3", "controller.read_queue=3"});
  std::vector<Request> requests{{0, 0, false}, {0, kOtherRow, false}};
  for (uint64_t i = 1; i <= 3; ++i) requests.push_back({45, kOtherRow + i * 64, true});
  uint64_t hits = 0;
  EXPECT_EQ(run(small, requests, 3000, &hits),
            "ACT@1 RD@17 PRE@40 ACT@56 WR@72 WR@78 WR@84 RD@109 | 0:37 2:88 3:94 4:100 1:129");
  EXPECT_EQ(hits, 2u) << "the second and the third write";
  hits = 0;
  run(small, {{0, 0, false}, {0, 64, false}}, 3000, &hits);
  EXPECT_EQ(hits, 1u);
}

TEST(Controller, AReadOfAWaitingWriteNeedsNoDram) {
  EXPECT_EQ(run(device("ddr4-2400"), {{0, 0, true}, {0, 0, false}}), "ACT@1 WR@17 | 1:1 0:33");
  EXPECT_EQ(run(device("ddr4-2400"), {{0, 0, true}, {0, 0, true}}), "ACT@1 WR@17 | 1:1 0:33");
}

TEST(Controller, FullQueuesTakeNothing) {
  Dram dram(device("ddr4-2400", {"controller.read_queue=2"}));
  EXPECT_TRUE(dram.push(0, dram.place(0), false, 0));
  EXPECT_TRUE(dram.push(0, dram.place(64), false, 1));
  EXPECT_FALSE(dram.push(0, dram.place(128), false, 2));
  EXPECT_TRUE(dram.push(0, dram.place(128), true, 3));
  std::vector<Completion> done;
  dram.advance(1, done);  // the row is opened for the first one, which leaves the queue
  EXPECT_TRUE(dram.push(1, dram.place(192), false, 2));
  EXPECT_FALSE(dram.push(1, dram.place(256), false, 4));
}

TEST(Controller, AClosedPageClosesWithItsLastBurst) {
  const auto closed = device("ddr4-2400", {"controller.page=closed"});
  EXPECT_EQ(run(closed, {{0, 0, false}, {0, 64, false}, {100, 128, false}}),
            "ACT@1 RD@17 RDA@23 ACT@101 RDA@117 | 0:37 1:43 2:137");
}

TEST(Controller, RefreshClosesTheRowsAndTakesItsTime) {
  const auto often = device("ddr4-2400", {"timing.refi=1000"});
  // Due at 1000; all closed at once: tRP 16 later it starts, tRFC 433 later the next activation.
  EXPECT_EQ(run(often, {{990, 0, false}, {1001, 64, false}}, 1900),
            "ACT@991 RD@1007 PREab@1030 REFab@1046 ACT@1479 RD@1495 | 0:1027 1:1515");
  EXPECT_EQ(run(often, {}, 3001), "REFab@1000 REFab@2000 REFab@3000 |");
  EXPECT_EQ(run(device("ddr4-2400", {"controller.refresh=none"}), {}, 30000), " |");
}

TEST(Controller, RefreshPerBankGoesRound) {
  const auto per_bank = device("lpddr5-6400", {"controller.refresh=per_bank"});
  EXPECT_EQ(run(per_bank, {}, 1200), "REFpb@391 REFpb@782 REFpb@1173 |");
}

TEST(Controller, SplitActivationsAndSleepingDataClocks) {
  // The second half takes the next free cycle; the data clock sleeps and is woken a cycle before the column.
  EXPECT_EQ(run(device("lpddr5-6400"), {{0, 0, false}}), "ACT@1 ACT2@2 CAS@16 RD@17 | 0:36");
  EXPECT_EQ(run(device("lpddr5-6400"), {{0, 0, false}, {0, 32, false}}), "ACT@1 ACT2@2 CAS@16 RD@17 RD@21 | 0:36 1:40");
}

TEST(Controller, PseudoChannelsShareTheirCommandBuses) {
  // A row of 1 KiB, then the other pseudo-channel: an activation takes two cycles of the row bus.
  EXPECT_EQ(run(device("hbm2"), {{0, 0, false}, {0, 1024, false}}), "ACT@1 ACT@3 RD@16 RD@18 | 0:32 1:34");
}

TEST(Controller, AnIdleDramHasNoEvents) {
  Dram dram(device("ddr4-2400"));
  EXPECT_EQ(dram.next_event(), kNever);
  dram.push(0, dram.place(0), false, 7);
  std::vector<Completion> done;
  while (dram.next_event() != kNever) dram.advance(dram.next_event(), done);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].id, 7u);
}

TEST(Controller, EnergyIsCommandsAndBackground) {
  const auto chip = device("ddr4-2400");
  Dram dram(chip);
  dram.push(0, dram.place(0), false, 0);
  std::vector<Completion> done;
  dram.advance(1000, done);
  const auto& e = chip.energy;
  // Open from the activation at 1 on.
  EXPECT_NEAR(dram.stats(1000).energy, e.activate + e.read + (999 * e.open + 1 * e.closed) * chip.timing.tick, 1e-15);
  Dram idle(device("ddr4-2400", {"timing.refi=1000"}));
  idle.advance(3001, done);
  EXPECT_NEAR(idle.stats(3001).energy, 3 * e.refresh + 3001 * e.closed * chip.timing.tick, 1e-15);
}

}  // namespace
}  // namespace systole::dram_tests
