// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// LOAD and STORE in SystemVerilog against the model's timing: issue, every request, port free and completion to the
// cycle; memories to the bit, what a command writes by the cycle of its completion.
#include <gtest/gtest.h>

#include "Vdma_edge.h"
#include "Vdma_edge___024root.h"
#include "Vdma_narrow.h"
#include "Vdma_narrow___024root.h"
#include "Vdma_odd.h"
#include "Vdma_odd___024root.h"
#include "Vdma_tiny.h"
#include "Vdma_tiny___024root.h"
#include "tests/rtl_dma/dma_model.h"
#include "tests/rtl_dma/dma_unit.h"

namespace systole::sim {
namespace {

std::string describe(const Move& m) {
  const auto& t = m.transfer;
  std::ostringstream out;
  out << (m.store ? "STORE " : "LOAD ") << t.n2 << " x " << t.n1 << " x " << t.n0 << " x " << t.row_bytes << ", far "
      << contract::name(t.far) << " " << t.dram_addr << " strides " << t.dram_stride2 << " " << t.dram_stride1 << " "
      << t.dram_stride0 << ", " << contract::name(t.space) << " " << t.local_addr << " strides " << t.local_stride2
      << " " << t.local_stride1 << " " << t.local_stride0 << ", padding " << t.pad1_before << " " << t.pad1_after << " "
      << t.pad0_before << " " << t.pad0_after << " of " << t.pad_bytes;
  return out.str();
}

// One pair of engines and the model beside it, on one DRAM.
template <typename Top>
class Pair {
 public:
  Pair(double slot, int latency, int channels = 1) : unit(slot, latency, channels), model(unit.spec()), random(3) {
    want.dram.resize(unit.dram().size());
    want.scratchpad.resize(unit.scratchpad().size());
    want.accumulators.resize(unit.accumulators().size());
  }

  // A cycle in which `next[engine]` issues if there is one and the port is free; bits of those that did.
  int cycle(const Move* load, const Move* store) {
    const uint64_t now = unit.now();
    unit.begin_cycle();
    int fired = 0;
    bool free[2];
    for (int e = 0; e < 2; ++e) {
      free[e] = model.port_free(e, now);
      EXPECT_EQ(unit.port_free(e), free[e]) << "engine " << e << ", cycle " << now;
      EXPECT_TRUE(unit.ready(e));
      const auto completed = model.completing(e, now);
      EXPECT_EQ(unit.done(e), completed.size()) << "engine " << e << ", cycle " << now;
      for (const Move& m : completed) compare(m);
      most_at_once = std::max(most_at_once, completed.size());
    }
    for (const Move* m : {load, store}) {
      if (!m || !free[m->store]) continue;
      unit.issue(*m);
      model.issue(*m, now);
      move(want, *m);
      fired |= 1 << m->store;
    }
    const uint64_t before[] = {model.requested(0), model.requested(1)};
    model.end_cycle(now);
    for (int e = 0; e < 2; ++e)
      EXPECT_EQ(unit.requests(e), model.requested(e) != before[e]) << "engine " << e << ", cycle " << now;
    unit.end_cycle();
    return fired;
  }

  // As many random commands as the memories hold, each engine idle for so many quarters of the cycles; how many they
  // were.
  size_t run(RandomMoves& commands, uint64_t idle) {
    commands.clear();
    unit.put(want);
    std::vector<Move> queue[2];
    for (int e = 0; e < 2; ++e)
      while (auto m = commands.next(e == 1)) queue[e].push_back(*m);
    size_t at[2] = {};
    while ((at[0] < queue[0].size() || at[1] < queue[1].size() || !model.idle()) && !testing::Test::HasFailure()) {
      const Move* next[2];
      for (int e = 0; e < 2; ++e)
        next[e] = at[e] < queue[e].size() && random() % 4 >= idle ? &queue[e][at[e]] : nullptr;
      const int fired = cycle(next[0], next[1]);
      for (int e = 0; e < 2; ++e) at[e] += fired >> e & 1;
    }
    if (!testing::Test::HasFailure()) compare_all();
    return at[0] + at[1];
  }

  void compare_all() {
    EXPECT_EQ(std::memcmp(unit.dram().data(), want.dram.data(), want.dram.size()), 0);
    EXPECT_EQ(std::memcmp(unit.scratchpad().data(), want.scratchpad.data(), want.scratchpad.size()), 0);
    EXPECT_EQ(std::memcmp(unit.accumulators().data(), want.accumulators.data(), want.accumulators.size()), 0);
  }

  DmaUnit<Top> unit;
  DmaModel model;
  Memories want;
  std::mt19937_64 random;
  size_t most_at_once = 0;

 private:
  void compare(const Move& m) {
    const DmaShape shape = dma_shape(m.transfer);
    const bool scratchpad =
        m.store ? m.transfer.far == contract::Far::kScratchpad : m.transfer.space == contract::Space::kScratchpad;
    const auto got = scratchpad ? unit.scratchpad() : m.store ? unit.dram() : unit.accumulators();
    const auto& expected = m.store ? want.far(m) : want.near(m);
    (m.store ? shape.dram : shape.local).each_row([&](int64_t at) {
      const auto row = static_cast<size_t>(at);
      if (std::memcmp(got.data() + row, expected.data() + row, m.transfer.row_bytes) == 0) return true;
      ADD_FAILURE() << "row at " << at << " of " << describe(m);
      return false;
    });
  }
};

template <typename Top>
class DmaRtl : public testing::Test {};
using Units = testing::Types<Vdma_edge, Vdma_tiny, Vdma_odd, Vdma_narrow>;
TYPED_TEST_SUITE(DmaRtl, Units);

TYPED_TEST(DmaRtl, RandomCommandsBackToBack) {
  struct Dram {
    double slot;
    int latency, channels;
  };
  size_t issued = 0, cycles = 0, most_at_once = 0;
  for (const Dram& dram : {Dram{1, 60, 1}, Dram{5, 20, 4}, Dram{1.3, 1, 1}, Dram{0.3, 30, 2}}) {
    Pair<TypeParam> pair(dram.slot, dram.latency, dram.channels);
    RandomMoves commands(issued + 1, pair.unit.spec().dma.burst_bytes, pair.want);
    const size_t enough = issued + 2'000;
    for (uint64_t idle = 0; issued < enough && !this->HasFailure(); ++idle) issued += pair.run(commands, idle % 4);
    cycles += pair.unit.now();
    most_at_once = std::max(most_at_once, pair.most_at_once);
  }
  EXPECT_GT(most_at_once, 1u);
  std::printf("%zu commands, %zu cycles, at most %zu complete at once\n", issued, cycles, most_at_once);
}

TYPED_TEST(DmaRtl, ResetInMidFlightLeavesNothing) {
  Pair<TypeParam> pair(5, 20);
  RandomMoves commands(7, pair.unit.spec().dma.burst_bytes, pair.want);
  for (int after = 1; after < 120 && !this->HasFailure(); ++after) {
    commands.clear();
    pair.unit.put(pair.want);
    Move load = *commands.next(false), store = *commands.next(true);
    for (int i = 0; i < after; ++i) {
      const int fired = pair.cycle(&load, &store);
      if (fired & 1) load = commands.next(false).value_or(load);
      if (fired & 2) store = commands.next(true).value_or(store);
    }
    pair.unit.reset();
    pair.model.reset();
    commands.clear();
    pair.unit.put(pair.want);
    for (int i = 0; i < 100; ++i) pair.cycle(nullptr, nullptr);
    pair.compare_all();
  }
  pair.run(commands, 0);
}

}  // namespace
}  // namespace systole::sim
