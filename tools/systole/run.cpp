// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <sstream>

#include "configs/spec/load.h"
#include "graph/executor.h"
#include "graph/verify.h"
#include "hal/fnv1a.h"
#include "report/run_directory.h"
#include "report/table.h"
#include "tools/systole/accuracy.h"
#include "tools/systole/device_registry.h"
#include "tools/systole/exit.h"
#include "tools/systole/host_link.h"
#include "tools/systole/peaks.h"
#include "tools/systole/plans.h"
#include "tools/systole/progress.h"
#include "tools/systole/run_text.h"
#include "tools/systole/tensors.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

const char* kText =
    "Compiles a model (ONNX by content, a built-in network by name, or what 'compile' wrote) for a device and runs it "
    "once. Prints a line a "
    "layer and\n"
    "a summary; with -o writes a run directory (run.json, layers.csv, host.json, and with --trace a Perfetto "
    "trace).\n\n"
    "  systole run resnet50 --device npu:edge-32x32\n"
    "  systole run model.onnx --device npu:edge-16x16 --inputs x=photo.npy --dump-outputs out --verify ref\n"
    "  systole run resnet50 --device npu:tpu-v1 --set dram.bytes_per_second=180GB/s --functional off -o runs/faster\n\n"
    "On cpu and gpu an op's measured time is held against the device's peaks ('systole peaks'), after --warm-up runs "
    "that are\n"
    "not told; a simulated device needs none.\n\n"
    "An f32 model goes to an NPU as bf16, by casts that -v lists; int8 models stay int8. What the device can't do goes "
    "to the\n"
    "fallback, and is reported.";

void add_options(Options& options) {
  using Texts = std::vector<std::string>;
  options.add()("device,d", po::value<std::string>()->default_value("cpu"),
                "ref, cpu, npu:PRESET or npu:FILE.yaml, with ?key=value options")("output,o", po::value<std::string>(),
                                                                                  "run directory to write")(
      "inputs", po::value<Texts>(), "name=FILE (.npy or TensorProto); seeded values where absent")(
      "dump-outputs", po::value<std::string>(), "directory for outputs as .npy")(
      "verify", po::value<std::string>(),
      "ref: compare every node with the reference; counts NaN, infinite and saturated values")(
      "bisect", "name the first node whose result parts from the reference (with --verify ref, which it implies)")(
      "shapes", po::value<Texts>(), "extent of a symbolic dimension, name=extent")(
      "batch", po::value<int64_t>()->default_value(0), "axis 0 of every input")(
      "functional", po::value<std::string>()->default_value("on"), "off: timing only, no values (NPU)")(
      "fallback", po::value<std::string>()->default_value("cpu"), "cpu or none: where goes what the device can't do")(
      "set", po::value<Texts>(), "override a value of the NPU's configuration, key=value")(
      "host-link", po::value<std::string>(),
      "links to the host (a preset of 'systole links list' or a file), instead of the NPU's host.link: times of inputs "
      "and "
      "outputs, apart")("weights", po::value<std::string>()->default_value("model"),
                        "model, int8 or int4: how constant weights of matrix products are stored, a scale a column")(
      "precision", po::value<std::string>()->default_value("native"),
      "of f32 ops: native, bf16 where the device lacks f32; bf16 or f16, wherever it has that; model, as they are")(
      "seed", po::value<uint64_t>()->default_value(1), "of inputs and synthetic weights")(
      "warm-up", po::value<int64_t>()->default_value(1),
      "runs ahead of the one that is told, where times are measured")(
      "trace", "a Perfetto trace in the run directory (needs -o)")("no-fuse", "without fusions, to compare")(
      "verbose,v", "list every pass");
}

double counted(const graph::RunReport& run, const char* counter) {
  int64_t sum = 0;
  for (const graph::NodeReport& node : run.nodes)
    if (node.profile) sum += node.profile->counter(counter);
  return static_cast<double>(sum);
}

