// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What a step costs.
#include <gtest/gtest.h>

#include "serve/step_cost.h"

namespace systole::serve_tests {
namespace {

using namespace serve;

constexpr const char* kTable =
    "phase,sequences,tokens,nanoseconds\n"
    "prefill,1,100,1000\nprefill,1,200,3000\n"
    "decode,1,100,500\ndecode,1,300,700\ndecode,5,100,900\ndecode,5,300,1900\n";

TEST(Table, WhatIsWrongIsNamedWithItsLine) {
  const std::string head = "phase,sequences,tokens,nanoseconds\n";
  const struct {
    std::string text, message;
  } cases[] = {
      {"phase\n", "c.csv:1: expected 'phase,sequences,tokens,nanoseconds', got 'phase'"},
      {head, "c.csv: expected at least one prefill, got none"},
      {head + "prefill,1,1,1\n", "c.csv: expected at least one decode, got none"},
      {head + "fill,1,1,1\n", "c.csv:2: expected the phase prefill or decode, got 'fill,1,1,1'"},
      {head + "prefill,2,1,1\n", "c.csv:2: expected a prefill of 1 sequence"},
      {head + "prefill,1,1,0\n", "c.csv:2: expected whole numbers from 1 on"},
      {head + "prefill,1,1,1\nprefill,1,1,2\n", "c.csv:3: expected each point once"},
      {head + "prefill,1,1,1\ndecode,1,1,1\ndecode,2,2,1\n",
       "c.csv: expected decode at the same contexts for every number of sequences, got others for 2"},
  };
  for (const auto& each : cases) {
    const auto parsed = CostTable::parse(each.text, "c.csv");
    ASSERT_FALSE(parsed.ok()) << each.message;
    EXPECT_EQ(parsed.status().message().substr(0, each.message.size()), each.message);
  }
}

TEST(Table, InterpolatesBetweenItsPoints) {
  const auto table = CostTable::parse(kTable, "c.csv");
  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_EQ(table->text(), kTable);
  EXPECT_DOUBLE_EQ(table->prefill_at(100), 1000);
  EXPECT_DOUBLE_EQ(table->prefill_at(150), 2000);
  EXPECT_DOUBLE_EQ(table->prefill_at(1), 1000);    // below: the least point's
  EXPECT_DOUBLE_EQ(table->prefill_at(300), 5000);  // beyond: the last slope
  EXPECT_DOUBLE_EQ(table->decode_at(1, 200), 600);
  EXPECT_DOUBLE_EQ(table->decode_at(3, 200), (600 + 1400) / 2.0);
  EXPECT_DOUBLE_EQ(table->decode_at(9, 100), 1300);
  // A step: two prompts, one of them a chunk of 50 after 150 (3000 - 2000 ns), and three sequences.
  EXPECT_EQ(table->of({{{150, 0}, {50, 150}}, 3, 600}), 2000 + 1000 + 1000);
  EXPECT_EQ(table->of({{{120, 60}}, 0, 0}), 2600 - 1000);
  EXPECT_EQ(table->of({{{50, 10}}, 0, 0}), 1000);  // a chunk takes no less than the same tokens alone
}

TEST(Roofline, TakesTheLargerOfArithmeticAndMemory) {
  Roofline cost;
  cost.weight_bytes = 1000, cost.kv_bytes_per_token = 10, cost.flops_per_token = 2000;
  cost.attention_flops_per_token = 3;
  cost.flops_per_second = 1e9, cost.bytes_per_second = 1e9;
  // Decoding of 2 with 40 tokens attended to: 2 * 2000 + 40 * 3 operations; 1000 + 40 * 10 + 2 * 10 bytes.
  EXPECT_EQ(cost.of({{}, 2, 40}), 4120);
  cost.flops_per_second = 1e12;
  EXPECT_EQ(cost.of({{}, 2, 40}), 1420);
  // A prompt of 4 after 6: 4 * 2000 + (7 + 8 + 9 + 10) * 3 operations; 1000 + 6 * 10 + 4 * 10 bytes.
  EXPECT_EQ(cost.of({{{4, 6}}, 0, 0}), 1100);
  cost.flops_per_second = 1e9, cost.overhead = 5;
  EXPECT_EQ(cost.of({{{4, 6}}, 0, 0}), 8000 + 34 * 3 + 5);
}

}  // namespace
}  // namespace systole::serve_tests
