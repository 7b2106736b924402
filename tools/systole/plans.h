// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What `run` and `compile` share: devices from options, and sessions from models or from plan files.
#pragma once

#include <memory>
#include <string>

#include "graph/executor.h"
#include "graph/plan/plan_file.h"
#include "tools/systole/verb.h"

namespace systole::cli {

struct Opened {
  std::shared_ptr<Device> device, fallback;
};

// What the values of --set are as a device's option: "key:value,..."
Result<std::string> joined_settings(const std::vector<std::string>& assignments);

// --device, --functional, --set and --fallback, where the verb has them.
Result<Opened> open_devices(const Options& options);

// A model ready to run. `graph` is what it was compiled from.
struct Work {
  graph::Graph graph;
  Opened opened;
  graph::SessionOptions options;
  std::unique_ptr<graph::Session> session;
  double import_seconds = 0, compile_seconds = 0;
};

// From MODEL: a plan file by content, else a model that is imported and compiled. Options that a plan has settled are
// refused. The lines of import go before the session's own passes.
Result<Work> prepare(const Options& options, graph::PassReport* passes);

}  // namespace systole::cli
