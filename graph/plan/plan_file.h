// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A compiled model on disk: the graph, its plan, constants, and what a device compiled of each command list.
// docs/plan_file.md has the layout.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "graph/ir.h"
#include "graph/plan/plan.h"
#include "hal/status.h"

namespace systole::graph {

inline constexpr int kPlanFileVersion = 2;

struct PlanFile {
  std::map<std::string, std::string> facts;    // what the writer wants to say: model, versions, options
  std::string device, fallback;                // URIs as they are opened; fallback "" where there is none
  Graph graph;                                 // as it was given to compile
  Plan plan;                                   // its devices are not in the file: null after reading
  std::vector<std::vector<std::byte>> images;  // by step; empty where the device compiles anew
};

// Whether the file begins as one; false also where it can't be read.
bool is_plan_file(const std::string& path);

// All or nothing: written beside `path` and renamed. kUnavailable with the system's reason.
Status write_plan_file(const std::string& path, const PlanFile& file);

// kDataLoss with the place and what was expected, for a file that is cut short, damaged or unsound; kUnsupported for
// another version. Nothing larger is allocated than the file's own size accounts for.
Result<PlanFile> read_plan_file(const std::string& path);

}  // namespace systole::graph
