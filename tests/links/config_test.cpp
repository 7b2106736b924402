// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Files of configs/links, and shapes that can't be built.
#include "tests/links/shapes.h"
#include "tests/support/presets.h"
#include "tests/support/replaced.h"

namespace systole::links_tests {
namespace {

constexpr const char* kSmall = R"(name: small
description: a test's
link:
  bytes_per_second: 1GB/s
  latency: 100ns
  payload_bytes: 256
)";

std::string changed(const std::string& from, const std::string& to) { return tests::replaced(kSmall, from, to); }

TEST(LinkFile, WhatIsWrongIsNamedWithItsPlace) {
  const struct {
    std::string text, message;
  } cases[] = {
      {changed("  latency", "  latence"), "l.yaml:5:3: link.latence: expected a known key (nearest: link.latency)"},
      {changed("1GB/s", "1GB"), "l.yaml:4:3: link.bytes_per_second: expected a number with a unit (B/s,"},
      {changed("  latency: 100ns\n", ""), "l.yaml:1:1: link.latency: expected this key, got a file without it"},
      {changed("256", "4"), "l.yaml:6:3: link.payload_bytes: expected 8 B to 1048576 B, got '4'"},
      {changed("256", "256\n  buffer_packets: 1"), "l.yaml:7:3: link.buffer_packets: expected 0 or at least 2, got 1"},
      {changed("256", "256\n  payload_bytes: 256"), "expected each key once, got a duplicate"},
  };
  for (const auto& each : cases) {
    const auto parsed = spec::parse_link_spec(each.text, "l.yaml");
    ASSERT_FALSE(parsed.ok()) << each.message;
    EXPECT_EQ(parsed.status().code(), Code::kInvalidArgument);
    EXPECT_NE(parsed.status().message().find(each.message), std::string::npos) << parsed.status().message();
  }
}

TEST(LinkFile, PresetsAreValidAndNamedAsTheirFiles) {
  EXPECT_GE(spec::link_presets().size(), 7u);
  tests::expect_presets(spec::link_presets(), spec::load_link_spec, "nvlink44", "nvlink4");
}

// The published totals that the files' figures stand for.
TEST(LinkFile, RatesAreThosePublished) {
  const auto total = [](const char* name) {
    const spec::LinkSpec spec = preset(name);
    return spec.link.bytes_per_second * spec.link.per_device;
  };
  EXPECT_DOUBLE_EQ(total("nvlink3") * 2, 600e9);
  EXPECT_DOUBLE_EQ(total("nvlink4") * 2, 900e9);
  EXPECT_DOUBLE_EQ(total("ici-v5e") * 2 * 8, 1600e9);  // half of the torus's four links
  EXPECT_NEAR(total("pcie-gen3-x16"), 16 * 8e9 * 128 / 130 / 8, 1000);
  EXPECT_NEAR(total("pcie-gen4-x16"), 16 * 16e9 * 128 / 130 / 8, 1000);
  EXPECT_NEAR(total("pcie-gen5-x16"), 16 * 32e9 * 128 / 130 / 8, 1000);
}

TEST(LinkFile, OverridesAreCheckedAsTheFileIs) {
  spec::LinkSpec spec = preset("nvlink4");
  EXPECT_FALSE(spec::apply_override(spec, "link.buffer_packets=1").ok());
  EXPECT_EQ(spec.link.buffer_packets, 0);
  EXPECT_TRUE(spec::apply_override(spec, "link.latency=2us").ok());
  EXPECT_DOUBLE_EQ(spec.link.latency, 2e-6);
}

TEST(Shapes, WhatCantBeBuiltIsSaid) {
  Shape s = shape(Topology::kRing, 4, "nvlink4");
  s.devices = 1;
  EXPECT_EQ(wrong_with(s), "devices: expected 2 to 64, got 1");
  s.devices = 20, s.topology = Topology::kFullyConnected;
  EXPECT_NE(wrong_with(s).find("at most the 18 links that a device of 'nvlink4' has, got one that needs 19"),
            std::string::npos);
  s.devices = 4, s.topology = Topology::kRing, s.link = preset("pcie-gen4-x16");
  EXPECT_NE(wrong_with(s).find("got one that needs 2"), std::string::npos);
  s.devices = 2;
  EXPECT_EQ(wrong_with(s), "");
  s.host = Host::kSwitchPort;
  EXPECT_NE(wrong_with(s).find("host: "), std::string::npos);
}

// The least packets at the highest rate and latency that a file may have: more places than an int counts.
TEST(Shapes, AFifoForAnyRoundTrip) {
  Shape s = shape(Topology::kRing, 2);
  s.link.link = {.bytes_per_second = 1e14, .per_device = 1024, .latency = 1e-3, .payload_bytes = 8, .header_bytes = 0};
  EXPECT_EQ(fabric_of(s).channels[0].places, 2'000'000'000'005);
  EXPECT_GT(time_alone(s, {Operation::kAllReduce, Algorithm::kRing, 1000, 1}), femtoseconds(2e-3));
}

// Times are bounded with all that they are made of: a femtosecond's count never overflows.
TEST(Collectives, WhatTakesTooLongIsSaid) {
  Shape s = shape(Topology::kRing, 8);
  s.link.link = {.bytes_per_second = 1e6, .per_device = 2, .latency = 0, .payload_bytes = 8, .header_bytes = 4096};
  const Collective what{Operation::kAllReduce, Algorithm::kRing, 100'000'000, 1};
  EXPECT_EQ(wrong_with(s, what), "bytes: expected what takes less than an hour, got more") << "headers";
  s.link.link = {.bytes_per_second = 1e9, .per_device = 2, .latency = 1e-3, .payload_bytes = 256, .buffer_packets = 2};
  EXPECT_EQ(wrong_with(s, what), "bytes: expected what takes less than an hour, got more") << "credits";
  s.link.link.buffer_packets = 0;
  EXPECT_EQ(wrong_with(s, what), "");
  s.memory_bytes_per_second = 1e6;
  EXPECT_EQ(wrong_with(s, what), "bytes: expected what takes less than an hour, got more") << "memory";
  EXPECT_EQ(wrong_with(s, {Operation::kAllGather, Algorithm::kOneShot, 8, 1}),
            "algorithm: expected one_shot with all_reduce only, got it with another collective");
  EXPECT_EQ(wrong_with(s, {Operation::kAllReduce, Algorithm::kOneShot, 8, 3}),
            "chunks: expected 1 with one_shot, whose packets are on their way at once, got 3");
}

// Links are shared out: 18 of a device give a ring's two ways 9 each, and three ways 6 each.
TEST(Shapes, LinksAreSharedOut) {
  EXPECT_EQ(fabric_of(shape(Topology::kSwitch, 4)).channels[0].bytes_per_second, 450000000000);
  EXPECT_EQ(fabric_of(shape(Topology::kRing, 4)).channels[0].bytes_per_second, 225000000000);
  EXPECT_EQ(fabric_of(shape(Topology::kRing, 2)).channels[0].bytes_per_second, 450000000000);
  EXPECT_EQ(fabric_of(shape(Topology::kFullyConnected, 4)).channels[0].bytes_per_second, 150000000000);
  EXPECT_EQ(fabric_of(shape(Topology::kFullyConnected, 5)).channels[0].bytes_per_second, 100000000000) << "two unused";
}

}  // namespace
}  // namespace systole::links_tests
