// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "report/accuracy.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace systole::report {

std::vector<std::string> accuracy_lines(const Accuracy& accuracy) {
  if (accuracy.times == "measured") return {"times are measured on this machine"};
  std::vector<std::string> lines = {"RTL: " + accuracy.rtl, "DRAM: " + accuracy.dram};
  for (const PublishedError& one : accuracy.published) {
    char text[96];
    std::snprintf(text, sizeof text, "mean absolute error %.1f %% of %lld cases, worst %+.1f %%", one.mean_percent,
                  static_cast<long long>(one.cases), one.worst_percent);
    lines.push_back("published: " + one.source + " (" + one.kind + ", structure " + one.structure + "): " + text +
                    " (" + one.worst_case + ")");
  }
  if (accuracy.published.empty()) lines.push_back("published: uncalibrated: " + accuracy.uncalibrated);
  return lines;
}

nlohmann::ordered_json accuracy_json(const Accuracy& accuracy) {
  nlohmann::ordered_json json{{"times", accuracy.times}};
  if (accuracy.times == "measured") return json;
  json["config"] = accuracy.config;
  json["structure"] = accuracy.structure;
  json["rtl"] = accuracy.rtl;
  json["dram"] = accuracy.dram;
  json["published"] = nlohmann::ordered_json::array();
  for (const PublishedError& one : accuracy.published)
    json["published"].push_back({{"source", one.source},
                                 {"kind", one.kind},
                                 {"cases", one.cases},
                                 {"mean_absolute_error_percent", one.mean_percent},
                                 {"worst_error_percent", one.worst_percent},
                                 {"worst_case", one.worst_case}});
  if (!accuracy.uncalibrated.empty()) json["uncalibrated"] = accuracy.uncalibrated;
  return json;
}

}  // namespace systole::report
