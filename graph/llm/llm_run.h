// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Steps of a language model on a device, timed.
#pragma once

#include <memory>
#include <vector>

#include "graph/llm/llm_graph.h"
#include "graph/passes/target.h"
#include "graph/run/run_report.h"
#include "hal/device.h"

namespace systole::graph {

struct LlmSetting {
  LlmConfig config;
  std::shared_ptr<Device> device;
  DType type = DType::kBF16;                // of activations and the cache
  WeightType weights = WeightType::kModel;  // of matrices, where they are of another
  int64_t batch = 1, tp = 1;
  uint64_t seed = 1;
};

struct LlmRun {
  RunReport report;
  std::vector<Collective> collectives;
  int64_t weight_bytes = 0, activation_bytes = 0;  // on the device; activations without the cache
  double build_s = 0, compile_s = 0, run_s = 0;    // of this machine: measured
};

// kUnsupported with the device's reason where it can't multiply what the setting asks for.
Status check_products(const LlmSetting& setting);
// Bytes of the cache of `positions` of each request, of one rank; at most INT64_MAX.
int64_t cache_bytes(const LlmSetting& setting, int64_t positions);
// kOutOfMemory with the numbers where weights and caches of `positions` don't fit; activations are not counted yet.
Status check_memory(const LlmSetting& setting, int64_t positions);

// Builds, compiles and runs one step. Weights are withheld where the device computes no values. Nothing falls back to
// another device: an op that it refuses is kUnsupported with the reason.
Result<LlmRun> run_llm_step(const LlmSetting& setting, LlmStep step);

}  // namespace systole::graph
