// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/llm_text.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/json_text.h"
#include "report/layers.h"
#include "report/table.h"
#include "tools/systole/accuracy.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;
using report::binary_bytes;
using report::percent;
using report::si;

// How busy a phase keeps each resource that could hold it back: shares of the time or of a peak.
struct Phase {
  double energy_j = 0;     // 0: the device reports none
  double core_cycles = 1;  // of all cores; at least 1
  double seconds = 0, estimated_s = 0, intensity = 0, ridge = 0, bytes_per_s = 0, peak_bytes_per_s = 0;
  report::Totals totals;
  std::vector<std::pair<const char*, double>> busy;

  const std::pair<const char*, double>& bound() const {
    return *std::max_element(busy.begin(), busy.end(), [](auto& a, auto& b) { return a.second < b.second; });
  }
};

int64_t sum_of(const graph::RunReport& run, const char* counter) {
  int64_t sum = 0;
  for (const graph::NodeReport& node : run.nodes)
    if (node.profile) sum += node.profile->counter(counter);
  return sum;
}

Phase phase_of(const graph::LlmRun& run, const DeviceInfo& device) {
  Phase p;
  p.totals = report::totals(report::layer_rows(run.report, device), run.report, device);
  p.seconds = run.report.simulated_ns * 1e-9, p.estimated_s = run.report.estimated_ns * 1e-9;
  p.energy_j = static_cast<double>(sum_of(run.report, "energy_pj")) * 1e-12;
  p.core_cycles = std::max(1.0, static_cast<double>(p.totals.cycles) * report::cores(device));
  const double bytes = static_cast<double>(p.totals.dram_read_bytes + p.totals.dram_write_bytes);
  p.bytes_per_s = bytes / std::max(p.seconds, 1e-12), p.peak_bytes_per_s = report::limit(device, "dram_bytes_per_s");
  p.intensity = 2 * static_cast<double>(p.totals.device_macs) / std::max(1.0, bytes);
  p.ridge = 2 * report::limit(device, "peak_macs_per_cycle_bf16") * report::limit(device, "clock_hz") /
            std::max(1.0, p.peak_bytes_per_s);
  p.busy = {{"array", p.totals.utilization},
            {"array's weight port", static_cast<double>(sum_of(run.report, "preload_busy_cycles")) / p.core_cycles},
            {"DRAM", p.bytes_per_s / std::max(1.0, p.peak_bytes_per_s)},
            {"vector engine", static_cast<double>(sum_of(run.report, "vector_busy_cycles")) / p.core_cycles}};
  return p;
}

std::string phase_text(const Phase& p, double tokens) {
  std::string text = "  bound by     " + std::string(p.bound().first) + ", busy " + percent(p.bound().second) + " (";
  for (const auto& [name, share] : p.busy)
    text += std::string(name == p.busy[0].first ? "" : ", ") + name + " " + percent(share);
  text += ")\n  DRAM         " + si(p.bytes_per_s, "B/s") + " of " + si(p.peak_bytes_per_s, "B/s") + ", " +
          binary_bytes(static_cast<double>(p.totals.dram_read_bytes)) + " read, " +
          binary_bytes(static_cast<double>(p.totals.dram_write_bytes)) + " written\n";
  text += "  roofline     " + si(p.intensity, "OP/B") + ", the ridge is at " + si(p.ridge, "OP/B") + ": " +
          (p.intensity < p.ridge ? "under the bandwidth's roof" : "under the array's roof") + "\n";
  text += "  cycles       " + report::with_separators(p.totals.cycles) + ":";
  for (size_t i = 0; i < report::kBounds; ++i)
    text += std::string(" ") + report::bound_name(static_cast<report::Bound>(i + 1)) + " " +
            percent(static_cast<double>(p.totals.stall_cycles[i]) / p.core_cycles);
  if (p.energy_j > 0) text += "\n  energy       " + si(p.energy_j / tokens, "J") + " a token (~ estimated)";
  return text + "\n  host work    " + si(p.estimated_s, "s") + " (~ estimated, not included)\n";
}

// A step's time in parts that sum to it: cycles in which the array or the vector engine works (and DRAM may, too);
// others in which DRAM does; those of waiting and dispatch; then the exchanges.
std::vector<std::pair<const char*, double>> split(const Phase& p, const Exchange& exchange) {
  const auto of = [&](report::Bound bound) { return p.totals.stall_cycles[static_cast<size_t>(bound) - 1]; };
  const int64_t works = of(report::Bound::kCompute) + of(report::Bound::kOnChip), memory = of(report::Bound::kDram);
  const double second = p.seconds / p.core_cycles;
  return {{"compute", second * static_cast<double>(works)},
          {"memory", second * static_cast<double>(memory)},
          {"waiting", p.totals.cycles > 0 ? second * (p.core_cycles - static_cast<double>(works + memory)) : 0},
          {"communication", exchange.seconds}};
}

