// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <nlohmann/json.hpp>

#include "configs/spec/load.h"
#include "configs/spec/text_file.h"
#include "report/json_text.h"
#include "tools/systole/config_listing.h"
#include "tools/systole/exit.h"
#include "tools/systole/schema.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;

int show(const spec::NpuSpec& spec, bool as_json, bool resolved) {
  if (as_json) {
    std::cout << report::json_text(settings_json(spec::resolved_settings(spec)));
  } else if (resolved) {
    std::cout << spec::describe(spec);
  } else {
    const auto text = spec::read_text_file(spec.file);
    if (!text.ok()) return fail(text.status());
    std::cout << *text;
  }
  return kOk;
}

}  // namespace

int run_npu(const Arguments& arguments) {
  Options options(
      "npu",
      "npu list | npu show NAME|FILE.yaml [--resolved] [--set key=value] | npu validate NAME|FILE.yaml | npu schema",
      "An NPU is one YAML file. 'list' names the presets; 'show' prints a file as it is (a start for one "
      "of your own), or\n"
      "with --resolved every value that holds, defaults and overrides included; 'validate' says what is "
      "wrong with one:\n"
      "file:line:col: key: expected ..., got ...; 'schema' prints a JSON Schema of all keys, for editors.\n\n"
      "  systole npu show edge-16x16 > mine.yaml && systole npu validate mine.yaml\n"
      "  systole npu show tpu-v1 --resolved --set dram.bytes_per_second=68GB/s");
  options.add()("resolved", "every value, defaults included")("set", po::value<std::vector<std::string>>(),
                                                              "override key=value");
  options.positional("action", true);
  options.positional("config", false);
  if (!options.parse(arguments)) return options.exit_code;
  const std::string action = options.text("action");
  if (options.has("config") && (action == "list" || action == "schema"))
    return usage_error("npu " + action + ": takes no NAME, got '" + options.text("config") + "'", "npu");
  if (action == "list") {
    list_presets(spec::npu_presets(), options.json());
    return kOk;
  }
  if (action == "schema") {
    std::cout << report::json_text(npu_schema());
    return kOk;
  }
  if (action != "show" && action != "validate")
    return usage_error("npu: unknown action '" + action + "'; list, show, validate or schema", "npu");
  if (!options.has("config")) return usage_error("npu " + action + ": missing NAME or FILE.yaml", "npu");

  auto spec = spec::load_npu_spec(options.text("config"));
  if (!spec.ok()) return fail(spec.status());
  for (const std::string& assignment : options.list("set")) {
    if (Status status = spec::apply_override(*spec, assignment); !status.ok()) return fail(status);
  }
  if (action == "show") return show(*spec, options.json(), options.has("resolved") || options.has("set"));
  if (options.json()) {
    std::cout << report::json_text(Json{{"file", spec->file}, {"valid", true}});
  } else {
    std::cout << spec->file << ": valid (" << spec->name << ": " << spec->description << ")\n";
  }
  return kOk;
}

}  // namespace systole::cli
