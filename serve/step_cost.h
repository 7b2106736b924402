// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// How long a device takes for one step of a server: prompts (or chunks of them) and sequences that each get one token.
#pragma once

#include <string>
#include <vector>

#include "serve/request.h"

namespace systole::serve {

struct StepWork {
  struct Prompt {
    int64_t tokens, before;  // computed now; already there, which they attend to as well
  };
  std::vector<Prompt> prompts;
  int64_t sequences = 0;  // that get a token
  int64_t context = 0;    // tokens that these attend to, all sequences together, their own included
};

class StepCost {
 public:
  virtual ~StepCost() = default;
  virtual Nanoseconds of(const StepWork& work) const = 0;  // 1 to kMostNanoseconds
};

// Whichever takes longer, arithmetic or memory: weights once a step, keys and values of every token attended to, and
// those written. Estimated.
struct Roofline : StepCost {
  double weight_bytes = 0, kv_bytes_per_token = 0;
  double flops_per_token = 0;            // all matrix products with weights: 2 a parameter
  double attention_flops_per_token = 0;  // for each token attended to
  double flops_per_second = 1, bytes_per_second = 1;
  Nanoseconds overhead = 0;  // added to every step

  Nanoseconds of(const StepWork& work) const override;
};

// Times measured or simulated at points. A prompt: linear between points of its tokens. A chunk after `before` tokens:
// what prefill(before + tokens) takes more than prefill(before), but at least prefill(tokens). Decoding: bilinear
// between the points of a grid over sequences and mean context. Prompts of a step and its decoding run after each
// other. Beyond the greatest point the last two points' slope goes on; below the least one its time holds.
class CostTable : public StepCost {
 public:
  std::vector<int64_t> prompts;              // tokens, ascending
  std::vector<double> prefill;               // nanoseconds at each
  std::vector<int64_t> sequences, contexts;  // ascending; decode[i][j] is of sequences[i] at contexts[j]
  std::vector<std::vector<double>> decode;

  // CSV: the header "phase,sequences,tokens,nanoseconds", then lines "prefill,1,TOKENS,NS" and
  // "decode,SEQUENCES,CONTEXT,NS" (a whole grid), in any order. kInvalidArgument: "FILE[:LINE]: expected ..., got ...".
  static Result<CostTable> parse(const std::string& text, const std::string& file);
  std::string text() const;

  Nanoseconds of(const StepWork& work) const override;
  double prefill_at(int64_t tokens) const;
  double decode_at(double sequence_count, double mean_context) const;
};

}  // namespace systole::serve
