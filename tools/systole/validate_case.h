// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A published case on the simulated device it names.
#pragma once

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "configs/spec/validation.h"
#include "report/layers.h"

namespace systole::cli {

struct Checked {
  spec::ValidationCase what;
  std::string structure;  // of the hardware: exact, analogue, estimate-only
  bool overridden = false;
  Status status;         // of running it; kUnsupported: the device has no way to
  double simulated = 0;  // in the published figure's unit
  double error = 0;      // simulated / published - 1
  double cycles = 0;
  std::array<double, report::kBounds> causes{};  // shares of the cycles by report::Bound, from kCompute on
  bool ran() const { return status.ok(); }
  bool within() const { return what.tolerance_percent == 0 || std::abs(error) * 100 <= what.tolerance_percent; }
};

// What a source's cases give together; `hardware` and `structure`: each name once, commas between.
struct ErrorSummary {
  std::string hardware, structure;
  int64_t cases = 0, unsupported = 0;
  double mean = 0;  // of the absolute errors
  const Checked* worst = nullptr;
};

Checked check_case(const spec::ValidationCase& what);
// `counts`: which of them.
template <class Counts>
ErrorSummary summarize(const std::vector<Checked>& cases, Counts counts) {
  ErrorSummary sum;
  for (const Checked& one : cases) {
    if (!counts(one)) continue;
    if (!one.ran()) {
      ++sum.unsupported;
      continue;
    }
    for (const auto& [names, name] : {std::pair{&sum.hardware, &one.what.hardware}, {&sum.structure, &one.structure}})
      if ((", " + *names + ",").find(", " + *name + ",") == std::string::npos)
        *names += (sum.cases ? ", " : "") + *name;
    ++sum.cases;
    sum.mean += std::abs(one.error);
    if (!sum.worst || std::abs(one.error) > std::abs(sum.worst->error)) sum.worst = &one;
  }
  if (sum.cases) sum.mean /= static_cast<double>(sum.cases);
  return sum;
}

}  // namespace systole::cli
