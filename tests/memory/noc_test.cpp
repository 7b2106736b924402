// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The network between ports and channels against docs/timing.md, section 7: closed forms, shares, back-pressure,
// bounds.
#include <random>

#include "configs/spec/load.h"
#include "tests/memory/drain.h"

namespace systole::memory {
namespace {

constexpr spec::Clock kClock{1'000'000'000};
constexpr uint64_t kBurst = 64;

// Answers every burst after 20 cycles: what is seen is the network.
spec::DramSpec fixed_dram(int channels = 1) {
  spec::DramSpec d;
  d.bytes = 1 << 30;
  d.channels = channels;
  d.timing = "fixed";
  d.bytes_per_second = 1e12;
  d.latency_cycles = 20;
  return d;
}

spec::NocSpec network(const char* topology, int link_bytes, int hop_cycles = 1, int buffer_bursts = 8) {
  spec::NocSpec n;
  n.topology = topology;
  n.link_bytes_per_cycle = link_bytes;
  n.hop_cycles = hop_cycles;
  n.buffer_bursts = buffer_bursts;
  return n;
}

std::vector<PortSpec> a_port_each(size_t cores) {
  std::vector<PortSpec> ports(cores, PortSpec{.outstanding = 1000});
  for (size_t i = 0; i < cores; ++i) ports[i].core = i;
  return ports;
}

Request make(uint64_t id, int port, uint64_t address, uint64_t bursts, bool write) {
  return {id, port, address, bursts * kBurst, write};
}

TEST(Noc, ABurstTakesItsHopsAndItsData) {
  for (bool write : {false, true}) {
    System system(fixed_dram(), kClock, kBurst, a_port_each(1), network("crossbar", 16, 3));
    system.push(100, make(1, 0, 0, 1, write));
    // Two links of 3 cycles each way; 4 cycles of data on one of the ways, 3 of them behind its head.
    EXPECT_EQ(drain(system).done[1], 100u + 6 + 20 + 6 + 3) << write;
  }
}

TEST(Noc, AMeshAddsALinkForEachStep) {
  // Cores 0 .. 3 at (0,0), (1,0), (0,1), (1,1); channel 0 at (0,0), channel 1 at (0,1).
  const uint64_t steps[4][2] = {{0, 1}, {1, 2}, {1, 0}, {2, 1}};
  for (int core = 0; core < 4; ++core)
    for (uint64_t channel = 0; channel < 2; ++channel) {
      System system(fixed_dram(2), kClock, kBurst, a_port_each(4), network("mesh", 64, 5));
      system.push(7, make(1, core, channel * 256, 1, false));
      EXPECT_EQ(drain(system).done[1], 7u + 20 + 2 * 5 * (2 + steps[core][channel])) << core << " " << channel;
    }
}

TEST(Noc, ALinkLimitsAStream) {
  for (bool write : {false, true})
    for (int link : {8, 16, 32, 64}) {
      System system(fixed_dram(), kClock, kBurst, a_port_each(1), network("crossbar", link));
      system.push(0, make(1, 0, 0, 100, write));
      const uint64_t data = kBurst / static_cast<uint64_t>(link);
      EXPECT_EQ(drain(system).done[1], 2u + 20 + 2 + data - 1 + 99 * data) << link << " " << write;
    }
}

TEST(Noc, TwoCoresShareAChannelsLinkAlike) {
  for (bool write : {false, true}) {
    System alone(fixed_dram(), kClock, kBurst, a_port_each(2), network("crossbar", 16));
    alone.push(0, make(1, 0, 0, 100, write));
    const uint64_t one = drain(alone).done[1];
    System system(fixed_dram(), kClock, kBurst, a_port_each(2), network("crossbar", 16));
    system.push(0, make(1, 0, 0, 100, write));
    system.push(0, make(2, 1, 1 << 20, 100, write));
    Moments both = drain(system);
    EXPECT_EQ(both.done[1] + 4, both.done[2]) << write;  // in turn, to the last burst
    EXPECT_EQ(both.done[2], one + 100 * 4) << write;
    // Other channels, other links: neither is in the other's way.
    System apart(fixed_dram(2), kClock, kBurst, a_port_each(2), network("crossbar", 16));
    apart.push(0, {1, 0, 0, 256, write, {25, 1, 1}, {512, 0, 0}});
    apart.push(0, {2, 1, 256, 256, write, {25, 1, 1}, {512, 0, 0}});
    both = drain(apart);
    EXPECT_EQ(both.done[1], one);
    EXPECT_EQ(both.done[2], one);
  }
}

// Channels 3 and 7 are both at (1,1). From (0,0) the way there is along the row first, over the link of (1,0).
TEST(Noc, AMeshGoesAlongTheRowFirst) {
  const auto last = [](std::vector<int> cores) {
    System system(fixed_dram(8), kClock, kBurst, a_port_each(4), network("mesh", 16));
    for (size_t i = 0; i < cores.size(); ++i)
      system.push(0, {i, cores[i], 256 * (3 + 4 * i), kBurst, true, {100, 1, 1}, {8 * 256, 0, 0}});
    uint64_t most = 0;
    for (const auto& [id, at] : drain(system).done) most = std::max(most, at);
    return most;
  };
  const uint64_t alone = last({0});
  EXPECT_EQ(last({0, 2}), alone) << "from (0,1), by another link";
  EXPECT_EQ(last({0, 1}), alone + 100 * 4 - 1) << "both need the one from (1,0) down";
}

TEST(Noc, PortsOfACoreShareItsLinks) {
  std::vector<PortSpec> ports(2, PortSpec{.outstanding = 1000});
  System system(fixed_dram(), kClock, kBurst, ports, network("crossbar", 16));
  system.push(0, make(1, 0, 0, 50, true));
  system.push(0, make(2, 1, 1 << 20, 50, true));
  EXPECT_EQ(drain(system).done[2], 2u + 20 + 2 + 3 + 99 * 4);
  // Writes have their data on the way there, reads on the way back.
  system.reset();
  system.push(0, make(1, 0, 0, 50, true));
  system.push(0, make(2, 1, 1 << 20, 50, false));
  Moments moments = drain(system);
  const uint64_t most = 2u + 20 + 2 + 3 + 49 * 4 + 50 + 4;  // behind the other's 50 and one more
  EXPECT_LE(moments.done[1], most);
  EXPECT_LE(moments.done[2], most);
}

TEST(Noc, AFullBufferHoldsThePortBack) {
  for (int buffer : {2, 3, 8}) {
    System system(fixed_dram(), kClock, kBurst, a_port_each(1), network("crossbar", 16, 1, buffer));
    system.push(0, make(1, 0, 0, 100, true));
    // Burst i leaves at 4i, and the port requests burst i in the cycle after burst i - buffer has left.
    EXPECT_EQ(drain(system).accepted[1], 4u * (99 - static_cast<uint64_t>(buffer)) + 1 + 1) << buffer;
  }
  // A link longer than its buffer is deep: a place is free again a cycle after the head has gone on.
  System system(fixed_dram(), kClock, kBurst, a_port_each(1), network("crossbar", 64, 9, 2));
  system.push(0, make(1, 0, 0, 101, true));
  EXPECT_EQ(drain(system).done[1], 18u + 20 + 18 + 50 * 10);  // two in 10 cycles
}

// What the channel cannot take waits in the network, up to the port.
TEST(Noc, ASlowChannelHoldsThePortBack) {
  spec::DramSpec slow = fixed_dram();
  slow.timing = "banked";
  slow.bytes_per_second = 4e9;  // a burst in 16 cycles
  System system(slow, kClock, kBurst, a_port_each(1), network("crossbar", 64, 1, 2));
  system.push(0, make(1, 0, 0, 20, true));
  System ideal(slow, kClock, kBurst, a_port_each(1));
  ideal.push(0, make(1, 0, 0, 20, true));
  Moments held = drain(system), free = drain(ideal);
  EXPECT_EQ(free.accepted[1], 20u);
  EXPECT_GT(held.accepted[1], 12u * 16);  // no more than 2 x 3 places and what the channel has taken
  EXPECT_EQ(held.done[1], free.done[1] + 4);
}

struct Traffic {
  std::vector<Request> requests;
  uint64_t bursts = 0;
};
Traffic random_traffic(uint32_t seed, size_t cores) {
  std::mt19937 random(seed);
  Traffic traffic;
  for (uint64_t id = 0; id < 60; ++id) {
    const uint64_t bursts = 1 + random() % 24;
    traffic.requests.push_back(
        make(id, static_cast<int>(random() % cores), random() % 4096 * kBurst, bursts, random() % 2 != 0));
    traffic.bursts += bursts;
  }
  return traffic;
}

Moments run(const Traffic& traffic, System& system) {
  for (const Request& request : traffic.requests) system.push(0, request);
  return drain(system);
}
uint64_t last(const Moments& moments) {
  uint64_t most = 0;
  for (const auto& [id, at] : moments.done) most = std::max(most, at);
  return most;
}

TEST(Noc, KeepsOrderAndItsBounds) {
  auto named = spec::load_npu_spec("edge-16x16");
  ASSERT_TRUE(named.ok());
  ASSERT_TRUE(spec::apply_override(*named, "dram.config=hbm2").ok());
  spec::DramSpec banked = fixed_dram(4);
  banked.timing = "banked";
  banked.bytes_per_second = 128e9;
  spec::DramSpec device = named->dram;
  for (const spec::DramSpec& dram : {fixed_dram(4), banked, device})
    for (const char* topology : {"crossbar", "mesh"})
      for (uint32_t seed = 0; seed < 10; ++seed) {
        const Traffic traffic = random_traffic(seed, 6);
        System system(dram, named->clock, kBurst, a_port_each(6), network(topology, 16, 2, 3));
        Moments moments = run(traffic, system);
        ASSERT_EQ(moments.done.size(), traffic.requests.size());
        EXPECT_EQ(system.stats().bursts_read + system.stats().bursts_written, traffic.bursts);
        std::map<std::pair<int, bool>, uint64_t> before;  // of a port and direction
        std::map<std::pair<int, bool>, uint64_t> data;
        for (const Request& request : traffic.requests) {
          uint64_t& earlier = before[{request.port, request.write}];
          EXPECT_GT(moments.done[request.id], earlier);
          earlier = moments.done[request.id];
          data[{request.port, request.write}] += request.bytes;
        }
        // No core's link carries more than 16 bytes a cycle, each way.
        for (const auto& [direction, bytes] : data) EXPECT_GE(before[direction] * 16, bytes);
        // Again, after a reset, and lagging behind as far as it may: the same to the cycle.
        system.reset();
        for (const Request& request : traffic.requests) system.push(0, request);
        EXPECT_EQ(drain_lagging(system).done, moments.done);
      }
}

TEST(Noc, RefusesFiguresItCannotSimulate) {
  const auto check = [](const spec::NocSpec& noc) { return System::check(fixed_dram(), kClock, kBurst, noc); };
  for (const char* topology : {"ideal", "crossbar", "mesh"}) EXPECT_EQ(check(network(topology, 16)), "");
  EXPECT_EQ(check(network("torus", 16)), "noc.topology: expected ideal, crossbar or mesh, got 'torus'");
  EXPECT_EQ(check(network("mesh", 0)), "noc.link_bytes_per_cycle: expected at least 1, got 0");
  EXPECT_EQ(check(network("mesh", 16, 0)), "noc.hop_cycles: expected at least 1, got 0");
  EXPECT_EQ(check(network("mesh", 16, 1, 0)), "noc.buffer_bursts: expected at least 1, got 0");
}

TEST(Noc, MoreOfALinkIsNeverSlower) {
  for (const char* topology : {"crossbar", "mesh"})
    for (uint32_t seed = 0; seed < 10; ++seed) {
      const Traffic traffic = random_traffic(seed, 6);
      uint64_t before = ~uint64_t{0};
      for (int link : {4, 8, 16, 32, 64}) {
        System system(fixed_dram(4), kClock, kBurst, a_port_each(6), network(topology, link));
        const uint64_t now = last(run(traffic, system));
        EXPECT_LE(now, before) << topology << " " << link << " " << seed;
        before = now;
      }
      System ideal(fixed_dram(4), kClock, kBurst, a_port_each(6));
      EXPECT_LT(last(run(traffic, ideal)), before);
    }
}

}  // namespace
}  // namespace systole::memory
