// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Several at once, where no closed form tells.
#include "tests/links/shapes.h"

namespace systole::links_tests {
namespace {

Femtoseconds together(const Shape& s, const std::vector<Collective>& all, std::vector<Femtoseconds>* ends = nullptr) {
  Network network(s);
  Femtoseconds end = 0;
  for (const Collective& each : all)
    begin(network, each, [&] {
      end = network.now();
      if (ends) ends->push_back(end);
    });
  network.run();
  return end;
}

// Two of them take turns on every way: together no faster than the bytes of both allow, no slower than in a row, and
// the larger one alone is faster.
TEST(Contention, TwoCollectivesShareLinks) {
  for (const Topology topology : {Topology::kRing, Topology::kFullyConnected, Topology::kSwitch}) {
    const Shape s = shape(topology, 4);
    const Collective a{Operation::kAllReduce, Algorithm::kRing, 2 << 20, 4};
    const Collective b{Operation::kAllGather, Algorithm::kDirect, 1 << 20, 4};
    const Femtoseconds alone_a = time_alone(s, a), alone_b = time_alone(s, b);
    std::vector<Femtoseconds> ends;
    const Femtoseconds both = together(s, {a, b}, &ends);
    EXPECT_EQ(ends.size(), 2u);
    EXPECT_GT(both, std::max(alone_a, alone_b));
    EXPECT_LE(both, alone_a + alone_b + femtoseconds(1e-6));
    EXPECT_EQ(together(s, {a, b}), both);
  }
}

// Equal ones share fairly: they end at nearly the same time, about twice one's.
TEST(Contention, EqualOnesShareFairly) {
  const Shape s = shape(Topology::kRing, 4);
  const Collective one{Operation::kAllReduce, Algorithm::kRing, 4 << 20, 1};
  std::vector<Femtoseconds> ends;
  const Femtoseconds both = together(s, {one, one}, &ends);
  const Femtoseconds alone = time_alone(s, one);
  EXPECT_GT(both, alone * 17 / 10);
  EXPECT_LT(both, alone * 21 / 10);
  EXPECT_LT(ends[1] - ends[0], both / 20);
}

// A host that reads from every device over a port of the same switch slows the collective; over links of its own it
// doesn't, unless memory is what both want.
TEST(Contention, HostTrafficSlowsWhatItShares) {
  Shape s = shape(Topology::kSwitch, 4, "pcie-gen4-x16");
  s.host_link = s.link;
  const Collective what{Operation::kAllReduce, Algorithm::kRing, 4 << 20, 1};
  const Femtoseconds alone = time_alone(s, what);
  const auto with_host = [&] {
    Network network(s);
    Femtoseconds end = 0;
    begin(network, what, [&] { end = network.now(); });
    for (int device = 0; device < s.devices; ++device)
      network.send(network.add_flow(network.fabric().host, device), 4 << 20, false, [] {});
    network.run();
    return end;
  };
  s.host = Host::kSwitchPort;
  EXPECT_GT(with_host(), alone + alone / 10);
  s.host = Host::kOwnLinks;
  EXPECT_EQ(with_host(), alone);
  s.memory_bytes_per_second = 60e9;
  EXPECT_GT(with_host(), time_alone(s, what) + alone / 10);
}

}  // namespace
}  // namespace systole::links_tests
