// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "devices/cpu/probe.h"
#include "graph/executor.h"
#include "hal/queue.h"
#include "report/json_text.h"
#include "report/layers.h"
#include "report/table.h"
#include "tools/systole/bench_op.h"
#include "tools/systole/device_registry.h"
#include "tools/systole/exit.h"
#include "tools/systole/model.h"
#include "tools/systole/tensors.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

using Clock = std::chrono::steady_clock;

const char* kText =
    "Runs a model, or one op, again and again after a warm-up. Prints the times of whole runs and a line an op: its "
    "least time,\n"
    "what it computes and moves a second, and on the cpu its share of the roofline: the least time that the peak and "
    "the\n"
    "bandwidth allow, both measured in this run, over the time taken. Bandwidth is read at the op's own footprint.\n\n"
    "  systole bench mobilenet_v2 --device 'cpu?threads=1'\n"
    "  systole bench --op conv2d --shape 1x64x56x56,64x64x3x3 --attribute pad=1 --attribute bias=1\n"
    "  systole bench --op matmul --shape 512x768,768x3072 --dtype bf16\n\n"
    "Ops, their inputs and attributes:\n";

// What one op took, in every run.
struct OpTimes {
  std::string name, op, output;
  DType type = DType::kF32;
  int64_t macs = 0, bytes = 0;
  std::vector<double> ns;
};

struct Measured {
  std::string what;
  NumberKind kind = NumberKind::kMeasured;
  std::vector<double> run_ns;  // ascending
  std::vector<OpTimes> ops;
};

double at(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5)];
}

DType type_of(const std::vector<std::string>& operands) {
  if (operands.empty()) return DType::kF32;
  return parse_dtype(operands[0].substr(0, operands[0].find('['))).value_or(DType::kF32);
}

void collect(const graph::RunReport& report, const DeviceInfo& device, Measured& measured) {
  const std::vector<report::LayerRow> rows = report::layer_rows(report, device);
  std::vector<const graph::NodeReport*> nodes;
  for (const graph::NodeReport& node : report.nodes)
    if (node.segment >= 0) nodes.push_back(&node);
  measured.ops.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    OpTimes& op = measured.ops[i];
    op.name = rows[i].name, op.op = rows[i].op, op.output = rows[i].shape;
    op.macs = rows[i].macs, op.bytes = rows[i].compulsory_bytes;
    if (i < nodes.size()) op.type = type_of(nodes[i]->inputs);
    op.ns.push_back(rows[i].time_ns);
  }
}

struct Repeats {
  int64_t warm_up = 0, iterations = 0;
};

// Runs are timed without a profile; as many again with one give the ops' times.
Status measure_model(const Options& options, const std::shared_ptr<Device>& device, Repeats repeats,
                     Measured& measured) {
  graph::PassReport passes;
  const uint64_t seed = options["seed"].as<uint64_t>();
  SYSTOLE_ASSIGN_OR_RETURN(
      graph::Graph graph,
      load_model(options.text("MODEL"), {options.list("shapes"), options["batch"].as<int64_t>(), seed}, &passes));
  SYSTOLE_ASSIGN_OR_RETURN(graph::TensorMap inputs, make_inputs(graph, {}, seed));
  graph::SessionOptions session_options;
  session_options.device = device;
  if (!options.text("device").starts_with("cpu")) {
    SYSTOLE_ASSIGN_OR_RETURN(session_options.fallback, open_device("cpu"));
  }
  SYSTOLE_ASSIGN_OR_RETURN(auto session, graph::compile(std::move(graph), session_options));
  measured.what = options.text("MODEL");
  const bool simulated = device->info().simulated;
  if (simulated) measured.kind = NumberKind::kSimulated;
  graph::TensorMap outputs;
  for (int64_t i = 0; i < repeats.warm_up; ++i) SYSTOLE_RETURN_IF_ERROR(session->run(inputs, outputs));
  for (int64_t i = 0; i < repeats.iterations && !simulated; ++i) {
    const auto start = Clock::now();
    SYSTOLE_RETURN_IF_ERROR(session->run(inputs, outputs));
    measured.run_ns.push_back(std::chrono::duration<double, std::nano>(Clock::now() - start).count());
  }
  for (int64_t i = 0; i < repeats.iterations; ++i) {
    graph::RunReport report;
    SYSTOLE_RETURN_IF_ERROR(session->run(inputs, outputs, &report));
    collect(report, device->info(), measured);
    if (simulated) measured.run_ns.push_back(report.simulated_ns);
  }
  return {};
}

