// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What model and RTL are compared on: networks in groups, which tests and rtl_cycles share.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hal/registry.h"
#include "tests/rtl_networks/comparison.h"

namespace systole::graph {

struct Group {
  std::string name;
  std::string settings;  // of the NPU, "key:value,key:value"; "": its own
  std::function<Status(Comparison&)> run;
  std::string file;    // a path that it reads; "": none
  bool quick = false;  // seconds on a small NPU
};
std::vector<Group> comparison_groups();

// Model and RTL of the NPU of that name. kUnavailable without Verilator, kUnsupported where the RTL has no hardware for
// a figure.
Result<Comparison> compare_model_and_rtl(const std::string& npu, const std::string& settings);

}  // namespace systole::graph