double peak_bytes() {  // of this process, so far
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

Status check_words(const Options& options) {
  const auto one_of = [&](const char* name, std::initializer_list<const char*> words) -> Status {
    if (!options.has(name)) return {};
    std::string expected;
    for (const char* word : words) {
      if (options.text(name) == word) return {};
      expected += (expected.empty() ? "" : " or ") + std::string(word);
    }
    return Status(Code::kInvalidArgument,
                  std::string("--") + name + ": expected " + expected + ", got '" + options.text(name) + "'");
  };
  SYSTOLE_RETURN_IF_ERROR(one_of("fallback", {"cpu", "none"}));
  SYSTOLE_RETURN_IF_ERROR(one_of("verify", {"ref"}));
  SYSTOLE_RETURN_IF_ERROR(one_of("weights", {"model", "int8", "int4"}));
  SYSTOLE_RETURN_IF_ERROR(one_of("precision", {"native", "model", "bf16", "f16"}));
  if (options["warm-up"].as<int64_t>() < 0)
    return Status(Code::kInvalidArgument,
                  "--warm-up: expected at least 0, got " + std::to_string(options["warm-up"].as<int64_t>()));
  if (options.has("trace") && !options.has("output"))
    return Status(Code::kInvalidArgument, "--trace writes into a run directory: give -o DIR");
  if (options.text("functional") == "off" &&
      (options.has("verify") || options.has("bisect") || options.has("dump-outputs"))) {
    return Status(Code::kInvalidArgument,
                  "--functional off computes no values: --verify and --dump-outputs have nothing to look at");
  }
  return {};
}

// What an NPU was made from; nothing where the device is another.
std::optional<spec::NpuSpec> spec_of(const Device& device) {
  const auto uri = parse_device_uri(device.info().uri);
  if (!uri.ok() || uri->scheme != "npu") return std::nullopt;
  const auto spec = overridden_spec(*uri);
  return spec.ok() ? std::optional(*spec) : std::nullopt;
}

// Over --host-link, else over the host.link of the NPU; nothing where there is neither.
Result<std::optional<report::HostLink>> time_host_link(const Options& options, const Work& work) {
  spec::LinkSpec link;
  if (options.has("host-link")) {
    SYSTOLE_ASSIGN_OR_RETURN(link, spec::load_link_spec(options.text("host-link")));
  } else {
    const auto npu = spec_of(*work.opened.device);
    if (!npu || npu->host.link.empty()) return std::optional<report::HostLink>();
    link = npu->host.figures;
  }
  SYSTOLE_ASSIGN_OR_RETURN(report::HostLink timed, host_transfers(link, work.graph, work.opened.device->info()));
  return std::optional(std::move(timed));
}

report::RunFacts facts_of(const Options& options, const graph::Graph& graph, const Device& device) {
  report::RunFacts facts;
  facts.model = options.text("MODEL");
  facts.device_uri = device.info().uri;
  facts.precision = options.text("precision");
  if (options.text("weights") != "model") facts.precision += ", weights " + options.text("weights");
  facts.seed = options["seed"].as<uint64_t>();
  facts.versions = {{"systole", SYSTOLE_VERSION}};
  const auto describe = [&](graph::ValueId id) {
    return std::string(dtype_name(graph.at(id).dtype)) + "[" + to_string(graph.at(id).shape) + "]";
  };
  for (graph::ValueId id : graph.inputs) facts.inputs.push_back({graph.at(id).name, describe(id)});
  for (graph::ValueId id : graph.outputs) facts.outputs.push_back({graph.at(id).name, describe(id)});
  facts.accuracy = accuracy_of(device.info());
  const auto spec = spec_of(device);
  if (!spec) return facts;
  for (const spec::Setting& setting : spec::resolved_settings(*spec))
    facts.config.push_back({setting.key, setting.value, setting.unit});
  return facts;
}

// FNV-1a, 64 bits, of an output's bytes: whether two runs gave the same values.
std::string digest(const graph::HostTensor& tensor) {
  std::ostringstream text;
  text << "fnv1a64:" << std::hex << fnv1a({reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size()});
  return text.str();
}

int finish(const Options& options, const graph::Graph& graph, const Opened& opened, const graph::RunReport& run,
           report::RunFacts facts, report::HostFacts host, bool verified) {
  end_progress();
  const DeviceInfo& info = opened.device->info();
  const auto rows = report::layer_rows(run, info, facts.peaks ? &*facts.peaks : nullptr);
  if (options.has("output")) {
    if (Status status =
            report::write_run_directory(options.text("output"), facts, run, rows, info, host, options.has("trace"));
        !status.ok())
      return fail(status);
  }
  if (options.json()) {
    std::cout << report::run_json(facts, run, rows, info);
  } else {
    double wall = 0;
    for (const auto& [name, value] : host) wall = name == "run_s" ? value : wall;
    const graph::Value& first = graph.at(graph.inputs.empty() ? graph.outputs[0] : graph.inputs[0]);
    std::cout << layer_table(rows) << "\n"
              << summary(run, rows, info, opened.device->memory_use(),
                         {facts.model, first.shape.empty() ? 1 : first.shape[0], wall, options.has("verbose"),
                          facts.traffic, terminal_columns()});
    if (const auto& link = facts.host_link)
      std::cout << "host link    " << report::si(link->input_ns * 1e-9, "s") << " for "
                << report::with_separators(link->input_bytes) << " bytes of inputs, "
                << report::si(link->output_ns * 1e-9, "s") << " for " << report::with_separators(link->output_bytes)
                << " of outputs (simulated on " << link->config << ", not included)\n";
    for (const std::string& line : report::accuracy_lines(facts.accuracy)) std::cout << "accuracy     " << line << "\n";
    for (const std::string& line : facts.verification) std::cout << "verify       " << line << "\n";
    if (options.has("output")) std::cout << "written to " << options.text("output") << "\n";
  }
  return verified ? kOk : kVerificationFailed;
}

}  // namespace

