// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/quantity.h"

#include <gtest/gtest.h>

namespace systole::spec {
namespace {

TEST(Quantity, UnitsAreExact) {
  EXPECT_EQ(parse_whole("256KiB", Dimension::kBytes).value(), 262144);
  EXPECT_EQ(parse_whole("1.5 MiB", Dimension::kBytes).value(), 1572864);
  EXPECT_EQ(parse_whole("4096", Dimension::kBytes).value(), 4096);
  EXPECT_EQ(parse_whole("700MHz", Dimension::kHertz).value(), 700000000);
  EXPECT_EQ(parse_whole("1.05GHz", Dimension::kHertz).value(), 1050000000);
  EXPECT_EQ(parse_real("34GB/s", Dimension::kBytesPerSecond).value(), 34e9);
  EXPECT_EQ(parse_real("12.8GB/s", Dimension::kBytesPerSecond).value(), 12.8e9);
  EXPECT_EQ(parse_real("4ns", Dimension::kSeconds).value(), 4e-9);
  EXPECT_EQ(parse_real("10GFLOP/s", Dimension::kFlops).value(), 10e9);
  EXPECT_EQ(parse_whole("0", Dimension::kCount).value(), 0);
}

TEST(Quantity, WhatYamlLibrariesWouldGuessIsRefused) {
  const std::pair<const char*, Dimension> bad[] = {
      {"010", Dimension::kCount},
      {"1e3", Dimension::kCount},
      {"0x10", Dimension::kCount},
      {"1_000", Dimension::kCount},
      {"on", Dimension::kCount},
      {"4.0", Dimension::kCount},
      {"-1", Dimension::kCount},
      {"+1", Dimension::kCount},
      {"", Dimension::kCount},
      {"8 ", Dimension::kCount},
      {"12KiB", Dimension::kCount},
      {"256 kib", Dimension::kBytes},
      {"256K", Dimension::kBytes},
      {"700MHz", Dimension::kBytes},
      {"1.5", Dimension::kBytes},
      {"700", Dimension::kHertz},
      {"700mhz", Dimension::kHertz},
      {"34GB", Dimension::kBytesPerSecond},
      {"34GiB/", Dimension::kBytesPerSecond},
      {"34  GB/s", Dimension::kBytesPerSecond},
      {"4", Dimension::kSeconds},
      {"99999999999999999999", Dimension::kCount},
      {".5GHz", Dimension::kHertz},
      {"1.GHz", Dimension::kHertz},
  };
  for (const auto& [text, dimension] : bad) {
    const auto result = parse_whole(text, dimension);
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.status().message().rfind("expected ", 0), 0u);
    EXPECT_NE(result.status().message().find("got '" + std::string(text) + "'"), std::string::npos)
        << result.status().message();
  }
  EXPECT_EQ(parse_whole("0.3B", Dimension::kBytes).status().message(), "expected a whole number of B, got '0.3B'");
}

}  // namespace
}  // namespace systole::spec
