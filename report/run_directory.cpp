// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "report/run_directory.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "report/json_text.h"
#include "report/peaks_text.h"
#include "report/trace.h"

namespace systole::report {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

Json number(double value, const char* unit, NumberKind kind) {
  return {{"value", value}, {"unit", unit}, {"kind", number_kind_name(kind)}};
}
Json count(int64_t value, const char* unit, NumberKind kind) {
  return {{"value", value}, {"unit", unit}, {"kind", number_kind_name(kind)}};
}

// Means over the simulated cycles. Energy: also where it is 0, as `null`, when the hardware names no table.
void limits_json(Json& json, const Totals& sum, const DeviceInfo& device) {
  const Limits& l = sum.limits;
  const auto mean = [&](int64_t over_cycles) {
    return sum.cycles == 0 ? 0 : static_cast<double>(over_cycles) / static_cast<double>(sum.cycles);
  };
  json["row_hit_rate"] = number(l.row_hit_rate(), "1", NumberKind::kSimulated);
  if (l.l2_hits + l.l2_misses > 0) {
    json["l2"]["hits"] = count(l.l2_hits, "burst", NumberKind::kSimulated);
    json["l2"]["misses"] = count(l.l2_misses, "burst", NumberKind::kSimulated);
    json["l2"]["hit_rate"] = number(l.l2_hit_rate(), "1", NumberKind::kSimulated);
    json["l2"]["write_backs"] = count(l.l2_write_backs, "burst", NumberKind::kSimulated);
  }
  json["dram_reads_in_flight"] = number(mean(l.read_flight_cycles), "1", NumberKind::kSimulated);
  json["dram_writes_in_flight"] = number(mean(l.write_flight_cycles), "1", NumberKind::kSimulated);
  for (size_t q = 0; q < kQueueNames.size(); ++q)
    json["queues"][kQueueNames[q]] = {{"mean", mean(l.queue_cycles[q])}, {"most", l.queue_most[q]}};
  json["scratchpad_bytes"] = count(l.scratchpad_bytes, "B", NumberKind::kSimulated);
  json["resident_bytes"] = count(l.resident_bytes, "B", NumberKind::kSimulated);
  json["accumulator_bytes"] = count(l.accumulator_bytes, "B", NumberKind::kSimulated);
  json["energy"] = nullptr;
  if (l.energy_pj == 0) return;
  const double joules = static_cast<double>(l.energy_pj) * 1e-12;
  const double seconds = static_cast<double>(sum.cycles) / limit(device, "clock_hz");
  Json energy = number(joules, "J", NumberKind::kEstimated);
  for (size_t p = 0; p < kEnergyParts.size(); ++p)
    energy["parts"][kEnergyParts[p]] = static_cast<double>(l.energy_parts_pj[p]) * 1e-12;
  if (sum.device_macs > 0)
    energy["pj_per_mac"] = static_cast<double>(l.energy_pj) / static_cast<double>(sum.device_macs);
  energy["average_watts"] = joules / seconds;
  json["energy"] = energy;
}

Json totals_json(const Totals& sum, const graph::RunReport& run, const DeviceInfo& device) {
  Json json;
  json["macs"] = count(sum.macs, "MAC", NumberKind::kEstimated);
  json["compulsory_bytes"] = count(sum.compulsory_bytes, "B", NumberKind::kEstimated);
  json["constant_bytes"] = count(run.constant_bytes, "B", NumberKind::kEstimated);
  json["least_bytes"] = count(run.least_bytes, "B", NumberKind::kEstimated);
  if (device.simulated) {
    json["latency"] = number(sum.simulated_ns, "ns", NumberKind::kSimulated);
    json["host_work"] = number(sum.estimated_ns, "ns", NumberKind::kEstimated);
    json["cycles"] = count(sum.cycles, "cycle", NumberKind::kSimulated);
    json["utilization"] = number(sum.utilization, "1", NumberKind::kSimulated);
    json["dram_read_bytes"] = count(sum.dram_read_bytes, "B", NumberKind::kSimulated);
    json["dram_write_bytes"] = count(sum.dram_write_bytes, "B", NumberKind::kSimulated);
    json["on_chip_bytes"] = count(sum.on_chip_bytes, "B", NumberKind::kSimulated);
    json["bandwidth_share"] = number(sum.bandwidth_share, "1", NumberKind::kSimulated);
    limits_json(json, sum, device);
    Json& cycles = json["cycles_by_cause"];
    for (size_t i = 0; i < kBounds; ++i) cycles[bound_name(static_cast<Bound>(i + 1))] = sum.stall_cycles[i];
  }
  return json;
}

// Rates over the time taken, and the roofline: blank where there is none.
std::string roofline_cells(const LayerRow& row) {
  if (row.rate <= 0) return ",,,,";
  char cells[160];
  std::snprintf(cells, sizeof cells, "%.6g,%.6g,%.3f,%.6f,%s", static_cast<double>(row.macs) / row.time_ns * 1e9,
                static_cast<double>(row.compulsory_bytes) / row.time_ns * 1e9, row.roof.seconds() * 1e9, row.rate,
                row.roof.bound());
  return cells;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string host_json(const HostFacts& host, const std::vector<LayerRow>& rows, const Peaks* peaks) {
  Json json;
  json["schema"] = kRunSchema;
  json["kind"] = number_kind_name(NumberKind::kMeasured);
  for (const auto& [name, value] : host) json[name] = value;
  Json layers = Json::array();
  for (const LayerRow& row : rows) {
    if (row.kind == NumberKind::kMeasured)
      layers.push_back({{"name", row.name}, {"device", row.device}, {"time_ns", row.time_ns}});
  }
  json["layers"] = layers;
  if (peaks != nullptr) json["peaks"] = peaks_json(*peaks);
  return json_text(json);
}

Status write_file(const fs::path& path, const std::string& content) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return Status(Code::kUnavailable, "cannot create " + path.string());
  const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  const bool flushed = std::fflush(file) == 0 && fsync(fileno(file)) == 0;
  const bool closed = std::fclose(file) == 0;
  if (!written || !flushed || !closed)
    return Status(Code::kUnavailable, "cannot write " + path.string() + ": is the disk full?");
  return {};
}

}  // namespace

