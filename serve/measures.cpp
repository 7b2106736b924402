// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "serve/measures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace systole::serve {
namespace {

double seconds(Nanoseconds time) { return static_cast<double>(time) * 1e-9; }
double ttft(const Request& r, const Served& s) { return seconds(s.first - r.arrival); }
double tpot(const Request& r, const Served& s) {
  return r.output > 1 ? seconds(s.end - s.first) / static_cast<double>(r.output - 1) : 0;
}

}  // namespace

Percentiles percentiles(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto rank = [&](size_t percent) { return values[(values.size() * percent + 99) / 100 - 1]; };
  return {std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size()), rank(50), rank(90),
          rank(95), rank(99)};
}

Summary summarize(const std::vector<Request>& requests, const ServerSpec& spec, const Outcome& outcome,
                  const Objectives& objectives) {
  Summary s;
  std::vector<double> firsts, nexts, latencies;
  int64_t good = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    const Request& r = requests[i];
    const Served& served = outcome.served[i];
    ++(served.rejected ? s.rejected : s.requests);
    if (served.rejected) continue;
    s.preemptions += served.preemptions;
    firsts.push_back(ttft(r, served));
    if (r.output > 1) nexts.push_back(tpot(r, served));
    latencies.push_back(seconds(served.end - r.arrival));
    good += (objectives.ttft_seconds <= 0 || ttft(r, served) <= objectives.ttft_seconds) &&
            (objectives.tpot_seconds <= 0 || tpot(r, served) <= objectives.tpot_seconds);
  }
  s.ttft = percentiles(firsts), s.tpot = percentiles(nexts), s.latency = percentiles(latencies);
  if (s.requests == 0) return s;
  s.seconds = seconds(outcome.end - requests.front().arrival);
  s.requests_per_second = static_cast<double>(s.requests) / s.seconds;
  s.tokens_per_second = static_cast<double>(outcome.output_tokens) / s.seconds;
  s.goodput = static_cast<double>(good) / s.seconds;
  s.mean_requests = outcome.request_nanoseconds * 1e-9 / s.seconds;
  s.busy_share = seconds(outcome.busy) / s.seconds;
  s.peak_blocks_share = static_cast<double>(outcome.most_blocks) / static_cast<double>(spec.blocks);
  return s;
}

std::string requests_text(const std::vector<Request>& requests, const Outcome& outcome) {
  std::string text = "request,arrival_s,prompt,output,ttft_s,tpot_s,latency_s,preemptions,rejected\n";
  char line[200];
  for (size_t i = 0; i < requests.size(); ++i) {
    const Request& r = requests[i];
    const Served& s = outcome.served[i];
    const bool no = s.rejected;
    std::snprintf(line, sizeof line, "%zu,%.9f,%lld,%lld,%.9f,%.9f,%.9f,%d,%d\n", i, seconds(r.arrival),
                  static_cast<long long>(r.prompt), static_cast<long long>(r.output), no ? 0 : ttft(r, s),
                  no ? 0 : tpot(r, s), no ? 0 : seconds(s.end - r.arrival), s.preemptions, no);
    text += line;
  }
  return text;
}

std::string occupancy_text(const Outcome& outcome) {
  std::string text = "time_s,waiting,running,kv_blocks\n";
  char line[120];
  for (const Sample& s : outcome.samples) {
    std::snprintf(line, sizeof line, "%.9f,%lld,%lld,%lld\n", seconds(s.at), static_cast<long long>(s.waiting),
                  static_cast<long long>(s.running), static_cast<long long>(s.blocks));
    text += line;
  }
  return text;
}

}  // namespace systole::serve
