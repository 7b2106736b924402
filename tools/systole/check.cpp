// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "graph/executor.h"
#include "graph/plan/plan.h"
#include "report/json_text.h"
#include "report/table.h"
#include "tools/systole/device_registry.h"
#include "tools/systole/exit.h"
#include "tools/systole/model.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Tally {
  int here = 0, elsewhere = 0;
};

std::string kind_of(const graph::Node& node) { return node.op ? op_name(*node.op) : node.type; }

int print(const graph::Plan& plan, const std::string& uri, bool as_json, bool all, bool strict) {
  std::map<std::string, Tally> tallies;
  Json nodes = Json::array();
  report::Table table({{"node"}, {"op"}, {"on"}, {"why not on the device", false, 100}});
  int elsewhere = 0;
  for (size_t n = 0; n < plan.graph.nodes.size(); ++n) {
    const graph::Node& node = plan.graph.nodes[n];
    const bool falls = !node.why.empty();
    if (!node.op && !falls) continue;  // views: nothing runs
    (falls ? tallies[kind_of(node)].elsewhere : tallies[kind_of(node)].here) += 1;
    elsewhere += falls;
    if (falls || all) table.add({node.name, kind_of(node), node.device, node.why});
    nodes.push_back({{"name", node.name}, {"op", kind_of(node)}, {"device", node.device}, {"why", node.why}});
  }
  if (as_json) {
    Json ops = Json::object();
    for (const auto& [op, tally] : tallies) ops[op] = {{"on_device", tally.here}, {"elsewhere", tally.elsewhere}};
    std::cout << report::json_text(Json{{"device", uri}, {"elsewhere", elsewhere}, {"ops", ops}, {"nodes", nodes}});
  } else {
    if (elsewhere > 0 || all) std::cout << table.text() << "\n";
    report::Table sums({{"op"}, {"on the device", true}, {"elsewhere", true}});
    for (const auto& [op, tally] : tallies)
      sums.add({op, std::to_string(tally.here), tally.elsewhere ? std::to_string(tally.elsewhere) : ""});
    std::cout << sums.text() << "\n"
              << (elsewhere ? std::to_string(elsewhere) + " ops would not run on " + uri : "all ops run on " + uri)
              << "\n";
  }
  return strict && elsewhere > 0 ? kUnsupported : kOk;
}

}  // namespace

int run_check(const Arguments& arguments) {
  Options options("check", "check MODEL --device D [--strict]",
                  "Plans a model for a device without running it, and says which ops the device takes and, of the "
                  "others, why not and\n"
                  "where they go. With --strict the exit code is 4 where anything goes elsewhere.\n\n"
                  "  systole check model.onnx --device npu:edge-16x16\n"
                  "  systole check bert_base --device npu:tpu-v1 --strict --json");
  options.add()("device,d", po::value<std::string>()->default_value("cpu"), "as in run")(
      "shapes", po::value<std::vector<std::string>>(), "extent of a symbolic dimension, name=extent")(
      "batch", po::value<int64_t>()->default_value(0), "axis 0 of every input")(
      "seed", po::value<uint64_t>()->default_value(1), "of weights that the file lacks")(
      "all,a", "every op, not only those that go elsewhere")("strict", "fail where anything goes elsewhere");
  options.positional("MODEL", true);
  if (!options.parse(arguments)) return options.exit_code;
  auto graph = load_model(
      options.text("MODEL"),
      {options.list("shapes"), options["batch"].as<int64_t>(), options["seed"].as<uint64_t>(), false}, nullptr);
  if (!graph.ok()) return fail(graph.status(), "check");
  graph::SessionOptions session;
  auto device = open_device(options.text("device"));
  if (!device.ok()) return fail(device.status());
  session.device = *device;
  if (!options.text("device").starts_with("cpu")) {
    auto fallback = open_device("cpu");
    if (!fallback.ok()) return fail(fallback.status());
    session.fallback = *fallback;
  }
  auto plan = graph::make_plan(std::move(graph).value(), session);
  if (!plan.ok()) return fail(plan.status());
  return print(*plan, (*device)->info().uri, options.json(), options.has("all"), options.has("strict"));
}

}  // namespace systole::cli
