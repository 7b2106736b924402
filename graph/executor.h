// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A lowered graph compiled for a device, and its runs. All device work goes through the HAL.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "graph/host_tensor.h"
#include "graph/ir.h"
#include "graph/passes/passes.h"
#include "graph/plan/plan.h"
#include "graph/run/run_report.h"
#include "hal/device.h"
#include "hal/semaphore.h"

namespace systole::graph {

struct SessionOptions {
  std::shared_ptr<Device> device;
  std::shared_ptr<Device> fallback;  // null: an op that `device` refuses is kUnsupported
  Precision precision = Precision::kNative;
  bool fuse = true;
  WeightType weights = WeightType::kModel;
};

// One run at a time. Owns its memory on the devices.
class Session {
 public:
  ~Session();
  // Inputs by name, row-major, exactly the graph's types and shapes; resident ones may be left out. `outputs` is
  // replaced. A failure of a device arrives here with its origin.
  Status run(const TensorMap& inputs, TensorMap& outputs, RunReport* report = nullptr, Deadline deadline = kForever);

  const Plan& plan() const;
  // What is known before a run: nodes, segments, arenas, passes; no times.
  const RunReport& prospect() const;
  // What the devices compiled of each step; empty for steps of the host and for devices that compile anew.
  Result<std::vector<std::vector<std::byte>>> images() const;

 private:
  friend Result<std::unique_ptr<Session>> open_plan(Plan plan, const std::vector<std::vector<std::byte>>& images);
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// kUnsupported names every op that no device takes, with the reasons; kOutOfMemory holds both numbers.
Result<std::unique_ptr<Session>> compile(Graph graph, SessionOptions options);

// A plan made before (graph/plan/plan_file.h) on devices that are open: what compile ends with. `images` by step, or
// none.
Result<std::unique_ptr<Session>> open_plan(Plan plan, const std::vector<std::vector<std::byte>>& images = {});

// All passes, without memory: what compile starts with.
Result<Plan> make_plan(Graph graph, const SessionOptions& options);

}  // namespace systole::graph
