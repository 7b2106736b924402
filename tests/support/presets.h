// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What holds of the presets of every kind.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "configs/spec/load.h"

namespace systole::tests {

// Each of `all` is valid, named as its file and has sources; `wrong`, close to the name of one, is answered with
// `right`.
template <class Load>
void expect_presets(const std::vector<spec::Preset>& all, Load load, const std::string& wrong,
                    const std::string& right) {
  for (const spec::Preset& each : all) {
    EXPECT_TRUE(each.valid) << each.name << ": " << each.description;
    const auto loaded = load(each.name);
    ASSERT_TRUE(loaded.ok()) << loaded.status().message();
    EXPECT_EQ(loaded->name, each.name);
    EXPECT_FALSE(loaded->sources.empty()) << each.name;
  }
  const auto missing = load(wrong);
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.status().message().find("did you mean '" + right + "'"), std::string::npos);
}

}  // namespace systole::tests
