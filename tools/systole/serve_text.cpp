// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/serve_text.h"

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "report/json_text.h"
#include "report/table.h"
#include "tools/systole/text_file.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;
using serve::Percentiles, serve::Summary;

Json percentiles_json(const Percentiles& p) {
  return {{"mean", p.mean}, {"p50", p.p50}, {"p90", p.p90}, {"p95", p.p95}, {"p99", p.p99}};
}

Json json_of(const Serving& run) {
  const Summary& s = run.summary;
  const serve::Outcome& o = run.outcome;
  return {{"policy", run.policy},
          {"max_batch", run.spec.max_batch},
          {"chunk_tokens", run.spec.chunk_tokens},
          {"kv_blocks", run.spec.blocks},
          {"block_tokens", run.spec.block_tokens},
          {"requests", s.requests},
          {"rejected", s.rejected},
          {"preemptions", s.preemptions},
          {"seconds", s.seconds},
          {"steps", o.steps},
          {"prompt_tokens", o.prompt_tokens},
          {"recomputed_tokens", o.recomputed_tokens},
          {"output_tokens", o.output_tokens},
          {"padded_tokens", o.padded_tokens},
          {"ttft_seconds", percentiles_json(s.ttft)},
          {"tpot_seconds", percentiles_json(s.tpot)},
          {"latency_seconds", percentiles_json(s.latency)},
          {"requests_per_second", s.requests_per_second},
          {"output_tokens_per_second", s.tokens_per_second},
          {"goodput_requests_per_second", s.goodput},
          {"mean_requests_there", s.mean_requests},
          {"busy_share", s.busy_share},
          {"peak_kv_share", s.peak_blocks_share}};
}

}  // namespace

std::string serving_text(const ServingQuestion& question, const std::vector<Serving>& runs) {
  std::vector<report::Table::Column> columns = {{"policy"}};
  for (const Serving& run : runs) columns.push_back({run.policy, true});
  report::Table table(columns);
  const auto row = [&](const std::string& title, auto value) {
    std::vector<std::string> cells = {title};
    for (const Serving& run : runs) cells.push_back(value(run));
    table.add(cells);
  };
  const auto number = [](int64_t n) { return report::with_separators(n); };
  const auto times = [&](const std::string& title, Percentiles Summary::*which) {
    const std::pair<const char*, double Percentiles::*> ranks[] = {
        {"p50", &Percentiles::p50}, {"p90", &Percentiles::p90}, {"p95", &Percentiles::p95}, {"p99", &Percentiles::p99}};
    for (const auto& [name, rank] : ranks)
      row(title + " " + name, [&, rank = rank](const Serving& r) { return report::si(r.summary.*which.*rank, "s"); });
  };
  row("requests served", [&](const Serving& r) { return number(r.summary.requests); });
  row("rejected", [&](const Serving& r) { return number(r.summary.rejected); });
  row("time", [](const Serving& r) { return report::si(r.summary.seconds, "s"); });
  const auto rate = [](double value, const char* unit) {
    char text[64];
    std::snprintf(text, sizeof text, "%.2f%s%s", value, *unit ? " " : "", unit);
    return std::string(text);
  };
  row("throughput", [&](const Serving& r) { return rate(r.summary.requests_per_second, "requests/s"); });
  row("output", [&](const Serving& r) { return rate(r.summary.tokens_per_second, "tokens/s"); });
  const serve::Objectives& slo = question.objectives;
  if (slo.ttft_seconds > 0 || slo.tpot_seconds > 0)
    row("goodput", [&](const Serving& r) { return rate(r.summary.goodput, "requests/s"); });
  times("first token", &Summary::ttft);
  times("each after it", &Summary::tpot);
  times("whole request", &Summary::latency);
  row("requests there, mean", [&](const Serving& r) { return rate(r.summary.mean_requests, ""); });
  row("device busy", [](const Serving& r) { return report::percent(r.summary.busy_share); });
  row("KV blocks, most", [](const Serving& r) { return report::percent(r.summary.peak_blocks_share); });
  row("preemptions", [&](const Serving& r) { return number(r.summary.preemptions); });
  row("tokens computed anew", [&](const Serving& r) { return number(r.outcome.recomputed_tokens); });
  row("tokens of padding", [&](const Serving& r) { return number(r.outcome.padded_tokens); });
  row("steps", [&](const Serving& r) { return number(r.outcome.steps); });
  std::string text = "requests: " + question.requests + "\nsteps: " + question.cost + " (" + question.kind + ")\n";
  for (const HeldOut& each : question.held_out) {
    char error[32];
    std::snprintf(error, sizeof error, "%+.2f %%", each.error() * 100);
    text += "  held out: " + each.phase + " of " + std::to_string(each.sequences) + " x " +
            std::to_string(each.tokens) + " tokens, simulated " + report::si(each.simulated_ns * 1e-9, "s") +
            ", interpolated " + error + "\n";
  }
  if (slo.ttft_seconds > 0) text += "objective: first token within " + report::si(slo.ttft_seconds, "s") + "\n";
  if (slo.tpot_seconds > 0) text += "objective: each after it within " + report::si(slo.tpot_seconds, "s") + "\n";
  return text + table.text();
}

std::string serving_json(const ServingQuestion& question, const std::vector<Serving>& runs) {
  Json json{{"requests", question.requests}, {"cost", {{"source", question.cost}, {"kind", question.kind}}}};
  for (const HeldOut& each : question.held_out)
    json["cost"]["held_out"].push_back({{"phase", each.phase},
                                        {"sequences", each.sequences},
                                        {"tokens", each.tokens},
                                        {"simulated_seconds", each.simulated_ns * 1e-9},
                                        {"interpolation_error", each.error()}});
  json["objectives"] = {{"ttft_seconds", question.objectives.ttft_seconds},
                        {"tpot_seconds", question.objectives.tpot_seconds}};
  json["policies"] = Json::array();
  for (const Serving& run : runs) json["policies"].push_back(json_of(run));
  return report::json_text(json);
}

Status write_serving(const std::string& folder, const ServingQuestion& question,
                     const std::vector<serve::Request>& requests, const std::vector<Serving>& runs) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (question.table) SYSTOLE_RETURN_IF_ERROR(write_text_file(folder + "/cost.csv", question.table->text()));
  for (const Serving& run : runs) {
    const std::string tail = "." + run.policy + ".csv";
    SYSTOLE_RETURN_IF_ERROR(write_text_file(folder + "/requests" + tail, serve::requests_text(requests, run.outcome)));
    SYSTOLE_RETURN_IF_ERROR(write_text_file(folder + "/occupancy" + tail, serve::occupancy_text(run.outcome)));
  }
  return {};
}

}  // namespace systole::cli
