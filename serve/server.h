// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A server of a language model as discrete events: requests come, steps take what their cost says, keys and values lie
// in blocks of which there are so many. One thread; the same requests, spec and cost give the same outcome.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "serve/step_cost.h"

namespace systole::serve {

enum class Policy : uint8_t {
  kStatic,      // waits for max_batch requests (or the last), and for the last of them to end before the next batch;
                // who is ready earlier keeps its place and its blocks, and is computed on
  kDynamic,     // the same, but no request waits longer than `timeout` for others to fill a batch
  kContinuous,  // who comes joins between steps, who is ready leaves (Yu et al., Orca, OSDI 2022)
};

struct ServerSpec {
  Policy policy = Policy::kContinuous;
  int max_batch = 32;               // sequences at once
  Nanoseconds timeout = 100000000;  // kDynamic
  int64_t prefill_tokens = 8192;    // kContinuous: most prompt tokens of a step, a longer prompt alone excepted
  int64_t chunk_tokens = 0;  // kContinuous, above 0: most tokens of a step; prompts are cut into what decoding leaves
  int64_t block_tokens = 16;
  int64_t blocks = 0;  // of keys and values
};

struct Served {
  Nanoseconds first = 0, end = 0;  // of its first and last token
  int preemptions = 0;             // times that its blocks were taken and its tokens computed anew
  bool rejected = false;           // longer than all blocks together: never begun
};

struct Sample {  // after a step
  Nanoseconds at;
  int64_t waiting, running, blocks;
};

struct Outcome {
  std::vector<Served> served;  // as the requests
  std::vector<Sample> samples;
  Nanoseconds end = 0, busy = 0;  // of the last step; of all steps together
  int64_t steps = 0;
  int64_t prompt_tokens = 0;      // computed, those computed anew included
  int64_t recomputed_tokens = 0;  // of these: anew, of prompts and outputs
  int64_t decoded_tokens = 0;     // computed one by one
  int64_t output_tokens = 0;
  int64_t padded_tokens = 0;  // computed for sequences that were ready
  int64_t most_blocks = 0;
  double request_nanoseconds = 0;  // integral of the requests there over time, those waiting included
};

// Arrivals ascending. kInvalidArgument says which value of the spec or which request can't be; kOutOfRange: the clock
// would pass kMostNanoseconds.
Result<Outcome> serve(const std::vector<Request>& requests, const ServerSpec& spec, const StepCost& cost);

}  // namespace systole::serve