std::string split_text(const Phase& p, const Exchange& exchange) {
  const double whole = p.seconds + exchange.seconds;
  std::string text = "  of all ranks " + si(whole, "s") + ":";
  const char* gap = " ";
  for (const auto& [name, seconds] : split(p, exchange)) {
    text += gap + std::string(name) + " " + si(seconds, "s") + " (" + percent(seconds / whole) + ")";
    gap = ", ";
  }
  return text + "\n  exchanges    " + report::with_separators(exchange.collectives) + ", " +
         binary_bytes(static_cast<double>(exchange.sent_bytes)) + " sent by each rank\n";
}

Json exchange_json(const Phase& p, const Exchange& exchange) {
  Json json{{"collectives", exchange.collectives}, {"sent_bytes", exchange.sent_bytes}, {"kind", "simulated"}};
  json["seconds"] = p.seconds + exchange.seconds;
  for (const auto& [name, seconds] : split(p, exchange)) json[std::string(name) + "_seconds"] = seconds;
  return json;
}

Json phase_json(const Phase& p) {
  Json busy = Json::object();
  for (const auto& [name, share] : p.busy) busy[name] = share;
  Json causes = Json::object();
  for (size_t i = 0; i < report::kBounds; ++i)
    causes[report::bound_name(static_cast<report::Bound>(i + 1))] = p.totals.stall_cycles[i];
  return {{"seconds", p.seconds},
          {"host_seconds_estimated", p.estimated_s},
          {"cycles", p.totals.cycles},
          {"cycles_by_cause", causes},
          {"energy_j_estimated", p.energy_j > 0 ? Json(p.energy_j) : Json()},
          {"macs", p.totals.device_macs},
          {"dram_read_bytes", p.totals.dram_read_bytes},
          {"dram_write_bytes", p.totals.dram_write_bytes},
          {"dram_bytes_per_s", p.bytes_per_s},
          {"dram_peak_bytes_per_s", p.peak_bytes_per_s},
          {"ops_per_dram_byte", p.intensity},
          {"ridge_ops_per_dram_byte", p.ridge},
          {"busy", busy},
          {"bound", p.bound().first}};
}

// Of the held-out point, relative; NaN where there is none.
double interpolation_error(const LlmTimes& times) {
  for (const DecodePoint& point : times.decode)
    if (point.held_out) return times.decode_ns(point.past) / point.run.report.simulated_ns - 1;
  return std::nan("");
}

int64_t activations(const LlmTimes& times) {
  int64_t most = times.prefill.activation_bytes;
  for (const DecodePoint& point : times.decode) most = std::max(most, point.run.activation_bytes);
  return most;
}

int64_t exchanged(const graph::LlmRun& run) {
  int64_t bytes = 0;
  for (const graph::Collective& each : run.collectives) bytes += each.bytes;
  return bytes;
}

double host_seconds(const LlmTimes& times) {
  double sum = times.prefill.build_s + times.prefill.compile_s + times.prefill.run_s;
  for (const DecodePoint& point : times.decode) sum += point.run.build_s + point.run.compile_s + point.run.run_s;
  return sum;
}

}  // namespace

double LlmTimes::decode_ns(int64_t past) const {
  const DecodePoint* below = nullptr;
  for (const DecodePoint& point : decode) {
    if (point.held_out) continue;
    const double ns = point.run.report.simulated_ns;
    if (point.past == past || (!below && point.past > past)) return ns;
    if (point.past > past) {
      const double share = static_cast<double>(past - below->past) / static_cast<double>(point.past - below->past);
      return below->run.report.simulated_ns * (1 - share) + ns * share;
    }
    below = &point;
  }
  return below ? below->run.report.simulated_ns : 0;
}

double LlmTimes::all_decode_ns() const {
  double sum = 0;
  for (int64_t i = 0; i + 1 < generate; ++i) sum += decode_ns(prompt + i) + decode_exchange.seconds * 1e9;
  return sum;
}

