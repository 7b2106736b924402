// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What `systole llm` prints.
#pragma once

#include <string>
#include <vector>

#include "graph/llm/llm_run.h"

namespace systole::cli {

struct DecodePoint {
  int64_t past = 0;
  bool held_out = false;  // only to see how far interpolation is off
  graph::LlmRun run;
};

// Prefill makes the first token, decode steps the others.
struct LlmTimes {
  int64_t prompt = 0, generate = 0, block = 1;
  graph::LlmRun prefill;
  std::vector<DecodePoint> decode;  // by ascending past

  // Of a request's cache when it is done, in whole blocks.
  int64_t positions() const { return (prompt + generate - 1 + block - 1) / block * block; }
  // Of a step after `past` positions, between the points by linear interpolation.
  double decode_ns(int64_t past) const;
  double all_decode_ns() const;
};

std::string llm_text(const graph::LlmSetting& setting, const LlmTimes& times);
std::string llm_json(const graph::LlmSetting& setting, const LlmTimes& times);

}  // namespace systole::cli
