// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What people ask of a server, from an outcome.
#pragma once

#include "serve/server.h"

namespace systole::serve {

// Nearest rank: the least value that at least so many percent are not above. 0 of nothing.
struct Percentiles {
  double mean = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0;
};
Percentiles percentiles(std::vector<double> values);

struct Objectives {  // above 0: what a request must keep to count for goodput
  double ttft_seconds = 0, tpot_seconds = 0;
};

struct Summary {
  int64_t requests = 0, rejected = 0, preemptions = 0;
  double seconds = 0;               // from the first arrival to the last token
  Percentiles ttft, tpot, latency;  // seconds: to the first token; a token after it (of two or more); to the last
  double requests_per_second = 0, tokens_per_second = 0;  // served; output
  double goodput = 0;                                     // requests a second that kept the objectives
  double mean_requests = 0;                               // there at once, waiting or running (Little's L)
  double busy_share = 0, peak_blocks_share = 0;
};
Summary summarize(const std::vector<Request>& requests, const ServerSpec& spec, const Outcome& outcome,
                  const Objectives& objectives);

// CSV: "request,arrival_s,prompt,output,ttft_s,tpot_s,latency_s,preemptions,rejected", a line a request;
// "time_s,waiting,running,kv_blocks", a line a step.
std::string requests_text(const std::vector<Request>& requests, const Outcome& outcome);
std::string occupancy_text(const Outcome& outcome);

}  // namespace systole::serve