std::string run_json(const RunFacts& facts, const graph::RunReport& run, const std::vector<LayerRow>& rows,
                     const DeviceInfo& device) {
  Json json;
  json["schema"] = kRunSchema;
  json["versions"] = facts.versions;
  json["model"] = facts.model;
  json["device"] = facts.device_uri;
  json["precision"] = facts.precision;
  json["seed"] = facts.seed;
  json["functional"] = device.functional;
  for (const auto& [name, description] : facts.inputs) json["inputs"][name] = description;
  for (const auto& [name, description] : facts.outputs) json["outputs"][name] = description;
  if (!facts.digests.empty()) json["digests"] = facts.digests;
  json["totals"] = totals_json(totals(rows, run, device), run, device);
  if (const auto& link = facts.host_link) {
    json["host_link"] = {{"config", link->config},
                         {"input_bytes", link->input_bytes},
                         {"output_bytes", link->output_bytes},
                         {"input", number(link->input_ns, "ns", NumberKind::kSimulated)},
                         {"output", number(link->output_ns, "ns", NumberKind::kSimulated)}};
  }
  json["accuracy"] = accuracy_json(facts.accuracy);
  Json memory = Json::array();
  for (const graph::ArenaReport& arena : run.arenas) {
    memory.push_back({{"device", arena.device},
                      {"values", arena.values},
                      {"transient_values", arena.transient},
                      {"peak_bytes", arena.peak_bytes},
                      {"without_reuse_bytes", arena.sum_bytes}});
  }
  json["memory"] = memory;
  Json fallbacks = Json::array();
  for (const LayerRow& row : rows) {
    if (row.fallback)
      fallbacks.push_back({{"name", row.name}, {"op", row.op}, {"device", row.device}, {"reason", row.why}});
  }
  json["fallbacks"] = fallbacks;
  json["passes"] = run.passes;
  json["warnings"] = run.warnings;
  if (!facts.verification.empty()) json["verification"] = facts.verification;
  Json config = Json::object();
  for (const ResolvedSetting& setting : facts.config)
    config[setting.key] = {{"value", setting.value}, {"unit", setting.unit}};
  json["config"] = config;
  return json_text(json);
}

