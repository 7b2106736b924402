// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What `systole run` prints for people: the layers, then a summary.
#pragma once

#include <string>
#include <vector>

#include "graph/run/run_report.h"
#include "graph/verify.h"
#include "hal/device.h"
#include "hal/traffic.h"
#include "report/layers.h"

namespace systole::cli {

struct SummaryFacts {
  std::string model;
  int64_t batch = 1;
  double wall_seconds = 0;
  bool verbose = false;  // list every pass, fallback and copy
  std::vector<Series> traffic;
  size_t columns = 0;  // of the terminal, for the picture of bandwidth over time; 0: none, and no picture
};

std::string layer_table(const std::vector<report::LayerRow>& rows);
std::string summary(const graph::RunReport& run, const std::vector<report::LayerRow>& rows, const DeviceInfo& device,
                    const MemoryUse& memory, const SummaryFacts& facts);
// The first node, in order, whose result on the device leaves its bound when it is fed ref's inputs.
std::string first_parting(const graph::VerifyReport& report);
std::vector<std::string> verification_lines(const graph::VerifyReport& report);

}  // namespace systole::cli
