// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "report/accuracy.h"

#include <cstdio>

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

}  // namespace systole::report
