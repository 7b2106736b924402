// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Presets, and presets changed.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "configs/spec/load.h"

namespace systole::dram_tests {

inline spec::DramDevice device(const std::string& preset, const std::vector<std::string>& changes = {}) {
  auto loaded = spec::load_dram_device(preset);
  EXPECT_TRUE(loaded.ok()) << loaded.status().message();
  for (const std::string& change : changes) {
    const Status status = spec::apply_override(*loaded, change);
    EXPECT_TRUE(status.ok()) << preset << ": " << status.message();
  }
  return *loaded;
}

inline std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const spec::Preset& preset : spec::dram_presets()) names.push_back(preset.name);
  return names;
}

// Every preset as it is, and with what else a controller or a board may do.
inline std::vector<std::pair<std::string, spec::DramDevice>> variants() {
  std::vector<std::pair<std::string, spec::DramDevice>> all;
  for (const std::string& name : preset_names()) {
    all.emplace_back(name, device(name));
    all.emplace_back(name + " closed page", device(name, {"controller.page=closed"}));
    all.emplace_back(name + " without refresh", device(name, {"controller.refresh=none"}));
    all.emplace_back(name + " short queues", device(name, {"controller.read_queue=3", "controller.write_queue=2"}));
    if (all[all.size() - 4].second.timing.refi_bank > 0)
      all.emplace_back(name + " refresh per bank", device(name, {"controller.refresh=per_bank"}));
    all.emplace_back(name + " of two channels", device(name, {"organization.channels=2"}));
  }
  for (const char* name : {"ddr3-1600", "ddr4-2400", "ddr5-4800", "lpddr4-3200", "lpddr5-6400"})
    all.emplace_back(std::string(name) + " of two ranks", device(name, {"organization.ranks=2"}));
  return all;
}

}  // namespace systole::dram_tests
