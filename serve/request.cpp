// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "serve/request.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "serve/csv.h"

namespace systole::serve {
namespace {

constexpr const char* kHeader = "arrival_s,prompt,output";
constexpr int64_t kMostTokens = 10000000, kMostSeconds = 100000000;

// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  double exponential() { return -std::log1p(-static_cast<double>(next() >> 11) * 0x1p-53); }  // of mean 1

 private:
  uint64_t state_;
};

int64_t draw_length(Random& random, const Lengths& lengths) {
  switch (lengths.kind) {
    case Lengths::kFixed:
      return lengths.a;
    case Lengths::kUniform:
      return lengths.a + static_cast<int64_t>(random.next() % static_cast<uint64_t>(lengths.b - lengths.a + 1));
    case Lengths::kExponential:
      return std::max<int64_t>(
          1, static_cast<int64_t>(std::ceil(static_cast<double>(lengths.a) * std::min(16.0, random.exponential()))));
  }
  return 1;
}

}  // namespace

Result<std::vector<Request>> parse_trace(const std::string& text, const std::string& file) {
  std::vector<Request> requests;
  SYSTOLE_RETURN_IF_ERROR(
      read_csv(text, file, kHeader, [&](const std::vector<std::string_view>& fields) -> std::string {
        const auto arrival = billionths(fields[0], kMostSeconds);
        const auto prompt = whole(fields[1], 1, kMostTokens), output = whole(fields[2], 1, kMostTokens);
        if (!arrival) return "expected an arrival in seconds, at most nine decimals";
        if (!requests.empty() && *arrival < requests.back().arrival) return "expected ascending arrivals";
        if (!prompt || !output) return "expected 1 to " + std::to_string(kMostTokens) + " tokens";
        requests.push_back({*arrival, *prompt, *output});
        return "";
      }));
  return requests;
}

std::string trace_text(const std::vector<Request>& requests) {
  std::string text = std::string(kHeader) + "\n";
  char line[80];
  for (const Request& r : requests) {
    std::snprintf(line, sizeof line, "%lld.%09lld,%lld,%lld\n", static_cast<long long>(r.arrival / 1000000000),
                  static_cast<long long>(r.arrival % 1000000000), static_cast<long long>(r.prompt),
                  static_cast<long long>(r.output));
    text += line;
  }
  return text;
}

Result<Lengths> parse_lengths(const std::string& text) {
  const auto number = [](std::string_view part) { return whole(part, 1, kMostTokens); };
  const size_t colon = text.find(':'), second = text.find(':', std::min(colon, text.size() - 1) + 1);
  if (colon != text.npos) {
    const std::string kind = text.substr(0, colon);
    const std::string_view rest = std::string_view(text).substr(colon + 1);
    if (second == text.npos) {
      const auto a = number(rest);
      if (a && kind == "fixed") return Lengths{Lengths::kFixed, *a, *a};
      if (a && kind == "exponential") return Lengths{Lengths::kExponential, *a, *a};
    } else if (kind == "uniform") {
      const auto a = number(rest.substr(0, second - colon - 1)), b = number(rest.substr(second - colon));
      if (a && b && *a <= *b) return Lengths{Lengths::kUniform, *a, *b};
    }
  }
  return Status(Code::kInvalidArgument,
                "expected fixed:N, uniform:LEAST:MOST or exponential:MEAN in tokens, got '" + text + "'");
}

std::vector<Request> draw(const Poisson& poisson) {
  Random streams(poisson.seed);
  Random times(streams.next()), prompts(streams.next()), outputs(streams.next());
  std::vector<Request> requests;
  double at = 0;
  for (int64_t i = 0; i < poisson.count; ++i) {
    at += times.exponential() / poisson.per_second;
    requests.push_back({static_cast<Nanoseconds>(std::llround(at * 1e9)), draw_length(prompts, poisson.prompt),
                        draw_length(outputs, poisson.output)});
  }
  return requests;
}

}  // namespace systole::serve