Status measure_op(const Options& options, const std::shared_ptr<Device>& device, Repeats repeats, Measured& measured) {
  SYSTOLE_ASSIGN_OR_RETURN(
      OpDesc op, parse_op(options.text("op"), options.text("shape"), options.text("dtype"), options.list("attribute")));
  SYSTOLE_ASSIGN_OR_RETURN(auto list, record_ops(device, {op}));
  measured.what = options.text("op") + " " + options.text("shape");
  measured.ops.push_back({op.name,
                          op_name(op.op),
                          op.outputs[0].to_string(),
                          op.inputs[0].dtype,
                          mac_count(op),
                          compulsory_bytes(op),
                          {}});
  for (int64_t i = 0; i < repeats.warm_up + repeats.iterations; ++i) {
    Profile profile;
    SYSTOLE_RETURN_IF_ERROR(run_and_wait(*device, list, {}, &profile));
    if (i < repeats.warm_up) continue;
    double ns = 0;
    for (const ProfileRecord& record : profile.records) ns += record.end_ns - record.start_ns;
    if (!profile.records.empty()) measured.kind = profile.records[0].kind;
    measured.ops[0].ns.push_back(ns);
    measured.run_ns.push_back(ns);
  }
  return {};
}

nlohmann::ordered_json to_json(const Measured& measured, const Device& device, const cpu::Roofline& roofline) {
  nlohmann::ordered_json json{{"model", measured.what},
                              {"device", device.info().uri},
                              {"kind", number_kind_name(measured.kind)},
                              {"iterations", measured.run_ns.size()},
                              {"min_ns", at(measured.run_ns, 0)},
                              {"p50_ns", at(measured.run_ns, 0.5)},
                              {"p95_ns", at(measured.run_ns, 0.95)}};
  for (const auto& peak : roofline.peaks) json["peak_macs_per_s"][dtype_name(peak.type)] = peak.macs_per_s;
  for (const auto& stream : roofline.streams)
    json["read_bytes_per_s"].push_back({{"footprint_bytes", stream.bytes}, {"bytes_per_s", stream.bytes_per_s}});
  json["ops"] = nlohmann::ordered_json::array();
  for (const OpTimes& op : measured.ops) {
    nlohmann::ordered_json row{
        {"name", op.name},          {"op", op.op},     {"output", op.output},         {"min_ns", at(op.ns, 0)},
        {"p50_ns", at(op.ns, 0.5)}, {"macs", op.macs}, {"compulsory_bytes", op.bytes}};
    if (!roofline.peaks.empty() && at(op.ns, 0) > 0)
      row["roofline_share"] = roofline.least_seconds(op.type, op.macs, op.bytes) / (at(op.ns, 0) * 1e-9);
    json["ops"].push_back(std::move(row));
  }
  return json;
}