std::string layers_csv(const std::vector<LayerRow>& rows, bool measured_times) {
  std::string text =
      "index,name,op,device,output,kind,macs,cycles,time_ns,utilization,dram_read_bytes,dram_write_bytes,on_chip_bytes,"
      "compulsory_bytes,"
      "ops_per_dram_byte,bound,reason,bandwidth_share,";
  for (size_t i = 0; i < kBounds; ++i) text += std::string(bound_name(static_cast<Bound>(i + 1))) + "_cycles,";
  text += limits_titles() + ",macs_per_s,bytes_per_s,roofline_ns,roofline_share,roofline_bound\n";
  for (const LayerRow& row : rows) {
    // A measured time differs from run to run: of a run that is simulated it is host.json's.
    const bool told = measured_times || row.kind != NumberKind::kMeasured;
    char numbers[256];
    std::snprintf(numbers, sizeof numbers, "%lld,%lld,%.3f,%.6f,%lld,%lld,%lld,%lld,%.4f",
                  static_cast<long long>(row.macs), static_cast<long long>(row.cycles), told ? row.time_ns : 0.0,
                  row.utilization, static_cast<long long>(row.dram_read_bytes),
                  static_cast<long long>(row.dram_write_bytes), static_cast<long long>(row.on_chip_bytes),
                  static_cast<long long>(row.compulsory_bytes), row.intensity);
    text += std::to_string(row.index) + "," + csv_cell(row.name) + "," + row.op + "," + row.device + "," +
            csv_cell(row.shape) + "," + number_kind_name(row.kind) + "," + numbers + "," + bound_name(row.bound) + "," +
            csv_cell(row.why) + ",";
    std::snprintf(numbers, sizeof numbers, "%.4f,", row.bandwidth_share);
    text += numbers;
    for (const int64_t cycles : row.stall_cycles) text += std::to_string(cycles) + ",";
    text += limits_cells(row.limits, row.cycles) + "," + roofline_cells(row) + "\n";
  }
  return text;
}

Status write_run_directory(const std::string& directory, const RunFacts& facts, const graph::RunReport& run,
                           const std::vector<LayerRow>& rows, const DeviceInfo& device, const HostFacts& host,
                           bool trace) {
  fs::path target = fs::path(directory).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();  // "runs/" is "runs"
  if (target.empty()) return Status(Code::kInvalidArgument, "expected a run directory's name, got '" + directory + "'");
  std::error_code error;
  if (fs::exists(target, error) && !fs::exists(target / "run.json", error) &&
      (!fs::is_directory(target, error) || !fs::is_empty(target, error))) {
    return Status(Code::kInvalidArgument,
                  directory + " exists and is not a run directory (it has no run.json): choose another");
  }
  const std::string suffix = ".new." + std::to_string(getpid());
  const fs::path fresh = target.string() + suffix, old = target.string() + ".old." + std::to_string(getpid());
  if (target.has_parent_path()) fs::create_directories(target.parent_path(), error);
  fs::remove_all(fresh, error);
  if (!fs::create_directory(fresh, error))
    return Status(Code::kUnavailable, "cannot create " + fresh.string() + ": " + error.message());

  const Peaks* peaks = facts.peaks ? &*facts.peaks : nullptr;
  std::vector<std::pair<std::string, std::string>> files = {{"run.json", run_json(facts, run, rows, device)},
                                                            {"layers.csv", layers_csv(rows, peaks != nullptr)},
                                                            {"host.json", host_json(host, rows, peaks)}};
  if (!facts.traffic.empty()) files.push_back({"timeline.csv", timeline_csv(facts.traffic)});
  if (trace) files.push_back({"trace.pftrace", perfetto_trace(run, facts.traffic)});
  for (const auto& [name, content] : files) {
    if (Status status = write_file(fresh / name, content); !status.ok()) {
      fs::remove_all(fresh, error);
      return status;
    }
  }
  if (fs::exists(target, error)) fs::rename(target, old, error);
  fs::rename(fresh, target, error);
  if (error) {
    std::error_code ignored;
    fs::rename(old, target, ignored);
    fs::remove_all(fresh, ignored);
    return Status(Code::kUnavailable, "cannot rename to " + target.string() + ": " + error.message());
  }
  fs::remove_all(old, error);
  return {};
}

}  // namespace systole::report
