// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The cost of a server's steps from a language model simulated on an NPU.
#pragma once

#include <string>
#include <vector>

#include "serve/step_cost.h"
#include "tools/systole/verb.h"

namespace systole::cli {

struct HeldOut {  // a step that the table doesn't have: what it says, and what the simulation says
  std::string phase;
  int64_t sequences, tokens;
  double interpolated_ns, simulated_ns;

  double error() const { return interpolated_ns / simulated_ns - 1; }
};

struct SimulatedCost {
  serve::CostTable table;
  std::vector<HeldOut> held_out;
  std::string text;          // what was simulated where
  int64_t token_blocks = 0;  // blocks that fit beside weights and activations
};

void add_model_options(Options& options);  // --model, --device, --set, --tp and what links need
// max_batch and block_tokens: at least 1. Simulates prefill at an eighth, a quarter, a half and the whole of the
// longest prompt, and decoding at 1, a quarter of and all sequences times a sixteenth, a quarter and all of the longest
// context (or of what memory holds of it for all), then a few steps that are held out.
Result<SimulatedCost> simulate_cost(const Options& options, const std::vector<serve::Request>& requests, int max_batch,
                                    int64_t block_tokens);

}  // namespace systole::cli
