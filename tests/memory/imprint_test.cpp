// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Imprints of a memory: the same of the same requests later and further along, another one of any other.
#include <gtest/gtest.h>

#include <random>

#include "sim/memory/system.h"

namespace systole::memory {
namespace {

struct Timed {
  uint64_t at;
  Request request;
};

spec::DramSpec dram() {
  spec::DramSpec dram;
  dram.bytes = 1 << 24;
  dram.channels = 4;
  dram.banks = 4;
  dram.row_bytes = 512;
  dram.interleave_bytes = 256;
  dram.bytes_per_second = 24e9;  // a burst of 64 takes 10 2/3 cycles
  dram.latency_cycles = 40;
  dram.row_miss_cycles = 15;
  dram.turnaround_cycles = 5;
  return dram;
}

class Memory {
 public:
  Memory() : system_(dram(), {1'000'000'000}, 64, {PortSpec{}, PortSpec{}, PortSpec{}}) {}
  void run(const std::vector<Timed>& requests, uint64_t until) {
    for (const Timed& each : requests) {
      if (each.at > until) break;
      system_.advance(each.at - 1, replies_);
      system_.push(each.at, each.request);
    }
    system_.advance(until, replies_);
  }
  Imprint imprint(uint64_t now, int64_t iteration, const Streams& streams) const {
    Imprint print;
    print.begin(now, iteration, streams);
    system_.imprint(print);
    return print;
  }
  uint64_t period() const { return system_.address_period(); }

 private:
  System system_;
  std::vector<Reply> replies_;
};

std::vector<Timed> random_requests(std::mt19937& rng) {
  std::vector<Timed> requests;
  uint64_t at = 100;  // what a memory was made with is over
  for (uint64_t id = 1; id <= 12; ++id, at += rng() % 60) {
    Request r;
    r.id = id;
    r.port = static_cast<int>(rng() % 3);
    r.write = r.port == 1;
    r.address = rng() % 4096 * 16;
    r.bytes = 1 + rng() % 600;
    r.counts = {1 + static_cast<uint32_t>(rng() % 3), 1, 1};
    r.strides = {1024, 0, 0};
    requests.push_back({at, r});
  }
  return requests;
}

TEST(Imprint, SameLaterAndFurtherAlong) {
  std::mt19937 rng(1);
  for (int i = 0; i < 200; ++i) {
    const std::vector<Timed> requests = random_requests(rng);
    const uint64_t later = rng() % 1000, rounds = rng() % 5;
    Memory here, there;
    const auto step = static_cast<int64_t>(there.period());
    Streams streams(1);
    ASSERT_TRUE(streams.add({0, 1 << 24, step}));
    std::vector<Timed> moved = requests;
    for (Timed& each : moved) each.at += later, each.request.address += rounds * there.period(), each.request.id += 7;
    const uint64_t until = 100 + rng() % (requests.back().at + 100);
    here.run(requests, until);
    there.run(moved, until + later);
    EXPECT_EQ(here.imprint(until, 3, streams), there.imprint(until + later, 3 + static_cast<int64_t>(rounds), streams))
        << i;
  }
}

// Another cycle, row, channel or length of the last request that has been made shows at once.
TEST(Imprint, AnotherOfAnyOtherRequest) {
  std::mt19937 rng(2);
  const Streams none(1);
  for (int i = 0; i < 200; ++i) {
    const std::vector<Timed> requests = random_requests(rng);
    const uint64_t at = requests.back().at;
    for (int change = 0; change < 4; ++change) {
      Memory one, other;
      std::vector<Timed> changed = requests;
      Timed& last = changed.back();
      if (change == 0) last.at += 1;
      if (change == 1) last.request.address += one.period();
      if (change == 2) last.request.address += 256;
      if (change == 3) last.request.bytes += 600;
      one.run(requests, at);
      other.run(changed, at + (change == 0));
      EXPECT_FALSE(one.imprint(at + 1, 0, none) == other.imprint(at + 1, 0, none)) << i << " " << change;
    }
  }
}

// A row that was left open tells where the last burst went, however long ago.
TEST(Imprint, HoldsOpenRows) {
  const Streams none(1);
  std::vector<Imprint> prints;
  for (const uint64_t row : {0u, 1u, 1u}) {
    Memory memory;
    Request r;
    r.id = 1;
    r.bytes = 64;
    r.address = row * memory.period();
    memory.run({{100, r}}, 5000);
    prints.push_back(memory.imprint(5000, 0, none));
  }
  EXPECT_FALSE(prints[0] == prints[1]);
  EXPECT_TRUE(prints[1] == prints[2]);
}

// What a bus still owes counts to the fraction of a cycle: of three bursts after each other every one ends at another.
TEST(Imprint, HoldsTheBus) {
  const Streams none(1);
  std::vector<Imprint> prints;
  for (uint64_t bursts = 1; bursts <= 3; ++bursts) {
    Memory memory;
    Request r;
    r.id = 1;
    r.bytes = 64 * bursts;
    memory.run({{1, r}}, 45);
    prints.push_back(memory.imprint(45, 0, none));
  }
  EXPECT_FALSE(prints[0] == prints[1]);
  EXPECT_FALSE(prints[1] == prints[2]);
}

TEST(Imprint, StreamsThatShareABlockStepAlike) {
  Streams streams(4096);
  EXPECT_TRUE(streams.add({0, 100, 64}));
  EXPECT_TRUE(streams.add({4096, 8192, 128}));
  EXPECT_TRUE(streams.add({50, 4000, 64}));
  EXPECT_FALSE(streams.add({4000, 4090, 128}));
  EXPECT_EQ(streams.moved(70, 3), 70u + 192);
  EXPECT_EQ(streams.moved(4100, -1), 4100u - 128);
  EXPECT_EQ(streams.moved(9000, 5), 9000u);
}

}  // namespace
}  // namespace systole::memory
