// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <nlohmann/json.hpp>

#include "graph/builtin/builtin.h"
#include "graph/onnx/writer.h"
#include "report/json_text.h"
#include "report/table.h"
#include "tools/systole/exit.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

// "?image=224&width=1000": as they follow a name.
std::string options_of(const graph::BuiltinInfo& info) {
  std::string text;
  for (const auto& [key, value] : info.sizes) text += (text.empty() ? "?" : "&") + key + "=" + std::to_string(value);
  return text;
}

// All, or the one of that name.
int list_models(const std::string& name, bool as_json) {
  if (!name.empty() && !graph::is_builtin(name)) return fail(graph::builtin_parameters(name).status());
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  report::Table table(
      {{"name"}, {"parameters", true}, {"input"}, {"options, with defaults"}, {"description", false, 60}});
  for (const graph::BuiltinInfo& info : graph::builtin_models()) {
    if (!name.empty() && info.name != name.substr(0, name.find('?'))) continue;
    table.add({info.name, report::with_separators(info.parameters), to_string(info.input), options_of(info),
               info.description});
    json.push_back({{"name", info.name},
                    {"parameters", info.parameters},
                    {"input", info.input},
                    {"int8", info.int8},
                    {"options", info.sizes},
                    {"description", info.description}});
  }
  std::cout << (as_json ? report::json_text(json) : table.text());
  return kOk;
}

}  // namespace

int run_models(const Arguments& arguments) {
  Options options("models", "models list [NAME] | models make NAME [-o FILE.onnx] [--batch N] [--seed N]",
                  "The networks that are built in: graphs with seeded weights that keep the variance of activations, "
                  "so that a first\n"
                  "run needs no download. 'make' writes one as ONNX; the same seed gives the same bytes.\n\n"
                  "  systole models make mobilenet_v2 -o mobilenet_v2.onnx\n"
                  "  systole models make 'bert_base?sequence=512&layers=2'     sizes in the name, 'list' shows them");
  options.add()("output,o", po::value<std::string>(), "file to write (default: NAME.onnx)")(
      "batch", po::value<int64_t>()->default_value(1), "images a batch")(
      "seed", po::value<uint64_t>()->default_value(1), "of the weights");
  options.positional("action", true);
  options.positional("name", false);
  if (!options.parse(arguments)) return options.exit_code;
  const std::string action = options.text("action");
  if (action == "list") return list_models(options.has("name") ? options.text("name") : "", options.json());
  if (action != "make") return usage_error("models: unknown action '" + action + "'; list or make", "models");
  if (!options.has("name")) return usage_error("models make: missing NAME; 'systole models list' lists them", "models");
  if (options["batch"].as<int64_t>() < 1) return usage_error("models make: --batch: expected at least 1", "models");

  const std::string name = options.text("name");
  if (graph::is_lowered_builtin(name))
    return fail(Status(Code::kUnsupported, name + " is made of HAL ops, not of ONNX operators"));
  const std::string path = options.has("output") ? options.text("output") : name.substr(0, name.find('?')) + ".onnx";
  auto graph = graph::make_builtin(name, {options["seed"].as<uint64_t>(), options["batch"].as<int64_t>()});
  if (!graph.ok()) return fail(graph.status());
  if (Status status = graph::write_onnx(*graph, path); !status.ok()) return fail(status);
  if (options.json()) {
    std::cout << report::json_text(nlohmann::ordered_json{{"name", name}, {"file", path}});
  } else {
    std::cout << "wrote " << path << " (" << report::with_separators(graph::count_parameters(*graph))
              << " parameters)\n";
  }
  return kOk;
}

}  // namespace systole::cli
