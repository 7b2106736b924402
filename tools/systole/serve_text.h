// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What `systole serve` prints and writes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "serve/measures.h"
#include "tools/systole/serve_npu.h"

namespace systole::cli {

// One policy's run.
struct Serving {
  std::string policy;  // its name
  serve::ServerSpec spec;
  serve::Outcome outcome;
  serve::Summary summary;
};

// What was asked, for people and programs.
struct ServingQuestion {
  std::string requests;  // where they come from
  std::string cost;      // where the times of steps come from
  std::string kind;      // of these: estimated, simulated, or table where the user gave one
  std::vector<HeldOut> held_out;
  std::optional<serve::CostTable> table;  // where steps were simulated
  serve::Objectives objectives;
};

std::string serving_text(const ServingQuestion& question, const std::vector<Serving>& runs);
std::string serving_json(const ServingQuestion& question, const std::vector<Serving>& runs);
// requests.POLICY.csv and occupancy.POLICY.csv of each, and cost.csv where there is a table, into a folder that is made
// where there is none.
Status write_serving(const std::string& folder, const ServingQuestion& question,
                     const std::vector<serve::Request>& requests, const std::vector<Serving>& runs);

}  // namespace systole::cli
