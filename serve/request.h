// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Requests to a server of a language model: from a trace, or drawn from a Poisson process. Time is whole nanoseconds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hal/status.h"

namespace systole::serve {

using Nanoseconds = int64_t;
// No moment and no step is later or longer (31 years), so that sums of a few of them can't overflow.
inline constexpr Nanoseconds kMostNanoseconds = 1000000000000000000;

struct Request {
  Nanoseconds arrival = 0;
  int64_t prompt = 1, output = 1;  // tokens; the end of a sequence counts as one of the output
  bool operator==(const Request&) const = default;
};

// A trace is CSV: the header "arrival_s,prompt,output", then a request a line, arrivals ascending, in seconds (at most
// 1e8) with at most nine decimals. kInvalidArgument reads "FILE:LINE: expected ..., got ...".
Result<std::vector<Request>> parse_trace(const std::string& text, const std::string& file);
std::string trace_text(const std::vector<Request>& requests);

// Whole numbers of tokens: "fixed:N", "uniform:LEAST:MOST" (each as likely), "exponential:MEAN" (rounded up, cut off at
// 16 means).
struct Lengths {
  enum Kind : uint8_t { kFixed, kUniform, kExponential } kind = kFixed;
  int64_t a = 1, b = 1;
};
Result<Lengths> parse_lengths(const std::string& text);

struct Poisson {
  double per_second = 1;
  int64_t count = 0;
  Lengths prompt, output;
  uint64_t seed = 1;
};
// count / per_second: at most 1e8 seconds. The same seed gives the same requests; times, prompts and outputs are drawn
// from three streams of it, so that one doesn't change with the others' distributions.
std::vector<Request> draw(const Poisson& poisson);

}  // namespace systole::serve