int run_run(const Arguments& arguments) {
  Options options("run", "run MODEL [--device D] [options]", kText);
  add_options(options);
  options.positional("MODEL", true);
  if (!options.parse(arguments)) return options.exit_code;
  if (Status status = check_words(options); !status.ok()) return fail(status, "run");

  graph::PassReport passes;
  Progress whole("working");
  auto work = prepare(options, &passes);
  if (!work.ok()) return fail(work.status(), "run");
  auto inputs = make_inputs(work->graph, options.list("inputs"), options["seed"].as<uint64_t>(),
                            work->opened.device->info().functional);
  if (!inputs.ok()) return fail(inputs.status(), "run");
  auto host_link = time_host_link(options, *work);
  if (!host_link.ok()) return fail(host_link.status());
  work->opened.device->set_tracing(options.has("trace"));

  graph::RunReport run;
  graph::TensorMap outputs;
  const bool measures = dynamic_cast<PeakSource*>(work->opened.device.get()) != nullptr;
  for (int64_t i = 0; i < options["warm-up"].as<int64_t>() && measures; ++i) {
    if (Status status = work->session->run(*inputs, outputs); !status.ok()) return fail(status);
  }
  const double began = whole.seconds();
  if (Status status = work->session->run(*inputs, outputs, &run); !status.ok()) return fail(status);
  const double ran = whole.seconds() - began;
  run.passes.insert(run.passes.begin(), passes.lines.begin(), passes.lines.end());
  if (options.has("dump-outputs")) {
    if (Status status = dump_outputs(outputs, options.text("dump-outputs")); !status.ok()) return fail(status);
  }

  report::RunFacts facts = facts_of(options, work->graph, *work->opened.device);
  const double peak = peak_bytes();  // of the run, not of what measures peaks
  if (auto peaks = peaks_of(*work->opened.device); peaks.ok())
    facts.peaks = std::move(*peaks);
  else
    run.warnings.push_back("no roofline: " + peaks.status().to_string());
  facts.host_link = std::move(*host_link);
  if (work->opened.device->info().functional)
    for (const auto& [name, tensor] : outputs) facts.digests[name] = digest(tensor);
  if (const auto* source = dynamic_cast<const TrafficSource*>(work->opened.device.get()))
    facts.traffic = source->traffic();
  bool verified = true;
  if (options.has("verify") || options.has("bisect")) {
    auto ref = open_device("ref");
    if (!ref.ok()) return fail(ref.status());
    auto checked = graph::verify(work->graph, work->options, *ref, *inputs);
    if (!checked.ok()) return fail(checked.status());
    facts.verification = verification_lines(*checked);
    if (options.has("bisect")) facts.verification.push_back(first_parting(*checked));
    verified = checked->ok;
  }
  const report::HostFacts host = {
      {"import_s", work->import_seconds},
      {"compile_s", work->compile_seconds},
      {"run_s", ran},
      {"prepare_ms", work->opened.device->memory_use().prepare_ms},
      {"measured_ns", run.measured_ns},
      {"simulated_commands", counted(run, "commands")},
      {"simulated_dram_bytes",
       counted(run, "dram_read_bytes") + counted(run, "dram_write_bytes") + counted(run, "dram_control_bytes")},
      {"peak_bytes", peak}};
  return finish(options, work->graph, work->opened, run, std::move(facts), host, verified);
}

}  // namespace systole::cli
