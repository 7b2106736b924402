// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/plans.h"

#include <chrono>

#include "tools/systole/device_registry.h"
#include "tools/systole/model.h"

namespace systole::cli {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// What a plan has settled can't be asked for again.
Status check_settled(const Options& options, const graph::PlanFile& file) {
  for (const char* name : {"shapes", "batch", "functional", "fallback", "set", "no-fuse", "weights", "precision"})
    if (options.given(name))
      return Status(Code::kInvalidArgument,
                    std::string("--") + name + ": the plan was compiled without regard to it: compile the model again");
  if (!options.given("device") || options.text("device") == file.device) return {};
  const auto facts = file.facts.find("device");
  if (facts != file.facts.end() && options.text("device") == facts->second) return {};
  return Status(Code::kInvalidArgument, "--device: the plan was compiled for " + file.device + ", not for " +
                                            options.text("device") + ": compile the model again");
}

Result<Work> open_file(const Options& options) {
  Work work;
  const auto start = Clock::now();
  SYSTOLE_ASSIGN_OR_RETURN(graph::PlanFile file, graph::read_plan_file(options.text("MODEL")));
  SYSTOLE_RETURN_IF_ERROR(check_settled(options, file));
  work.import_seconds = seconds_since(start);
  const auto opening = Clock::now();
  SYSTOLE_ASSIGN_OR_RETURN(work.opened.device, open_device(file.device));
  if (!file.fallback.empty()) {
    SYSTOLE_ASSIGN_OR_RETURN(work.opened.fallback, open_device(file.fallback));
  }
  work.options.device = work.opened.device;
  work.options.fallback = work.opened.fallback;
  work.options.fuse = file.facts["fuse"] != "off";
  file.plan.devices[graph::kMain] = work.opened.device;
  file.plan.devices[graph::kFallback] = work.opened.fallback;
  work.graph = std::move(file.graph);
  SYSTOLE_ASSIGN_OR_RETURN(work.session, graph::open_plan(std::move(file.plan), file.images));
  work.compile_seconds = seconds_since(opening);
  return work;
}

}  // namespace

Result<std::string> joined_settings(const std::vector<std::string>& assignments) {
  std::string joined;
  for (const std::string& assignment : assignments) {
    const size_t equals = assignment.find('=');
    if (equals == std::string::npos)
      return Status(Code::kInvalidArgument, "--set: expected key=value, got '" + assignment + "'");
    joined += (joined.empty() ? "" : ",") + assignment.substr(0, equals) + ":" + assignment.substr(equals + 1);
  }
  return joined;
}

Result<Opened> open_devices(const Options& options) {
  std::vector<std::pair<std::string, std::string>> extra;
  const std::string uri = options.text("device");
  const bool npu = uri.starts_with("npu");
  if (const std::string word = options.text("functional"); word == "off")
    extra.push_back({"functional", "off"});
  else if (!word.empty() && word != "on")
    return Status(Code::kInvalidArgument, "--functional: expected on or off, got '" + word + "'");
  SYSTOLE_ASSIGN_OR_RETURN(const std::string overrides, joined_settings(options.list("set")));
  if (!overrides.empty()) extra.push_back({"set", overrides});
  if (!npu && !extra.empty())
    return Status(Code::kInvalidArgument, "--functional off and --set are for NPUs; '" + uri + "' is none");
  Opened opened;
  SYSTOLE_ASSIGN_OR_RETURN(opened.device, open_device(uri, extra));
  if (options.text("fallback") == "cpu" && !uri.starts_with("cpu")) {
    SYSTOLE_ASSIGN_OR_RETURN(opened.fallback, open_device("cpu"));
  }
  return opened;
}

Result<Work> prepare(const Options& options, graph::PassReport* passes) {
  const std::string model = options.text("MODEL");
  if (graph::is_plan_file(model)) return open_file(options);
  Work work;
  SYSTOLE_ASSIGN_OR_RETURN(work.options.weights, graph::parse_weight_type(options.text("weights")));
  SYSTOLE_ASSIGN_OR_RETURN(work.options.precision, graph::parse_precision(options.text("precision")));
  SYSTOLE_ASSIGN_OR_RETURN(work.opened, open_devices(options));
  const auto start = Clock::now();
  SYSTOLE_ASSIGN_OR_RETURN(
      work.graph, load_model(model,
                             {options.list("shapes"), options["batch"].as<int64_t>(), options["seed"].as<uint64_t>(),
                              work.opened.device->info().functional},
                             passes));
  work.import_seconds = seconds_since(start);
  work.options.device = work.opened.device;
  work.options.fallback = work.opened.fallback;
  work.options.fuse = !options.has("no-fuse");
  const auto compiling = Clock::now();
  SYSTOLE_ASSIGN_OR_RETURN(work.session, graph::compile(work.graph, work.options));
  work.compile_seconds = seconds_since(compiling);
  return work;
}

}  // namespace systole::cli