void print(const Measured& measured, const Device& device, const cpu::Roofline& roofline) {
  double sum = 0;
  for (const OpTimes& op : measured.ops) sum += at(op.ns, 0);
  report::Table table({{"op", false, 40},
                       {"kind"},
                       {"output", false, 30},
                       {"time", true},
                       {"of all", true},
                       {"OP/s", true},
                       {"B/s", true},
                       {"of roofline", true}});
  for (const OpTimes& op : measured.ops) {
    const double seconds = at(op.ns, 0) * 1e-9;
    if (seconds <= 0) continue;
    const double least = roofline.least_seconds(op.type, op.macs, op.bytes);
    table.add({op.name, op.op, op.output, report::si(seconds, "s"), report::percent(seconds * 1e9 / sum),
               op.macs > 0 ? report::si(2 * static_cast<double>(op.macs) / seconds, "") : "",
               op.bytes > 0 ? report::si(static_cast<double>(op.bytes) / seconds, "") : "",
               least > 0 ? report::percent(least / seconds) : ""});
  }
  std::cout << table.text() << "\n" << measured.what << " on " << device.info().uri << "\n";
  std::cout << "runs         " << measured.run_ns.size() << " " << number_kind_name(measured.kind) << ": least "
            << report::si(at(measured.run_ns, 0) * 1e-9, "s") << ", median "
            << report::si(at(measured.run_ns, 0.5) * 1e-9, "s") << ", 95 % within "
            << report::si(at(measured.run_ns, 0.95) * 1e-9, "s") << "; ops' least times add up to "
            << report::si(sum * 1e-9, "s") << "\n";
  for (const auto& peak : roofline.peaks)
    std::cout << "peak         " << dtype_name(peak.type) << " " << report::si(2 * peak.macs_per_s, "OP/s") << "\n";
  for (const auto& stream : roofline.streams)
    std::cout << "read         " << report::si(stream.bytes_per_s, "B/s") << " from "
              << report::binary_bytes(static_cast<double>(stream.bytes)) << "\n";
}

void add_options(Options& options) {
  using Texts = std::vector<std::string>;
  options.add()("device,d", po::value<std::string>()->default_value("cpu"), "a device, with ?key=value options")(
      "op", po::value<std::string>(), "an op instead of a model")("shape", po::value<std::string>(),
                                                                  "of the op's inputs, comma-separated")(
      "dtype", po::value<std::string>()->default_value("f32"), "of the op's tensors")(
      "attribute", po::value<Texts>(), "of the op, name=number")("iterations,n",
                                                                 po::value<int64_t>()->default_value(30), "timed runs")(
      "warm-up", po::value<int64_t>()->default_value(5), "runs before them")(
      "shapes", po::value<Texts>(), "extent of a symbolic dimension, name=extent")(
      "batch", po::value<int64_t>()->default_value(0), "axis 0 of every input")(
      "seed", po::value<uint64_t>()->default_value(1), "of inputs and synthetic weights");
}

}  // namespace

int run_bench(const Arguments& arguments) {
  static const std::string text = kText + op_help();
  Options options("bench", "bench (MODEL | --op OP --shape S) [--device D] [options]", text);
  add_options(options);
  options.positional("MODEL", false);
  if (!options.parse(arguments)) return options.exit_code;
  if (options.has("MODEL") == options.has("op"))
    return usage_error("bench: give a MODEL, or --op with --shape", "bench");
  if (options.has("op") && !options.has("shape")) return usage_error("bench: --op needs --shape", "bench");
  const Repeats repeats{options["warm-up"].as<int64_t>(), options["iterations"].as<int64_t>()};
  if (repeats.iterations < 1 || repeats.warm_up < 0)
    return usage_error("bench: --iterations: expected at least 1, --warm-up: at least 0", "bench");

  auto device = open_device(options.text("device"));
  if (!device.ok()) return fail(device.status());
  Measured measured;
  const Status status = options.has("op") ? measure_op(options, *device, repeats, measured)
                                          : measure_model(options, *device, repeats, measured);
  if (!status.ok()) return fail(status, "bench");
  std::sort(measured.run_ns.begin(), measured.run_ns.end());
  for (OpTimes& op : measured.ops) std::sort(op.ns.begin(), op.ns.end());
  cpu::Roofline roofline;
  const double threads = report::limit((*device)->info(), "threads");
  if (options.text("device").starts_with("cpu") && threads >= 1)
    roofline = cpu::probe_roofline(static_cast<int>(threads));
  if (options.json())
    std::cout << report::json_text(to_json(measured, **device, roofline));
  else
    print(measured, **device, roofline);
  return kOk;
}

}  // namespace systole::cli
