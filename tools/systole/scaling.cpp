// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "graph/executor.h"
#include "report/json_text.h"
#include "report/layers.h"
#include "report/table.h"
#include "tools/systole/device_registry.h"
#include "tools/systole/exit.h"
#include "tools/systole/model.h"
#include "tools/systole/plans.h"
#include "tools/systole/tensors.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

const char* kText =
    "Runs a model on an NPU with each number of cores: latency, speedup over the first of them, DRAM traffic, and "
    "what\n"
    "the cycles of all cores went to. Values are not computed.\n\n"
    "  systole scaling resnet50 --device npu:edge-16x16 --set dram.config=hbm2 --set dram.channels=8\n"
    "  systole scaling bert_base --device npu:edge-32x32 --set noc.topology=mesh --cores 1,4,16";

Result<std::vector<int>> numbers_of(const std::string& text) {
  std::vector<int> numbers;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    const bool digits = !word.empty() && word.size() <= 2 && word.find_first_not_of("0123456789") == std::string::npos;
    const int number = digits ? std::stoi(word) : 0;
    if (number < 1 || number > 16)
      return Status(Code::kInvalidArgument, "--cores: expected numbers from 1 to 16, got '" + word + "'");
    numbers.push_back(number);
  }
  if (numbers.empty()) return Status(Code::kInvalidArgument, "--cores: expected numbers from 1 to 16, got none");
  return numbers;
}

struct Point {
  int cores = 0;
  report::Totals totals;
  double peak_bytes_per_s = 0;
  double seconds() const { return totals.simulated_ns * 1e-9; }
  double bytes() const { return static_cast<double>(totals.dram_read_bytes + totals.dram_write_bytes); }
  double share(size_t cause) const {
    return static_cast<double>(totals.stall_cycles[cause]) / (static_cast<double>(totals.cycles) * cores);
  }
};

Result<Point> measure(const Options& options, const graph::Graph& graph, const graph::TensorMap& inputs, int cores) {
  std::vector<std::string> settings = options.list("set");
  settings.push_back("cores=" + std::to_string(cores));
  SYSTOLE_ASSIGN_OR_RETURN(const std::string set, joined_settings(settings));
  graph::SessionOptions session_options;
  SYSTOLE_ASSIGN_OR_RETURN(session_options.device,
                           open_device(options.text("device"), {{"functional", "off"}, {"set", set}}));
  SYSTOLE_ASSIGN_OR_RETURN(session_options.fallback, open_device("cpu"));
  SYSTOLE_ASSIGN_OR_RETURN(auto session, graph::compile(graph, session_options));
  graph::TensorMap outputs;
  graph::RunReport run;
  SYSTOLE_RETURN_IF_ERROR(session->run(inputs, outputs, &run));
  const DeviceInfo& info = session_options.device->info();
  Point point{cores, report::totals(report::layer_rows(run, info), run, info), report::limit(info, "dram_bytes_per_s")};
  if (point.totals.cycles == 0)
    return Status(Code::kUnsupported, options.text("MODEL") + ": nothing of it runs on " + info.uri);
  return point;
}

void print(const std::vector<Point>& points) {
  std::vector<report::Table::Column> columns{{"cores", true}, {"latency", true}, {"speedup", true},
                                             {"util", true},  {"DRAM", true},    {"of its peak", true}};
  std::vector<size_t> causes;  // that there are
  for (size_t cause = 0; cause < report::kBounds; ++cause)
    if (std::any_of(points.begin(), points.end(), [&](const Point& p) { return p.totals.stall_cycles[cause] > 0; })) {
      causes.push_back(cause);
      columns.push_back({report::bound_name(static_cast<report::Bound>(cause + 1)), true});
    }
  report::Table table(std::move(columns));
  for (const Point& point : points) {
    char speedup[32];
    std::snprintf(speedup, sizeof speedup, "%.2f", points[0].seconds() / point.seconds());
    std::vector<std::string> row{std::to_string(point.cores),
                                 report::si(point.seconds(), "s"),
                                 speedup,
                                 report::percent(point.totals.utilization),
                                 report::binary_bytes(point.bytes()),
                                 report::percent(point.bytes() / point.seconds() / point.peak_bytes_per_s)};
    for (const size_t cause : causes) row.push_back(report::percent(point.share(cause)));
    table.add(row);
  }
  std::cout << table.text();
}

void print_json(const Options& options, const std::vector<Point>& points) {
  nlohmann::ordered_json json{{"model", options.text("MODEL")}, {"device", options.text("device")}};
  for (const Point& point : points) {
    nlohmann::ordered_json entry{{"cores", point.cores},
                                 {"cycles", point.totals.cycles},
                                 {"latency_s", point.seconds()},
                                 {"speedup", points[0].seconds() / point.seconds()},
                                 {"utilization", point.totals.utilization},
                                 {"dram_bytes", point.totals.dram_read_bytes + point.totals.dram_write_bytes}};
    for (size_t cause = 0; cause < report::kBounds; ++cause)
      entry["cycles_of_cores"][report::bound_name(static_cast<report::Bound>(cause + 1))] =
          point.totals.stall_cycles[cause];
    json["points"].push_back(std::move(entry));
  }
  std::cout << report::json_text(json);
}

}  // namespace

int run_scaling(const Arguments& arguments) {
  Options options("scaling", "scaling MODEL --device npu:D [options]", kText);
  using Texts = std::vector<std::string>;
  options.add()("device,d", po::value<std::string>()->default_value("npu:edge-16x16"), "npu:PRESET or npu:FILE.yaml")(
      "cores", po::value<std::string>()->default_value("1,2,4,8"), "numbers of cores, at most 16 each")(
      "set", po::value<Texts>(), "override a value of the NPU's configuration, key=value")(
      "shapes", po::value<Texts>(), "extent of a symbolic dimension, name=extent")(
      "batch", po::value<int64_t>()->default_value(0), "axis 0 of every input");
  options.positional("MODEL", true);
  if (!options.parse(arguments)) return options.exit_code;
  const auto numbers = numbers_of(options.text("cores"));
  if (!numbers.ok()) return fail(numbers.status(), "scaling");
  if (!options.text("device").starts_with("npu:"))
    return usage_error("--device: expected an NPU, got '" + options.text("device") + "'", "scaling");
  graph::PassReport passes;
  const auto graph =
      load_model(options.text("MODEL"), {options.list("shapes"), options["batch"].as<int64_t>(), 1}, &passes);
  if (!graph.ok()) return fail(graph.status(), "scaling");
  const auto inputs = make_inputs(*graph, {}, 1);
  if (!inputs.ok()) return fail(inputs.status());
  std::vector<Point> points;
  for (int cores : *numbers) {
    auto point = measure(options, *graph, *inputs, cores);
    if (!point.ok()) return fail(point.status(), "scaling");
    points.push_back(std::move(*point));
  }
  if (options.json())
    print_json(options, points);
  else
    print(points);
  return kOk;
}

}  // namespace systole::cli
