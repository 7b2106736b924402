// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A run on disk. The same model, options and seed give the same bytes of every file but host.json, which holds what was
// measured on this machine, and, where the device itself was measured, layers.csv. docs/run_directory.md describes the
// files.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/run/run_report.h"
#include "hal/device.h"
#include "hal/status.h"
#include "report/accuracy.h"
#include "report/layers.h"

namespace systole::report {

inline constexpr int kRunSchema = 1;

struct ResolvedSetting {
  std::string key, value, unit;
};

// Inputs to the device and outputs back over a link: simulated, beside the run's own time and not in it.
struct HostLink {
  std::string config;
  int64_t input_bytes = 0, output_bytes = 0;
  double input_ns = 0, output_ns = 0;
};

// Everything but the run itself that run.json tells.
struct RunFacts {
  std::string model, device_uri, precision;
  uint64_t seed = 0;
  std::vector<ResolvedSetting> config;  // of the NPU, resolved
  std::map<std::string, std::string> versions;
  std::vector<std::pair<std::string, std::string>> inputs;  // name, description
  std::vector<std::pair<std::string, std::string>> outputs;
  std::map<std::string, std::string> digests;  // of the outputs' bytes, by name; empty where no values were computed
  Accuracy accuracy;
  std::optional<HostLink> host_link;
  std::vector<std::string> verification;  // lines; empty where not asked for
  std::optional<Peaks> peaks;             // of a device whose times are measured; then layers.csv tells times, too
  std::vector<Series> traffic;            // of the device's memory over time; empty where it does not know
};

// Host measurements: name with unit, value.
using HostFacts = std::vector<std::pair<std::string, double>>;

// Writes into a new directory beside `directory` and renames it. An existing run directory is replaced, anything else
// there refused. A failure leaves what was there. `rows`: layer_rows of the run, with the peaks of `facts`.
Status write_run_directory(const std::string& directory, const RunFacts& facts, const graph::RunReport& run,
                           const std::vector<LayerRow>& rows, const DeviceInfo& device, const HostFacts& host,
                           bool trace);

// run.json's text: what `systole run --json` prints too.
std::string run_json(const RunFacts& facts, const graph::RunReport& run, const std::vector<LayerRow>& rows,
                     const DeviceInfo& device);
// `measured_times`: also those that differ from run to run, and what follows from them.
std::string layers_csv(const std::vector<LayerRow>& rows, bool measured_times = false);

}  // namespace systole::report
