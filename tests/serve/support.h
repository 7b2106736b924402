// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include "serve/measures.h"

namespace systole::serve_tests {

using namespace serve;

// 1000 ns a step, 10 more a prompt token, 100 more a sequence: by hand.
struct Simple : StepCost {
  Nanoseconds of(const StepWork& work) const override {
    Nanoseconds time = 1000 + 100 * work.sequences;
    for (const StepWork::Prompt& prompt : work.prompts) time += 10 * prompt.tokens;
    return time;
  }
};

// Like a 7B model of 8 bits on a device of 800 GB/s and 200 TFLOP/s.
inline Roofline large_model() {
  Roofline cost;
  cost.weight_bytes = 6.7e9, cost.kv_bytes_per_token = 524288, cost.flops_per_token = 13.4e9;
  cost.attention_flops_per_token = 524288, cost.flops_per_second = 200e12, cost.bytes_per_second = 800e9;
  return cost;
}

inline ServerSpec server(Policy policy, int max_batch, int64_t blocks, int64_t chunk = 0) {
  ServerSpec spec;
  spec.policy = policy, spec.max_batch = max_batch, spec.blocks = blocks, spec.chunk_tokens = chunk;
  return spec;
}

inline Outcome run(const std::vector<Request>& requests, const ServerSpec& spec, const StepCost& cost) {
  auto outcome = serve::serve(requests, spec, cost);
  EXPECT_TRUE(outcome.ok()) << outcome.status().message();
  return outcome.ok() ? std::move(*outcome) : Outcome{};
}

inline std::vector<Request> drawn(double per_second, int64_t count, const char* prompt, const char* output,
                                  uint64_t seed = 1) {
  return draw({per_second, count, *parse_lengths(prompt), *parse_lengths(output), seed});
}

}  // namespace systole::serve_tests