std::string llm_text(const graph::LlmSetting& s, const LlmTimes& times) {
  const DeviceInfo& device = s.device->info();
  const double first = times.first_ns() * 1e-9, rest = times.all_decode_ns() * 1e-9;
  const auto steps = static_cast<double>(std::max<int64_t>(1, times.generate - 1));
  const int64_t cache = graph::cache_bytes(s, times.positions()), most = activations(times);
  std::string text =
      s.config.name + " on " + device.uri + ", batch " + std::to_string(s.batch) + ", prompt " +
      std::to_string(times.prompt) + ", " + std::to_string(times.generate) + " tokens each, " + dtype_name(s.type) +
      (s.weights == graph::WeightType::kModel ? "" : std::string(" with weights of ") + weight_type_name(s.weights)) +
      (s.cache.int8 ? ", keys and values of int8" : "") +
      (s.tp > 1 ? ", one of " + std::to_string(s.tp) + " ranks, " +
                      (times.links ? times.links->text() : std::string("without links"))
                : "") +
      "\n";
  text += "memory         " + binary_bytes(static_cast<double>(times.prefill.weight_bytes)) + " of weights + " +
          binary_bytes(static_cast<double>(cache)) + " of keys and values (" + std::to_string(times.positions()) +
          " positions) + " + binary_bytes(static_cast<double>(most)) + " of activations, of " +
          binary_bytes(static_cast<double>(device.memory_bytes)) + "\n";
  if (s.cache.block > 0)
    text += "paged cache    pages of " + std::to_string(s.cache.block) +
            " positions, scattered, written and read page by page\n";
  text += "first token    " + si(first, "s") + "\n";
  if (times.generate > 1) text += "each after it  " + si(rest / steps, "s") + " on average\n";
  text += "throughput     " +
          si(static_cast<double>(s.batch * times.generate) / std::max(first + rest, 1e-12), "tokens/s") +
          (times.generate > 1
               ? ", " + si(static_cast<double>(s.batch) * steps / std::max(rest, 1e-12), "tokens/s") + " while decoding"
               : "") +
          "\n";
  for (const std::string& line : report::accuracy_lines(accuracy_of(device))) text += "accuracy       " + line + "\n";
  text += "prefill\n" + phase_text(phase_of(times.prefill, device), static_cast<double>(s.batch * times.prompt));
  if (s.tp > 1) text += "  exchanged    " + binary_bytes(static_cast<double>(exchanged(times.prefill))) + " a rank\n";
  if (times.links) text += split_text(phase_of(times.prefill, device), times.prefill_exchange);
  if (times.decode.empty()) return text;
  const DecodePoint& last = times.decode.back();
  text += "decode, after " + std::to_string(last.past) + " positions: " + si(last.run.report.simulated_ns * 1e-9, "s") +
          "\n" + phase_text(phase_of(last.run, device), static_cast<double>(s.batch));
  if (s.tp > 1) text += "  exchanged    " + binary_bytes(static_cast<double>(exchanged(last.run))) + " a rank\n";
  if (times.links) text += split_text(phase_of(last.run, device), times.decode_exchange);
  text += "simulated after";
  for (const DecodePoint& point : times.decode)
    text += " " + std::to_string(point.past) + (point.held_out ? " (held out)" : "");
  text += " positions; linear between";
  if (const double error = interpolation_error(times); !std::isnan(error)) {
    char line[64];
    std::snprintf(line, sizeof line, ", %+.2f %% at the one held out", error * 100);
    text += line;
  }
  return text + "\nhost time      " + si(host_seconds(times), "s") + "\n";
}

std::string llm_json(const graph::LlmSetting& s, const LlmTimes& times) {
  const DeviceInfo& device = s.device->info();
  const double first = times.first_ns() * 1e-9, rest = times.all_decode_ns() * 1e-9;
  Json json{{"model", s.config.name},
            {"device", device.uri},
            {"batch", s.batch},
            {"prompt", times.prompt},
            {"generate", times.generate},
            {"tp", s.tp},
            {"weights", s.weights == graph::WeightType::kModel ? dtype_name(s.type) : weight_type_name(s.weights)},
            {"kv_dtype", s.cache.int8 ? "int8" : dtype_name(s.type)},
            {"parameters", s.config.parameters()}};
  json["memory"] = {{"weight_bytes", times.prefill.weight_bytes},
                    {"kv_bytes", graph::cache_bytes(s, times.positions())},
                    {"kv_block", s.cache.block > 0 ? Json(s.cache.block) : Json()},
                    {"activation_bytes", activations(times)},
                    {"device_bytes", device.memory_bytes}};
  json["first_token_s"] = first;
  json["token_s"] = times.generate > 1 ? Json(rest / static_cast<double>(times.generate - 1)) : Json();
  json["tokens_per_s"] = static_cast<double>(s.batch * times.generate) / std::max(first + rest, 1e-12);
  json["prefill"] = phase_json(phase_of(times.prefill, device));
  json["prefill"]["exchanged_bytes"] = exchanged(times.prefill);
  if (times.links) {
    json["links"] = {{"config", times.links->shape.link.name},
                     {"topology", times.links->topology},
                     {"algorithm", times.links->algorithm}};
    json["prefill"]["ranks"] = exchange_json(phase_of(times.prefill, device), times.prefill_exchange);
  }
  json["decode"] = Json::array();
  for (const DecodePoint& point : times.decode) {
    Json one = phase_json(phase_of(point.run, device));
    one["past"] = point.past, one["held_out"] = point.held_out, one["exchanged_bytes"] = exchanged(point.run);
    if (times.links) one["ranks"] = exchange_json(phase_of(point.run, device), times.decode_exchange);
    json["decode"].push_back(std::move(one));
  }
  const double error = interpolation_error(times);
  json["interpolation_error"] = std::isnan(error) ? Json() : Json(error);
  json["accuracy"] = report::accuracy_json(accuracy_of(device));
  return report::json_text(json);
}

}  // namespace systole::cli
