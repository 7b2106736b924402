// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Traces, lengths and the Poisson process.
#include <gtest/gtest.h>

#include <cmath>

#include "serve/request.h"
#include "tests/tolerance.h"

namespace systole::serve_tests {
namespace {

using namespace serve;

TEST(Trace, WhatIsWrongIsNamedWithItsLine) {
  const std::string head = "arrival_s,prompt,output\n";
  const struct {
    std::string text, message;
  } cases[] = {
      {"", "t.csv:1: expected 'arrival_s,prompt,output', got ''"},
      {"arrival,prompt,output\n", "t.csv:1: expected 'arrival_s,prompt,output', got 'arrival,prompt,output'"},
      {head + "0,5\n", "t.csv:2: expected 3 fields (arrival_s,prompt,output), got '0,5'"},
      {head + "0,5,6,7\n", "t.csv:2: expected 3 fields"},
      {head + "0,5,6\n\n", "t.csv:3: expected 3 fields (arrival_s,prompt,output), got ''"},
      {head + "-1,5,6\n", "t.csv:2: expected an arrival in seconds, at most nine decimals, got '-1,5,6'"},
      {head + "1e3,5,6\n", "t.csv:2: expected an arrival"},
      {head + "0.0000000001,5,6\n", "t.csv:2: expected an arrival"},
      {head + "1.,5,6\n", "t.csv:2: expected an arrival"},
      {head + "2,5,6\n1,5,6\n", "t.csv:3: expected ascending arrivals, got '1,5,6'"},
      {head + "0,0,6\n", "t.csv:2: expected 1 to 10000000 tokens, got '0,0,6'"},
      {head + "0,5,\n", "t.csv:2: expected 1 to 10000000 tokens"},
      {head + "0, 5,6\n", "t.csv:2: expected 1 to 10000000 tokens"},
      {head + "0,5,6\r\n", "t.csv:2: expected 1 to 10000000 tokens, got '0,5,6?'"},
  };
  for (const auto& each : cases) {
    const auto parsed = parse_trace(each.text, "t.csv");
    ASSERT_FALSE(parsed.ok()) << each.message;
    EXPECT_EQ(parsed.status().message().substr(0, each.message.size()), each.message);
  }
}

TEST(Trace, IsReadAndWrittenExactly) {
  const auto parsed = parse_trace("arrival_s,prompt,output\n0,1,2\n0.5,3,4\n1.000000001,5,6", "t.csv");
  ASSERT_TRUE(parsed.ok()) << parsed.status().message();
  EXPECT_EQ(*parsed, (std::vector<Request>{{0, 1, 2}, {500000000, 3, 4}, {1000000001, 5, 6}}));
  EXPECT_EQ(*parse_trace(trace_text(*parsed), "u.csv"), *parsed);
}

TEST(Lengths, AreReadStrictly) {
  for (const char* text : {"", "fixed", "fixed:", "fixed:0", "fixed:1:2", "uniform:5", "uniform:5:4", "uniform:1:2:3",
                           "normal:4", "exponential:-4", ":", "fixed:4 "}) {
    const auto parsed = parse_lengths(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_NE(parsed.status().message().find("expected fixed:N, uniform:LEAST:MOST or exponential:MEAN"),
              std::string::npos);
  }
  const auto uniform = parse_lengths("uniform:5:9");
  ASSERT_TRUE(uniform.ok());
  EXPECT_EQ(uniform->kind, Lengths::kUniform);
  EXPECT_EQ(uniform->b, 9);
}

TEST(Poisson, HasItsMeansAndItsSeed) {
  Poisson poisson{50, 100000, *parse_lengths("uniform:10:30"), *parse_lengths("exponential:200"), 7};
  const auto requests = draw(poisson);
  double squares = 0, prompts = 0, outputs = 0;
  Nanoseconds before = 0;
  for (const Request& r : requests) {
    const double gap = static_cast<double>(r.arrival - before) * 1e-9;
    squares += gap * gap;
    prompts += static_cast<double>(r.prompt), outputs += static_cast<double>(r.output);
    ASSERT_GE(r.arrival, before);
    ASSERT_TRUE(r.prompt >= 10 && r.prompt <= 30 && r.output >= 1 && r.output <= 3200);
    before = r.arrival;
  }
  const double n = static_cast<double>(requests.size());
  // Five standard errors of a mean: of the gaps 1/rate, of their squares sqrt(20)/rate^2, of the lengths 6.06 and 200.
  const double five = 5 / std::sqrt(n);
  EXPECT_NEAR(static_cast<double>(before) * 1e-9 / n, 1.0 / 50, five / 50);
  EXPECT_NEAR(squares / n, 2.0 / 2500, five * std::sqrt(20.0) / 2500);
  EXPECT_NEAR(prompts / n, 20, five * 6.06);
  EXPECT_NEAR(outputs / n, 200.5, five * 200);
  EXPECT_EQ(draw(poisson), requests);
  poisson.seed = 8;
  EXPECT_NE(draw(poisson), requests);
  poisson.seed = 7, poisson.prompt = *parse_lengths("fixed:3");
  const auto other = draw(poisson);
  EXPECT_EQ(other[999].arrival, requests[999].arrival);
  EXPECT_EQ(other[999].output, requests[999].output);
}

}  // namespace
}  // namespace systole::serve_tests
