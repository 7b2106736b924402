// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/profile.h"

namespace systole {

const char* number_kind_name(NumberKind kind) {
  switch (kind) {
    case NumberKind::kMeasured:
      return "measured";
    case NumberKind::kSimulated:
      return "simulated";
    case NumberKind::kEstimated:
      return "estimated";
  }
  return "unknown";
}

int64_t ProfileRecord::counter(std::string_view counter_name) const {
  for (const Counter& c : counters) {
    if (c.name == counter_name) return c.value;
  }
  return 0;
}

}  // namespace systole
