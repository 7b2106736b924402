// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <functional>
#include <iostream>

#include "graph/executor.h"
#include "hal/queue.h"
#include "report/layers.h"
#include "tools/systole/bench_op.h"
#include "tools/systole/bench_text.h"
#include "tools/systole/device_registry.h"
#include "tools/systole/exit.h"
#include "tools/systole/model.h"
#include "tools/systole/peaks.h"
#include "tools/systole/tensors.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

using Clock = std::chrono::steady_clock;

const char* kText =
    "Runs a model, or one op, again and again after a warm-up. Prints the times of whole runs, from submission to the "
    "end by\n"
    "the host's clock, and a line an op: its least and its median time on the device, what it computes and moves a "
    "second, and\n"
    "on cpu and gpu its share of the roofline: the least time that the device's measured peaks allow ('systole peaks') "
    "over the\n"
    "least time taken. Bandwidth is that of the op's own footprint. Whole runs are timed without the profile that "
    "times ops.\n\n"
    "  systole bench mobilenet_v2 --device 'cpu?threads=1'\n"
    "  systole bench --op conv2d --shape 1x64x56x56,64x64x3x3 --attribute pad=1 --attribute bias=1\n"
    "  systole bench --op matmul --shape 512x768,768x3072 --dtype bf16\n\n"
    "Ops, their inputs and attributes:\n";

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

// Runs are timed without a profile; as many again with one give the ops' times. A simulated device is not timed.
Status repeat(Repeats repeats, bool timed, const std::function<Status()>& run, const std::function<Status()>& profile,
              Measured& measured) {
  for (int64_t i = 0; i < repeats.warm_up; ++i) SYSTOLE_RETURN_IF_ERROR(run());
  for (int64_t i = 0; i < repeats.iterations && timed; ++i) {
    const auto start = Clock::now();
    SYSTOLE_RETURN_IF_ERROR(run());
    measured.run_ns.push_back(std::chrono::duration<double, std::nano>(Clock::now() - start).count());
  }
  for (int64_t i = 0; i < repeats.iterations; ++i) SYSTOLE_RETURN_IF_ERROR(profile());
  return {};
}

Status measure_model(const Options& options, const std::shared_ptr<Device>& device, Repeats repeats,
                     Measured& measured) {
  graph::PassReport passes;
  const uint64_t seed = options["seed"].as<uint64_t>();
  SYSTOLE_ASSIGN_OR_RETURN(
      graph::Graph graph,
      load_model(options.text("MODEL"), {options.list("shapes"), options["batch"].as<int64_t>(), seed}, &passes));
  SYSTOLE_ASSIGN_OR_RETURN(graph::TensorMap inputs, make_inputs(graph, {}, seed));
  graph::SessionOptions session_options;
  SYSTOLE_ASSIGN_OR_RETURN(session_options.precision, graph::parse_precision(options.text("precision")));
  session_options.device = device;
  if (!options.text("device").starts_with("cpu")) {
    SYSTOLE_ASSIGN_OR_RETURN(session_options.fallback, open_device("cpu"));
  }
  SYSTOLE_ASSIGN_OR_RETURN(auto session, graph::compile(std::move(graph), session_options));
  measured.what = options.text("MODEL");
  const bool simulated = device->info().simulated;
  if (simulated) measured.kind = NumberKind::kSimulated;
  graph::TensorMap outputs;
  const auto run = [&] { return session->run(inputs, outputs); };
  const auto profile = [&]() -> Status {
    graph::RunReport report;
    SYSTOLE_RETURN_IF_ERROR(session->run(inputs, outputs, &report));
    collect(report, device->info(), measured);
    if (simulated) measured.run_ns.push_back(report.simulated_ns);
    return {};
  };
  return repeat(repeats, !simulated, run, profile, measured);
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
  const bool simulated = device->info().simulated;
  const auto run = [&] { return run_and_wait(*device, list); };
  const auto profile = [&]() -> Status {
    Profile records;
    SYSTOLE_RETURN_IF_ERROR(run_and_wait(*device, list, {}, &records));
    double ns = 0;
    for (const ProfileRecord& record : records.records) ns += record.end_ns - record.start_ns;
    if (!records.records.empty()) measured.kind = records.records[0].kind;
    measured.ops[0].ns.push_back(ns);
    if (simulated) measured.run_ns.push_back(ns);
    return {};
  };
  return repeat(repeats, !simulated, run, profile, measured);
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
      "precision", po::value<std::string>()->default_value("native"),
      "of a model's f32 ops: native, model, bf16 or f16, as in run")("seed", po::value<uint64_t>()->default_value(1),
                                                                     "of inputs and synthetic weights");
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
  if (auto precision = graph::parse_precision(options.text("precision")); !precision.ok())
    return usage_error("--" + precision.status().message(), "bench");

  auto device = open_device(options.text("device"));
  if (!device.ok()) return fail(device.status());
  Measured measured;
  const Status status = options.has("op") ? measure_op(options, *device, repeats, measured)
                                          : measure_model(options, *device, repeats, measured);
  if (!status.ok()) return fail(status, "bench");
  auto peaks = peaks_of(**device);
  if (!peaks.ok()) return fail(peaks.status(), "bench: peaks");
  if (*peaks) measured.peaks = std::move(**peaks);
  measured.device = (*device)->info().uri;
  std::cout << (options.json() ? bench_json(measured) : bench_text(measured));
  return kOk;
}

}  // namespace systole::cli
