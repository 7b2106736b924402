// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What is known of the error of a run's times.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace systole::report {

struct PublishedError {
  std::string source, kind, structure;  // a file of configs/validation; silicon, ...; exact, ...
  int64_t cases = 0;
  double mean_percent = 0;   // of the absolute errors
  double worst_percent = 0;  // signed
  std::string worst_case;
};

struct Accuracy {
  std::string times;                      // measured | simulated
  std::string config;                     // what was simulated: a preset, with overrides, or a file; "" when measured
  std::string structure;                  // exact | analogue | estimate-only
  std::string rtl;                        // beside the RTL
  std::string dram;                       // beside a DRAM reference
  std::vector<PublishedError> published;  // of this preset without overrides; empty: uncalibrated
  std::string uncalibrated;               // why `published` is empty; "" where it is not
};

// A line each, for people.
std::vector<std::string> accuracy_lines(const Accuracy& accuracy);
nlohmann::ordered_json accuracy_json(const Accuracy& accuracy);

}  // namespace systole::report
