// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include "configs/spec/load.h"
#include "sim/links/collective.h"

namespace systole::links_tests {

using namespace links;

inline spec::LinkSpec preset(const std::string& name) {
  const auto loaded = spec::load_link_spec(name);
  EXPECT_TRUE(loaded.ok()) << loaded.status().message();
  return loaded.ok() ? *loaded : spec::LinkSpec{};
}

inline Shape shape(Topology topology, int devices, const std::string& name = "nvlink4") {
  Shape result;
  result.topology = topology;
  result.devices = devices;
  result.link = preset(name);
  EXPECT_EQ(wrong_with(result), "");
  return result;
}

inline double seconds(Femtoseconds time) { return static_cast<double>(time) * 1e-15; }

}  // namespace systole::links_tests
