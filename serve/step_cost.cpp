// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "serve/step_cost.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "serve/csv.h"

namespace systole::serve {
namespace {

constexpr const char* kHeader = "phase,sequences,tokens,nanoseconds";
constexpr int64_t kMostPoint = 1000000000000000, kMostCount = 100000000;  // nanoseconds; tokens, sequences

// A slope that goes on, or figures of a roofline, can lead anywhere.
Nanoseconds rounded(double nanoseconds) {
  return std::llround(std::clamp(nanoseconds, 1.0, static_cast<double>(kMostNanoseconds)));
}

// Where x lies among ascending points: the lower one's index, and the share of the way to the next.
std::pair<size_t, double> between(const std::vector<int64_t>& points, double x) {
  if (points.size() < 2 || x <= static_cast<double>(points[0])) return {0, 0};
  size_t i = 0;
  while (i + 2 < points.size() && x >= static_cast<double>(points[i + 1])) ++i;
  return {i, (x - static_cast<double>(points[i])) / static_cast<double>(points[i + 1] - points[i])};
}

}  // namespace

Nanoseconds Roofline::of(const StepWork& work) const {
  double tokens = static_cast<double>(work.sequences), read = static_cast<double>(work.context), attended = read;
  for (const StepWork::Prompt& p : work.prompts) {
    const auto n = static_cast<double>(p.tokens), before = static_cast<double>(p.before);
    tokens += n, read += before, attended += n * (before + (n + 1) / 2);
  }
  const double flops = tokens * flops_per_token + attended * attention_flops_per_token;
  const double bytes = weight_bytes + (read + tokens) * kv_bytes_per_token;
  return rounded(static_cast<double>(overhead) + 1e9 * std::max(flops / flops_per_second, bytes / bytes_per_second));
}

Result<CostTable> CostTable::parse(const std::string& text, const std::string& file) {
  std::map<int64_t, double> prefills;
  std::map<int64_t, std::map<int64_t, double>> grid;
  SYSTOLE_RETURN_IF_ERROR(read_csv(text, file, kHeader, [&](const std::vector<std::string_view>& f) -> std::string {
    const auto count = whole(f[1], 1, kMostCount), tokens = whole(f[2], 1, kMostCount);
    const auto time = whole(f[3], 1, kMostPoint);
    if (f[0] != "prefill" && f[0] != "decode") return "expected the phase prefill or decode";
    if (!count || !tokens || !time) return "expected whole numbers from 1 on";
    if (f[0] == "prefill" && *count != 1) return "expected a prefill of 1 sequence";
    auto& row = f[0] == "prefill" ? prefills : grid[*count];
    if (!row.emplace(*tokens, static_cast<double>(*time)).second) return "expected each point once";
    return "";
  }));
  const auto wrong = [&](const std::string& what) { return Status(Code::kInvalidArgument, file + ": " + what); };
  if (prefills.empty()) return wrong("expected at least one prefill, got none");
  if (grid.empty()) return wrong("expected at least one decode, got none");
  CostTable table;
  for (const auto& [tokens, time] : prefills) table.prompts.push_back(tokens), table.prefill.push_back(time);
  for (const auto& [context, time] : grid.begin()->second) table.contexts.push_back(context);
  for (const auto& [count, row] : grid) {
    table.sequences.push_back(count);
    table.decode.emplace_back();
    for (const auto& [context, time] : row) table.decode.back().push_back(time);
    if (!std::equal(row.begin(), row.end(), table.contexts.begin(), table.contexts.end(),
                    [](const auto& point, int64_t context) { return point.first == context; }))
      return wrong("expected decode at the same contexts for every number of sequences, got others for " +
                   std::to_string(count));
  }
  return table;
}

std::string CostTable::text() const {
  std::string result = std::string(kHeader) + "\n";
  const auto add = [&](const char* phase, int64_t count, int64_t tokens, double time) {
    result += std::string(phase) + "," + std::to_string(count) + "," + std::to_string(tokens) + "," +
              std::to_string(rounded(time)) + "\n";
  };
  for (size_t i = 0; i < prompts.size(); ++i) add("prefill", 1, prompts[i], prefill[i]);
  for (size_t i = 0; i < sequences.size(); ++i)
    for (size_t j = 0; j < contexts.size(); ++j) add("decode", sequences[i], contexts[j], decode[i][j]);
  return result;
}

double CostTable::prefill_at(int64_t tokens) const {
  const auto [i, share] = between(prompts, static_cast<double>(tokens));
  return share == 0 ? prefill[i] : prefill[i] + share * (prefill[i + 1] - prefill[i]);
}

double CostTable::decode_at(double sequence_count, double mean_context) const {
  const auto [i, share] = between(sequences, sequence_count);
  const auto [j, along] = between(contexts, mean_context);
  const auto row = [&, j = j, along = along](size_t at) {
    return along == 0 ? decode[at][j] : decode[at][j] + along * (decode[at][j + 1] - decode[at][j]);
  };
  return share == 0 ? row(i) : row(i) + share * (row(i + 1) - row(i));
}

Nanoseconds CostTable::of(const StepWork& work) const {
  double time = 0;
  for (const StepWork::Prompt& p : work.prompts) {
    const double alone = prefill_at(p.tokens);
    time += p.before == 0 ? alone : std::max(alone, prefill_at(p.before + p.tokens) - prefill_at(p.before));
  }
  if (work.sequences > 0) {
    const auto count = static_cast<double>(work.sequences);
    time += decode_at(count, static_cast<double>(work.context) / count);
  }
  return rounded(time);
}

}  // namespace systole::serve
