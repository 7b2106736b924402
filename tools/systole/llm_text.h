// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What `systole llm` prints.
#pragma once

#include <string>
#include <vector>

#include "graph/llm/llm_run.h"
#include "tools/systole/llm_links.h"

namespace systole::cli {

struct DecodePoint {
  int64_t past = 0;
  bool held_out = false;  // only to see how far interpolation is off
  graph::LlmRun run;
};

// Prefill makes the first token, decode steps the others.
struct LlmTimes {
  int64_t prompt = 0, generate = 0;
  graph::LlmRun prefill;
  std::vector<DecodePoint> decode;             // by ascending past
  std::optional<RankLinks> links;              // none: the exchanges are of no time
  Exchange prefill_exchange, decode_exchange;  // of a step; decoding's is the same after any past

  int64_t positions() const { return prompt + generate - 1; }  // of a request's cache when it is done
  // Of a rank's step after `past` positions, between the points by linear interpolation, without its exchanges.
  double decode_ns(int64_t past) const;
  double first_ns() const { return prefill.report.simulated_ns + prefill_exchange.seconds * 1e9; }
  double all_decode_ns() const;  // exchanges included
};

std::string llm_text(const graph::LlmSetting& setting, const LlmTimes& times);
std::string llm_json(const graph::LlmSetting& setting, const LlmTimes& times);

}  // namespace systole::cli
