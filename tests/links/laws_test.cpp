// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What holds whatever is sent: bytes are conserved, no channel is above its peak, more of anything is never slower, the
// same calls give the same times, and nothing waits for ever.
#include <random>

#include "tests/links/shapes.h"

namespace systole::links_tests {
namespace {

struct Drawn {
  int from, to;
  int64_t bytes;
  bool reduce;
  Femtoseconds at;
};

std::vector<Drawn> draw(const Shape& s, uint32_t seed, int count) {
  std::mt19937 random(seed);
  const int nodes = s.devices + (s.host == Host::kNone ? 0 : 1);
  std::vector<Drawn> all;
  while (static_cast<int>(all.size()) < count) {
    const int from = static_cast<int>(random() % nodes), to = static_cast<int>(random() % nodes);
    if (from == to) continue;
    all.push_back({from, to, static_cast<int64_t>(random() % 40000), random() % 2 == 0,
                   static_cast<Femtoseconds>(random() % 2000000000)});
  }
  return all;
}

struct Seen {
  Femtoseconds end = 0;
  int64_t sent = 0, received = 0;
  size_t arrived = 0;
  std::vector<Femtoseconds> arrivals;
};

Seen play(const Shape& s, const std::vector<Drawn>& drawn) {
  Network network(s);
  Seen seen;
  for (const Drawn& each : drawn) {
    const int flow = network.add_flow(each.from, each.to);
    network.at(each.at, [&network, &seen, each, flow] {
      network.send(flow, each.bytes, each.reduce, [&] {
        ++seen.arrived;
        seen.arrivals.push_back(network.now());
      });
    });
  }
  network.run();
  seen.end = seen.arrivals.empty() ? 0 : seen.arrivals.back();
  seen.sent = network.sent_bytes(), seen.received = network.received_bytes();
  for (size_t i = 0; i < network.fabric().channels.size(); ++i) {
    const ChannelStats& stats = network.stats(static_cast<int>(i));
    const Channel& channel = network.fabric().channels[i];
    EXPECT_LE(static_cast<double>(stats.wire_bytes), seconds(seen.end) * static_cast<double>(channel.bytes_per_second));
    EXPECT_EQ(stats.wire_bytes, stats.payload_bytes + stats.packets * channel.header_bytes);
    EXPECT_LE(stats.busy + stats.blocked, seen.end + 1);
  }
  return seen;
}

std::vector<Shape> all_shapes(uint32_t seed) {
  std::vector<Shape> shapes;
  for (const Topology topology : {Topology::kRing, Topology::kFullyConnected, Topology::kSwitch}) {
    for (const int devices : {2, 3, 5, 8}) {
      Shape s = shape(topology, devices);
      s.host_link = preset("pcie-gen4-x16");
      s.host = topology == Topology::kSwitch && seed % 2 ? Host::kSwitchPort : seed % 3 ? Host::kOwnLinks : Host::kNone;
      if (seed % 2) s.memory_bytes_per_second = 300e9;
      if (seed % 4 == 1) s.link.link.buffer_packets = 2;  // FIFOs that fill
      shapes.push_back(s);
    }
  }
  return shapes;
}

TEST(Laws, WhateverIsSentArrivesOnceAndInTime) {
  for (uint32_t seed = 0; seed < 12; ++seed) {
    for (const Shape& s : all_shapes(seed)) {
      const auto drawn = draw(s, seed, 120);
      const Seen seen = play(s, drawn);
      EXPECT_EQ(seen.arrived, drawn.size());
      EXPECT_EQ(seen.sent, seen.received);
      int64_t bytes = 0;
      for (const Drawn& each : drawn) bytes += each.bytes;
      EXPECT_EQ(seen.sent, bytes);
      EXPECT_EQ(play(s, drawn).arrivals, seen.arrivals);
    }
  }
}

// Rings whose FIFOs are as small as they may be, all sending the long way at once: full but never stuck.
TEST(Laws, ARingNeverLocks) {
  for (const int devices : {3, 4, 7, 8}) {
    Shape s = shape(Topology::kRing, devices, "ici-v5e");
    s.link.link.buffer_packets = 2;
    std::vector<Drawn> drawn;
    for (int from = 0; from < devices; ++from)
      drawn.push_back({from, (from + devices / 2) % devices, 200000, false, 0});
    const Seen seen = play(s, drawn);
    EXPECT_EQ(seen.arrived, drawn.size());
  }
}

TEST(Laws, MoreBandwidthIsNeverSlower) {
  for (const Topology topology : {Topology::kRing, Topology::kFullyConnected, Topology::kSwitch})
    for (const Algorithm algorithm : {Algorithm::kRing, Algorithm::kDirect})
      for (const int devices : {2, 4, 7}) {
        Shape s = shape(topology, devices);
        Femtoseconds before = 0;
        for (const double factor : {4.0, 2.0, 1.5, 1.0, 0.7, 0.3, 0.1}) {
          s.link.link.bytes_per_second = 25e9 * factor;
          const Femtoseconds time = time_alone(s, {Operation::kAllReduce, algorithm, 300000, 2});
          EXPECT_GE(time, before) << devices << " " << factor;
          before = time;
        }
        s.link.link.bytes_per_second = 25e9;
        before = 0;
        for (const int64_t bytes : {100, 5000, 5001, 80000, 300000, 2000000}) {
          const Femtoseconds time = time_alone(s, {Operation::kAllReduce, algorithm, bytes, 1});
          EXPECT_GE(time, before) << bytes;
          before = time;
        }
      }
}

// A packet takes its time and a latency on each link, whichever way round is shorter.
TEST(Laws, AMessageGoesTheShorterWayRound) {
  for (int to = 1; to < 8; ++to) {
    Network network(shape(Topology::kRing, 8));
    network.send(network.add_flow(0, to), 256, false, [] {});
    network.run();
    const double link = (256 + 32) / 225e9 + 500e-9;
    EXPECT_NEAR(seconds(network.now()), std::min(to, 8 - to) * link, 1e-6 * link) << to;
  }
}

// With the FIFO that follows from bandwidth and latency a stream runs at the channel's rate; with less, as many packets
// as there are places go a round trip (on a ring one less: who enters leaves a place free). Through a switch a round
// trip is longer by the switch and a second packet.
TEST(Laws, CreditsBoundAStream) {
  const int packets = 16384, places = 180;  // 10 times 18 links
  ChannelStats first;
  const auto time = [&](const Shape& s) {
    Network network(s);
    network.send(network.add_flow(0, 1), packets * 256, false, [] {});
    network.run();
    first = network.stats(network.fabric().next_of(0, 1));
    return seconds(network.now());
  };
  Shape s = shape(Topology::kRing, 2);
  const double one = (256 + 32) / 450e9, latency = 500e-9;
  const double busy = packets * one, wire = busy + latency;
  EXPECT_NEAR(time(s), wire, 1e-6 * wire);
  EXPECT_EQ(first.blocked, 0);
  // When the last packet starts.
  const auto last = [&](int under_way, double round) {
    return (packets - 1) / under_way * round + (packets - 1) % under_way * one;
  };
  s.link.link.buffer_packets = 10;
  const double starved = last(places - 1, 2 * latency + one) + one + latency;
  EXPECT_NEAR(time(s), starved, 1e-6 * starved);
  EXPECT_NEAR(seconds(first.blocked), starved - wire, 1e-6 * starved);
  s = shape(Topology::kSwitch, 2);
  s.link.link.buffer_packets = 10;
  const double round = 2 * latency + 2 * one + s.link.switch_.latency, through = last(places, round) + round;
  EXPECT_NEAR(time(s), through, 1e-6 * through);
}

}  // namespace
}  // namespace systole::links_tests
