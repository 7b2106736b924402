// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Collectives beside their closed forms.
#include <cmath>

#include "tests/links/shapes.h"
#include "tests/tolerance.h"

namespace systole::links_tests {
namespace {

// Written out here once more, apart from the code under test: 2(N-1)/N of the bytes, as packets, over the bandwidth of
// a way, and 2(N-1) latencies.
double ring_all_reduce_seconds(const Shape& s, int64_t bytes) {
  const double n = s.devices, part = std::ceil(static_cast<double>(bytes) / n);
  const double packets = std::ceil(part / s.link.link.payload_bytes);
  const double rate = s.link.link.bytes_per_second * (s.link.link.per_device / std::min(2, s.devices - 1));
  return 2 * (n - 1) * ((part + packets * s.link.link.header_bytes) / rate + s.link.link.latency);
}

TEST(Ring, AllReduceIsItsClosedForm) {
  for (const char* name : {"nvlink4", "ici-v5e"}) {
    for (int devices = 2; devices <= 8; ++devices) {
      const Shape s = shape(Topology::kRing, devices, name);
      for (const int64_t bytes : {int64_t{1}, int64_t{1000}, int64_t{64} << 10, int64_t{1000003}, int64_t{4} << 20}) {
        const Collective what{Operation::kAllReduce, Algorithm::kRing, bytes, 1};
        const double expected = ring_all_reduce_seconds(s, bytes);
        EXPECT_NEAR(seconds(time_alone(s, what)), expected, tests::kClosedForm * expected) << name << devices << bytes;
        EXPECT_NEAR(*closed_form_seconds(s, what), expected, 1e-12) << name << devices << bytes;
      }
    }
  }
}

TEST(Every, CollectiveWithAClosedFormIsIt) {
  int compared = 0;
  for (const Topology topology : {Topology::kRing, Topology::kFullyConnected, Topology::kSwitch})
    for (const int devices : {2, 3, 8})
      for (const Operation operation : {Operation::kAllReduce, Operation::kAllGather, Operation::kReduceScatter})
        for (const Algorithm algorithm : {Algorithm::kRing, Algorithm::kDirect, Algorithm::kOneShot})
          for (const int chunks : {1, 4, 16})
            for (const int64_t bytes : {int64_t{8} << 10, int64_t{512} << 10, int64_t{1000003}}) {
              const Shape s = shape(topology, devices);
              const Collective what{operation, algorithm, bytes, chunks};
              if (wrong_with(s, what) != "") continue;
              const auto form = closed_form_seconds(s, what);
              if (!form) continue;
              ++compared;
              EXPECT_NEAR(seconds(time_alone(s, what)), *form, tests::kClosedForm * *form)
                  << static_cast<int>(topology) << " " << devices << " " << static_cast<int>(operation) << " "
                  << static_cast<int>(algorithm) << " " << chunks << " " << bytes;
            }
  EXPECT_GT(compared, 300);
}

// A large tensor in one chunk pays a latency a step; in many, one in all.
TEST(Ring, ChunksHideLatency) {
  Shape s = shape(Topology::kRing, 8);
  s.link.link.latency = 4e-6;
  Collective what{Operation::kAllReduce, Algorithm::kRing, 8 << 20, 1};
  const double one = seconds(time_alone(s, what));
  what.chunks = 8;
  const double many = seconds(time_alone(s, what));
  EXPECT_LT(many, 0.65 * one);
}

// All that is sent, by hand: a gather and a scatter send each part to all others; a reduction of all is both, or in one
// shot the whole tensor from each to each.
TEST(Collectives, SendWhatTheySay) {
  for (const Topology topology : {Topology::kRing, Topology::kFullyConnected, Topology::kSwitch})
    for (const Operation operation : {Operation::kAllReduce, Operation::kAllGather, Operation::kReduceScatter})
      for (const Algorithm algorithm : {Algorithm::kRing, Algorithm::kDirect, Algorithm::kOneShot}) {
        const Shape s = shape(topology, 5);
        const bool all = operation == Operation::kAllReduce, at_once = algorithm == Algorithm::kOneShot;
        const Collective what{operation, algorithm, 500000, at_once ? 1 : 3};
        EXPECT_EQ(wrong_with(s, what) == "", all || !at_once);  // one_shot with all_reduce only
        if (at_once && !all) continue;
        Network network(s);
        bool done = false;
        begin(network, what, [&] { done = true; });
        network.run();
        EXPECT_TRUE(done);
        const int64_t by_each = at_once ? 4 * 500000 : (all ? 2 : 1) * 4 * 100000;
        EXPECT_EQ(network.sent_bytes(), 5 * by_each);
        EXPECT_EQ(network.received_bytes(), 5 * by_each);
        EXPECT_EQ(sent_by_device(what, 5), by_each);
      }
}

TEST(Collectives, WhatCantBeSentIsSaid) {
  const auto wrong = [](Collective what, double memory = 0) {
    Shape s = shape(Topology::kRing, 4);
    s.memory_bytes_per_second = memory;
    return wrong_with(s, what).substr(0, 40);
  };
  const Operation reduce = Operation::kAllReduce;
  EXPECT_EQ(wrong({reduce, Algorithm::kRing, 1 << 20, 1024}), "");
  EXPECT_EQ(wrong({reduce, Algorithm::kRing, 0, 1}), "bytes: expected at least 1, got 0");
  EXPECT_EQ(wrong({reduce, Algorithm::kRing, (int64_t{1} << 40) + 1, 1}), "bytes: expected at most 1 TiB, got 10995");
  EXPECT_EQ(wrong({reduce, Algorithm::kRing, int64_t{1} << 38, 1}), "bytes: expected at most 1000000000 packe");
  EXPECT_EQ(wrong({reduce, Algorithm::kRing, int64_t{1} << 34, 1}, 1e7), "bytes: expected what takes less than an ");
  EXPECT_EQ(wrong({reduce, Algorithm::kRing, 1000, 0}), "chunks: expected 1 to 1024, got 0");
  EXPECT_EQ(wrong({reduce, Algorithm::kRing, 1000, 1025}), "chunks: expected 1 to 1024, got 1025");
  EXPECT_EQ(wrong({Operation::kAllGather, Algorithm::kOneShot, 1000, 1}), "algorithm: expected one_shot with all_re");
  EXPECT_EQ(wrong({reduce, Algorithm::kOneShot, 1000, 2}), "chunks: expected 1 with one_shot, whose ");
}

// Memory bounds it from below: a step of a reduction reads a part to send it, reads and writes one to add to it.
TEST(Memory, IsALimit) {
  for (const Topology topology : {Topology::kRing, Topology::kSwitch}) {
    Shape s = shape(topology, 4);
    const Collective what{Operation::kAllReduce, Algorithm::kRing, 4 << 20, 4};
    const double unlimited = seconds(time_alone(s, what));
    double before = unlimited;
    for (const double rate : {3000e9, 800e9, 100e9, 20e9}) {
      s.memory_bytes_per_second = rate;
      const double time = seconds(time_alone(s, what)), least = 3 * (4 << 20) / 4.0 * (3 + 2) / rate;
      EXPECT_GE(time, before);
      EXPECT_GE(time, least);
      if (least > 3 * unlimited) {
        EXPECT_LT(time, 1.3 * least);
      }
      EXPECT_FALSE(closed_form_seconds(s, what));
      before = time;
    }
    EXPECT_GT(before, 5 * unlimited);
  }
}

}  // namespace
}  // namespace systole::links_tests
