// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What holds for every policy and load.
#include <numeric>

#include "tests/serve/support.h"
#include "tests/tolerance.h"

namespace systole::serve_tests {
namespace {

std::vector<ServerSpec> all_specs(int64_t blocks) {
  return {server(Policy::kStatic, 16, blocks), server(Policy::kDynamic, 16, blocks),
          server(Policy::kContinuous, 16, blocks), server(Policy::kContinuous, 16, blocks, 256)};
}

TEST(Laws, NothingIsLostAndTokensAreConserved) {
  const Roofline cost = large_model();
  for (const uint64_t seed : {1, 2, 3}) {
    const auto requests = drawn(4, 400, "exponential:300", "exponential:100", seed);
    for (const int64_t blocks : {2000, 300, 120}) {  // plenty; short; some requests never fit
      for (const ServerSpec& spec : all_specs(blocks)) {
        const Outcome o = run(requests, spec, cost);
        int64_t computed = 0, outputs = 0, preemptions = 0;
        double waited = 0;
        for (size_t i = 0; i < requests.size(); ++i) {
          const Request& r = requests[i];
          const Served& s = o.served[i];
          preemptions += s.preemptions;
          const int64_t tokens = r.prompt + r.output;
          EXPECT_EQ(s.rejected, (tokens + 15) / 16 > blocks);
          if (s.rejected) continue;
          ASSERT_GT(s.first, r.arrival);
          ASSERT_GE(s.end, s.first);
          computed += tokens - 1;  // the last token's keys are never needed
          outputs += r.output;
          waited += static_cast<double>(s.end - r.arrival);
        }
        EXPECT_EQ(o.output_tokens, outputs);
        EXPECT_EQ(o.prompt_tokens + o.decoded_tokens - o.recomputed_tokens, computed);
        EXPECT_LE(o.most_blocks, blocks);
        EXPECT_LE(o.busy, o.end);
        if (spec.policy != Policy::kContinuous) {
          EXPECT_EQ(preemptions, 0);
        }
        for (const Sample& sample : o.samples) {
          ASSERT_LE(sample.blocks, blocks);
          ASSERT_LE(sample.running, spec.max_batch);
        }
        EXPECT_EQ(o.samples.back().blocks, 0);
        // Little's law: the mean number there is the rate of arrivals times the mean time there, both over the run.
        EXPECT_NEAR(o.request_nanoseconds, waited, 1e-9 * waited);
        const Outcome again = run(requests, spec, cost);
        EXPECT_EQ(occupancy_text(again), occupancy_text(o));
        EXPECT_EQ(requests_text(requests, again), requests_text(requests, o));
      }
    }
  }
}

TEST(Laws, ShortageOfBlocksPreempts) {
  const Outcome o =
      run(drawn(50, 300, "fixed:64", "exponential:200"), server(Policy::kContinuous, 32, 200), large_model());
  int64_t preemptions = 0;
  for (const Served& s : o.served) preemptions += s.preemptions;
  EXPECT_GT(preemptions, 10);
  EXPECT_GT(o.recomputed_tokens, 0);
}

// One at a time, every request as long: a queue with Poisson arrivals and fixed service. Its mean wait is
// rho S / (2 (1 - rho)) (Pollaczek and Khinchine).
TEST(Queues, BatchOneIsMD1) {
  for (const double rho : {0.3, 0.5, 0.8}) {
    const double service = 1000 + 10 * 100;  // ns
    const auto requests = drawn(rho / service * 1e9, 400000, "fixed:100", "fixed:1", 11);
    for (const Policy policy : {Policy::kStatic, Policy::kDynamic, Policy::kContinuous}) {
      const Outcome o = run(requests, server(policy, 1, 100), Simple{});
      double wait = 0;
      for (size_t i = 0; i < requests.size(); ++i)
        wait += static_cast<double>(o.served[i].end - requests[i].arrival) - service;
      wait /= static_cast<double>(requests.size());
      const double expected = rho * service / (2 * (1 - rho));
      EXPECT_NEAR(wait, expected, tests::kQueueWait * expected) << rho;
    }
  }
}

// The ordering that continuous batching is known for, under a load that they can carry and under one that they can't.
TEST(Policies, ContinuousBeatsDynamicAndStatic) {
  const Roofline cost = large_model();
  for (const double rate : {1.0, 20.0}) {
    const auto requests = drawn(rate, 2000, "uniform:64:512", "exponential:128", 5);
    const auto measure = [&](const ServerSpec& spec) {
      return summarize(requests, spec, run(requests, spec, cost), {});
    };
    const Summary fixed = measure(server(Policy::kStatic, 32, 4000));
    const Summary timed = measure(server(Policy::kDynamic, 32, 4000));
    const Summary joined = measure(server(Policy::kContinuous, 32, 4000));
    EXPECT_GE(joined.tokens_per_second, timed.tokens_per_second);
    EXPECT_LT(joined.latency.p95, timed.latency.p95);
    EXPECT_LT(joined.ttft.p95, fixed.ttft.p95);
    EXPECT_LT(joined.latency.p95, fixed.latency.p95);
    if (rate == 20.0) {  // no policy keeps up: continuous serves far more
      EXPECT_GT(joined.tokens_per_second, 1.5 * fixed.tokens_per_second);
    } else {  // not to wait for a full batch helps
      EXPECT_LT(timed.ttft.p50, fixed.ttft.p50);
    }
  }
}

}  // namespace
}  // namespace systole::serve_tests
