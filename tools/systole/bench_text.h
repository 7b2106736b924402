// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What `systole bench` measured, for people and programs.
#pragma once

#include <string>
#include <vector>

#include "hal/dtype.h"
#include "hal/peaks.h"
#include "hal/profile.h"

namespace systole::cli {

// What one op took, in every run.
struct OpTimes {
  std::string name, op, output;
  DType type = DType::kF32;
  int64_t macs = 0, bytes = 0;
  std::vector<double> ns;  // on the device
};

struct Measured {
  std::string what, device;
  NumberKind kind = NumberKind::kMeasured;
  std::vector<double> run_ns;  // from submission to the end, by the host's clock; of a simulated device its own time
  std::vector<OpTimes> ops;
  Peaks peaks;  // none of a device that measures none
};

std::string bench_text(const Measured& measured);
std::string bench_json(const Measured& measured);

}  // namespace systole::cli
