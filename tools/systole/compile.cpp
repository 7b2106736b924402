// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "report/json_text.h"
#include "report/table.h"
#include "tools/systole/exit.h"
#include "tools/systole/plans.h"
#include "tools/systole/progress.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

const char* kText =
    "Compiles a model for a device and writes the result: the planned graph, its constants and, for an NPU, the "
    "command "
    "stream of\n"
    "each list with its packed weights. 'run' takes the file instead of a model, and neither imports nor compiles "
    "again. "
    "The same\n"
    "model and options give the same bytes. docs/plan_file.md describes the file.\n\n"
    "  systole compile resnet50 --device npu:edge-32x32 -o resnet50.plan\n"
    "  systole run resnet50.plan --inputs input=photo.npy --dump-outputs out";

}  // namespace

int run_compile(const Arguments& arguments) {
  using Texts = std::vector<std::string>;
  Options options("compile", "compile MODEL --device D -o FILE.plan [options]", kText);
  options.add()("device,d", po::value<std::string>()->default_value("cpu"), "as in run")(
      "output,o", po::value<std::string>(), "file to write")("shapes", po::value<Texts>(),
                                                             "extent of a symbolic dimension, name=extent")(
      "batch", po::value<int64_t>()->default_value(0), "axis 0 of every input")(
      "fallback", po::value<std::string>()->default_value("cpu"), "cpu or none: where goes what the device can't do")(
      "set", po::value<Texts>(), "override a value of the NPU's configuration, key=value")(
      "weights", po::value<std::string>()->default_value("model"), "model, int8 or int4: as in run")(
      "precision", po::value<std::string>()->default_value("native"), "native, bf16, f16 or model: as in run")(
      "seed", po::value<uint64_t>()->default_value(1), "of synthetic weights")("no-fuse", "without fusions");
  options.positional("MODEL", true);
  if (!options.parse(arguments)) return options.exit_code;
  if (!options.has("output")) return usage_error("compile: -o FILE.plan is missing: where to write", "compile");
  if (options.text("fallback") != "cpu" && options.text("fallback") != "none")
    return usage_error("--fallback: expected cpu or none, got '" + options.text("fallback") + "'", "compile");
  if (auto weights = graph::parse_weight_type(options.text("weights")); !weights.ok())
    return usage_error("--" + weights.status().message(), "compile");
  if (auto precision = graph::parse_precision(options.text("precision")); !precision.ok())
    return usage_error("--" + precision.status().message(), "compile");
  if (graph::is_plan_file(options.text("MODEL")))
    return fail(Status(Code::kInvalidArgument, options.text("MODEL") + " is compiled already"));

  Progress whole("compiling");
  auto work = prepare(options, nullptr);
  if (!work.ok()) return fail(work.status(), "compile");
  auto images = work->session->images();
  if (!images.ok()) return fail(images.status());
  graph::PlanFile file;
  file.facts = {{"systole", SYSTOLE_VERSION},
                {"model", options.text("MODEL")},
                {"device", options.text("device")},
                {"weights", options.text("weights")},
                {"precision", options.text("precision")},
                {"fuse", options.has("no-fuse") ? "off" : "on"}};
  file.device = work->opened.device->info().uri;
  if (work->opened.fallback) file.fallback = work->opened.fallback->info().uri;
  file.graph = std::move(work->graph);
  file.plan = work->session->plan();
  file.images = std::move(*images);
  const std::string path = options.text("output");
  if (Status status = graph::write_plan_file(path, file); !status.ok()) return fail(status);

  int64_t lists = 0, image_bytes = 0;
  for (const auto& image : file.images) lists += !image.empty(), image_bytes += static_cast<int64_t>(image.size());
  std::error_code ignored;
  const auto bytes = static_cast<int64_t>(std::filesystem::file_size(path, ignored));
  end_progress();
  if (options.json()) {
    std::cout << report::json_text(nlohmann::ordered_json{{"file", path},
                                                          {"bytes", bytes},
                                                          {"device", file.device},
                                                          {"nodes", file.plan.graph.nodes.size()},
                                                          {"steps", file.images.size()},
                                                          {"compiled_lists", lists},
                                                          {"compiled_bytes", image_bytes},
                                                          {"compile_s", work->compile_seconds}});
  } else {
    std::cout << "wrote " << path << ": " << report::binary_bytes(static_cast<double>(bytes)) << ", "
              << file.plan.graph.nodes.size() << " nodes in " << file.images.size() << " steps, " << lists
              << " of them compiled lists of " << file.device << " ("
              << report::binary_bytes(static_cast<double>(image_bytes)) << ")\n";
  }
  return kOk;
}

}  // namespace systole::cli
