// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "graph/constants.h"
#include "graph/plan/plan_file.h"
#include "report/json_text.h"
#include "report/table.h"
#include "tools/systole/exit.h"
#include "tools/systole/model.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

struct Summary {
  std::map<std::string, int64_t> operators;
  int64_t macs = 0, parameters = 0, constant_bytes = 0;
};

Summary summarise(const graph::Graph& graph) {
  Summary summary;
  for (const graph::Node& node : graph.nodes) {
    ++summary.operators[node.op ? op_name(*node.op) : node.type];
    if (!node.op) continue;
    OpDesc desc{*node.op, {}, {}, node.name};
    for (graph::ValueId id : node.inputs) {
      if (id != graph::kAbsent)
        desc.inputs.push_back(row_major(graph.at(id).dtype, graph.at(id).shape, graph.at(id).quant));
    }
    for (graph::ValueId id : node.outputs)
      desc.outputs.push_back(row_major(graph.at(id).dtype, graph.at(id).shape, graph.at(id).quant));
    summary.macs += mac_count(desc);
  }
  for (const graph::Value& value : graph.values) {
    if (!value.is_constant()) continue;
    summary.parameters += element_count(value.shape);
    summary.constant_bytes += graph::dense_bytes(value.dtype, value.shape);
  }
  return summary;
}

std::string describe_value(const graph::Value& value) {
  return std::string(dtype_name(value.dtype)) + "[" + to_string(value.shape) + "]";
}

}  // namespace

int run_inspect(const Arguments& arguments) {
  Options options("inspect", "inspect MODEL [--shapes name=extent]... [--batch N]",
                  "Reads a model (ONNX by content, a built-in network by name, or a compiled plan), folds its "
                  "constants and infers its "
                  "shapes, and says\n"
                  "what is in it. With --passes: every change that was made on the way.\n\n"
                  "  systole inspect resnet50\n  systole inspect model.onnx --shapes S=128 --batch 1");
  options.add()("shapes", po::value<std::vector<std::string>>(), "extent of a symbolic dimension, name=extent")(
      "batch", po::value<int64_t>()->default_value(0), "axis 0 of every input")(
      "seed", po::value<uint64_t>()->default_value(1), "of weights that the file lacks")("passes", "list every change");
  options.positional("MODEL", true);
  if (!options.parse(arguments)) return options.exit_code;
  graph::PassReport passes;
  const std::string model = options.text("MODEL");
  graph::PlanFile file;
  const bool plan = graph::is_plan_file(model);
  if (plan) {
    auto read = graph::read_plan_file(model);
    if (!read.ok()) return fail(read.status());
    file = std::move(*read);
  }
  auto graph =
      plan ? Result<graph::Graph>(std::move(file.graph))
           : load_model(model, {options.list("shapes"), options["batch"].as<int64_t>(), options["seed"].as<uint64_t>()},
                        &passes);
  if (!graph.ok()) return fail(graph.status(), "inspect");
  const Summary summary = summarise(*graph);

  nlohmann::ordered_json json = {{"name", graph->name},
                                 {"opset", graph->opset},
                                 {"macs", summary.macs},
                                 {"constants", summary.parameters},
                                 {"constant_bytes", summary.constant_bytes},
                                 {"operators", summary.operators},
                                 {"warnings", graph->warnings}};
  report::Table table({{""}, {"", false, 100}});
  if (plan) {
    size_t lists = 0, bytes = 0;
    for (const auto& image : file.images) lists += !image.empty(), bytes += image.size();
    table.add({"compiled for", file.device + (file.fallback.empty() ? "" : ", else " + file.fallback)});
    table.add({"steps", std::to_string(file.images.size()) + ", " + std::to_string(lists) +
                            " of them compiled lists of " + report::binary_bytes(static_cast<double>(bytes))});
    json["plan"] = {{"device", file.device},   {"fallback", file.fallback}, {"steps", file.images.size()},
                    {"compiled_lists", lists}, {"compiled_bytes", bytes},   {"facts", file.facts}};
    passes.lines = file.plan.report.lines;
  }
  table.add({"name", graph->name});
  table.add({"opset", std::to_string(graph->opset)});
  for (graph::ValueId id : graph->inputs) {
    table.add({"input", graph->at(id).name + "  " + describe_value(graph->at(id))});
    json["inputs"][graph->at(id).name] = describe_value(graph->at(id));
  }
  for (graph::ValueId id : graph->outputs) {
    table.add({"output", graph->at(id).name + "  " + describe_value(graph->at(id))});
    json["outputs"][graph->at(id).name] = describe_value(graph->at(id));
  }
  table.add({"MACs", report::with_separators(summary.macs)});
  table.add({"constants", report::with_separators(summary.parameters) + " values, " +
                              report::binary_bytes(static_cast<double>(summary.constant_bytes))});
  for (const auto& [name, times] : summary.operators) table.add({"operator", std::to_string(times) + " x " + name});
  for (const std::string& warning : graph->warnings) std::cerr << "warning: " << warning << "\n";
  if (options.has("passes")) json["passes"] = passes.lines;
  std::cout << (options.json() ? report::json_text(json) : table.text());
  if (options.has("passes") && !options.json()) {
    for (const std::string& line : passes.lines) std::cout << line << "\n";
  }
  return kOk;
}

}  // namespace systole::cli
