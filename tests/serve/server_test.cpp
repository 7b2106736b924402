// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Small cases whose every time is known.
#include "tests/serve/support.h"

namespace systole::serve_tests {
namespace {

TEST(Server, SaysWhatCantBe) {
  const Simple cost;
  const std::vector<Request> one = {{0, 10, 2}};
  const auto message = [&](ServerSpec spec) { return serve::serve(one, spec, cost).status().message(); };
  EXPECT_EQ(message(server(Policy::kStatic, 0, 10)), "max_batch: expected at least 1, got 0");
  EXPECT_EQ(message(server(Policy::kStatic, 1, 0)), "blocks: expected at least 1, got 0");
  EXPECT_EQ(message(server(Policy::kStatic, 1, 10, 64)),
            "chunk_tokens: expected 0 unless batching is continuous, got 64");
  EXPECT_NE(message(server(Policy::kContinuous, 64, 10, 64)).find("chunk_tokens: expected more than max_batch"),
            std::string::npos);
  EXPECT_EQ(serve::serve({{5, 1, 1}, {4, 1, 2}}, server(Policy::kStatic, 1, 10), cost).status().message(),
            "requests[1]: expected ascending arrivals and tokens of at least 1, got 4 ns, 1, 2");
}

// Steps that a table's slope makes longer than 63 bits hold are refused, not taken for a moment.
TEST(Server, ItsClockDoesntOverflow) {
  const auto table = CostTable::parse(
      "phase,sequences,tokens,nanoseconds\nprefill,1,1,1\nprefill,1,2,1000000000000000\ndecode,1,1,1\n"
      "decode,1,2,1000000000000000\n",
      "c.csv");
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->of({{{10000000, 0}}, 0, 0}), kMostNanoseconds);
  for (const Policy policy : {Policy::kStatic, Policy::kDynamic, Policy::kContinuous}) {
    EXPECT_EQ(serve::serve({{0, 10000000, 1}}, server(policy, 1, 1000000), *table).status().code(), Code::kOutOfRange);
    EXPECT_EQ(serve::serve({{0, 1, 90000}}, server(policy, 1, 1000000), *table).status().code(), Code::kOutOfRange);
  }
  Roofline cost = large_model();
  cost.overhead = kMostNanoseconds;
  EXPECT_EQ(cost.of({{}, 1, 1}), kMostNanoseconds);
}

TEST(Server, OneRequestTakesItsSteps) {
  for (const Policy policy : {Policy::kStatic, Policy::kDynamic, Policy::kContinuous}) {
    const Outcome o = run({{500, 10, 3}}, server(policy, 4, 10), Simple{});
    EXPECT_EQ(o.served[0].first, 500 + 1000 + 100);     // the prompt's step gives the first token
    EXPECT_EQ(o.served[0].end, 500 + 1100 + 2 * 1100);  // two more
    EXPECT_EQ(o.steps, 3);
    EXPECT_EQ(o.most_blocks, 1);
  }
}

// Two requests, the second comes during the first's second step. Static waits for both. Dynamic begins with the first
// when its timeout is over, and the second waits for its end. Continuous lets it join.
TEST(Server, PoliciesDifferInWhenWhoJoins) {
  const std::vector<Request> two = {{0, 10, 4}, {1500, 10, 2}};
  const Outcome fixed = run(two, server(Policy::kStatic, 2, 10), Simple{});
  EXPECT_EQ(fixed.served[0].first, 1500 + 1200);  // one step for both prompts
  EXPECT_EQ(fixed.served[1].end, 2700 + 1200);
  EXPECT_EQ(fixed.served[0].end, 2700 + 3 * 1200);  // the second is computed on until the first is ready
  EXPECT_EQ(fixed.padded_tokens, 2);
  ServerSpec dynamic = server(Policy::kDynamic, 2, 10);
  dynamic.timeout = 300;
  const Outcome timed = run(two, dynamic, Simple{});
  EXPECT_EQ(timed.served[0].first, 300 + 1100);
  EXPECT_EQ(timed.served[0].end, 1400 + 3 * 1100);
  EXPECT_EQ(timed.served[1].first, 4700 + 1100);
  const Outcome joined = run(two, server(Policy::kContinuous, 2, 10), Simple{});
  EXPECT_EQ(joined.served[0].first, 1100);
  EXPECT_EQ(joined.served[1].first, 2200 + 1100);  // its prompt's step after the one under way
  EXPECT_EQ(joined.served[1].end, 3300 + 1200);    // together
  EXPECT_EQ(joined.served[0].end, 4500 + 1100);
}

// A long prompt holds up decoding for its whole length; in chunks, for a chunk at most.
TEST(Server, ChunksBoundTheGapBetweenTokens) {
  const std::vector<Request> two = {{0, 10, 40}, {3000, 2000, 1}};
  const Outcome whole = run(two, server(Policy::kContinuous, 2, 1000), Simple{});
  const Outcome chunks = run(two, server(Policy::kContinuous, 2, 1000, 101), Simple{});
  EXPECT_EQ(whole.steps, 1 + 39 + 1);
  EXPECT_EQ(chunks.steps, 40);  // 20 steps of 100 tokens of the prompt beside a token of the first
  EXPECT_LT(chunks.served[0].end, whole.served[0].end);  // a step's fixed time is shared
  EXPECT_EQ(whole.served[1].first, 3300 + 1000 + 20000);
  EXPECT_EQ(chunks.served[1].first, 3300 + 20 * (1000 + 100 + 1000));
  // Of 11 tokens a step the first one's takes one: 20 steps, not 19.
  const Outcome small = run({{0, 10, 40}, {3000, 200, 1}}, server(Policy::kContinuous, 2, 1000, 11), Simple{});
  EXPECT_EQ(small.served[1].first, 3300 + 20 * (1000 + 100 + 100));
  EXPECT_EQ(chunks.prompt_tokens, 2010);
}

// 4 blocks of 4 tokens: two sequences of 7 + 5 tokens need 3 each. The younger gives way, and computes anew.
TEST(Server, TheYoungestGivesWayWhenBlocksRunOut) {
  ServerSpec spec = server(Policy::kContinuous, 2, 4);
  spec.block_tokens = 4;
  const Outcome o = run({{0, 7, 5}, {0, 7, 5}}, spec, Simple{});
  EXPECT_EQ(o.served[0].preemptions, 0);
  EXPECT_EQ(o.served[1].preemptions, 1);
  // Both have prompts computed and 2 tokens when the first needs a third block for its ninth. The second had 8 tokens'
  // keys; they come again, with that of its second output.
  EXPECT_EQ(o.recomputed_tokens, 8);
  EXPECT_EQ(o.prompt_tokens, 7 + 7 + 9);
  EXPECT_EQ(o.output_tokens, 10);
  EXPECT_EQ(o.most_blocks, 4);
  EXPECT_GT(o.served[1].end, o.served[0].end);
}

// A step takes whole prompts as long as they are not too many tokens together, but one at least.
TEST(Server, PromptsShareAStepUpToItsTokens) {
  ServerSpec spec = server(Policy::kContinuous, 4, 100);
  spec.prefill_tokens = 25;
  const Outcome o = run({{0, 10, 1}, {0, 10, 1}, {0, 10, 1}, {0, 40, 1}}, spec, Simple{});
  EXPECT_EQ(o.served[1].first, 1000 + 200);
  EXPECT_EQ(o.served[2].first, 1200 + 1100);
  EXPECT_EQ(o.served[3].first, 2300 + 1400);
}

// A prompt that fills its block holds the next one for its first output; a batch holds all that it will need. In both
// cases that is too much for two at once.
TEST(Server, BlocksAreHeldAhead) {
  ServerSpec spec = server(Policy::kContinuous, 2, 3);
  spec.block_tokens = 4;
  Outcome o = run({{0, 4, 4}, {0, 4, 4}}, spec, Simple{});
  EXPECT_EQ(o.served[1].first, 1040 + 3 * 1100 + 1040);
  EXPECT_EQ(o.most_blocks, 2);
  spec.policy = Policy::kStatic, spec.blocks = 4;
  o = run({{0, 4, 8}, {0, 4, 8}}, spec, Simple{});
  EXPECT_EQ(o.served[1].first, 1040 + 7 * 1100 + 1040);
  EXPECT_EQ(o.most_blocks, 3);
}

TEST(Server, WhoGaveWayGoesBeforeWhoCameLater) {
  ServerSpec spec = server(Policy::kContinuous, 2, 4);
  spec.block_tokens = 4;
  const std::vector<Request> three = {{0, 7, 5}, {0, 7, 5}, {0, 7, 1}};
  const Outcome o = run(three, spec, Simple{});
  EXPECT_EQ(o.served[1].preemptions, 1);
  EXPECT_GT(o.served[2].first, o.served[1].end);
  EXPECT_EQ(summarize(three, spec, o, {}).preemptions, 1);
}

TEST(Server, WhatNeverFitsIsRejectedAndTheRestGoesOn) {
  for (const Policy policy : {Policy::kStatic, Policy::kDynamic, Policy::kContinuous}) {
    const std::vector<Request> three = {{0, 10, 2}, {1, 1000, 2}, {2, 10, 2}};
    const Outcome o = run(three, server(policy, 2, 4), Simple{});
    EXPECT_TRUE(o.served[1].rejected);
    EXPECT_FALSE(o.served[0].rejected || o.served[2].rejected);
    EXPECT_GT(o.served[2].end, 0);
    const Summary s = summarize(three, server(policy, 2, 4), o, {});
    EXPECT_EQ(s.requests, 2);
    EXPECT_EQ(s.rejected, 1);
  }
}

TEST(Measures, AreWhatTheirNamesSay) {
  const Percentiles p = percentiles({5, 1, 4, 2, 3, 10, 9, 8, 7, 6});
  EXPECT_DOUBLE_EQ(p.mean, 5.5);
  EXPECT_DOUBLE_EQ(p.p50, 5);
  EXPECT_DOUBLE_EQ(p.p90, 9);
  EXPECT_DOUBLE_EQ(p.p95, 10);
  const std::vector<Request> two = {{1000, 10, 3}, {1000, 10, 1}};
  const ServerSpec spec = server(Policy::kContinuous, 2, 8);
  const Outcome o = run(two, spec, Simple{});
  // Both prompts in a step of 1200 ns; then two steps of 1100 ns for the first.
  Summary s = summarize(two, spec, o, {});
  EXPECT_DOUBLE_EQ(s.ttft.p99, 1200e-9);
  EXPECT_DOUBLE_EQ(s.tpot.mean, 1100e-9);
  EXPECT_DOUBLE_EQ(s.latency.p99, 3400e-9);
  EXPECT_NEAR(s.tokens_per_second, 4 / 3400e-9, 1);
  EXPECT_NEAR(s.goodput, 2 / 3400e-9, 1);
  EXPECT_DOUBLE_EQ(s.peak_blocks_share, 2.0 / 8);
  EXPECT_NEAR(s.requests_per_second, 2 / 3400e-9, 1);
  EXPECT_DOUBLE_EQ(s.mean_requests, (3400 + 1200) / 3400.0);
  EXPECT_DOUBLE_EQ(s.busy_share, 1);
  EXPECT_NEAR(summarize(two, spec, o, {0, 1000e-9}).goodput, 1 / 3400e-9, 1);
  EXPECT_NEAR(summarize(two, spec, o, {1100e-9, 0}).goodput, 0, 1);
  EXPECT_EQ(requests_text(two, o),
            "request,arrival_s,prompt,output,ttft_s,tpot_s,latency_s,preemptions,rejected\n"
            "0,0.000001000,10,3,0.000001200,0.000001100,0.000003400,0,0\n"
            "1,0.000001000,10,1,0.000001200,0.000000000,0.000001200,0,0\n");
  EXPECT_EQ(occupancy_text(o),
            "time_s,waiting,running,kv_blocks\n0.000002200,0,1,1\n0.000003300,0,1,1\n0.000004400,0,0,0\n");
}

}  // namespace
}  // namespace systole::serve_tests
