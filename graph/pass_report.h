// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the graph passes did, one line a change, for people to read.
#pragma once

#include <string>
#include <vector>

namespace systole::graph {

struct PassReport {
  std::vector<std::string> lines;
};

inline void note(PassReport* report, std::string line) {
  if (report != nullptr) report->lines.push_back(std::move(line));
}

}  // namespace systole::graph
