// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// MODEL arguments: a built-in network by name, or a file.
#pragma once

#include <string>
#include <vector>

#include "graph/import.h"
#include "hal/status.h"

namespace systole::cli {

struct ModelOptions {
  std::vector<std::string> shapes;  // "name=extent"
  int64_t batch = 0;                // 0: the model's own
  uint64_t seed = 1;
  bool values = true;  // false: weights of built-in f32 networks are withheld
};

// kNotFound names the nearest built-in when it is neither; kInvalidArgument about `options` begins with their flag.
Result<graph::Graph> load_model(const std::string& model, const ModelOptions& options, graph::PassReport* report);

}  // namespace systole::cli
