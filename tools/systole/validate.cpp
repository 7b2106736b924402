// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "hal/registry.h"
#include "tools/systole/exit.h"
#include "tools/systole/progress.h"
#include "tools/systole/text_file.h"
#include "tools/systole/validate_text.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

const char* kText =
    "Runs published cases on the simulated devices they name and prints published, simulated and signed error, by "
    "source the mean\n"
    "absolute error and the case farthest off, and last the mean over measurements of silicon on presets whose "
    "structure is exact.\n"
    "Without FILE: all of configs/validation. A file is a source's cases in YAML (configs/validation shows how), or a "
    "table of\n"
    "matrix products with the header m,k,n,latency_us, for a --device. Cycles only: no values are computed.\n\n"
    "  systole validate\n"
    "  systole validate --filter tpu_v3 --markdown\n"
    "  systole validate mine.yaml --json\n"
    "  systole validate gemms.csv --device npu:tpu-v6e --set dram.bytes_per_second=1638GB/s --tolerance 25\n\n"
    "A case with a tolerance that lies outside gives exit code 1. What an error comes from is the source's note, told "
    "in docs/accuracy.md.";

bool is_table(const std::string& path) { return path.ends_with(".csv"); }

Result<spec::ValidationFile> load_table(const Options& options, const std::string& path) {
  if (!options.has("device"))
    return Status(Code::kInvalidArgument, "--device: expected npu:NAME for the table " + path + ", got none");
  SYSTOLE_ASSIGN_OR_RETURN(const DeviceUri uri, parse_device_uri(options.text("device")));
  if (uri.scheme != "npu" || !uri.options.empty())
    return Status(Code::kInvalidArgument,
                  "--device: expected npu:PRESET or npu:FILE.yaml (overrides go into --set), got '" +
                      options.text("device") + "'");
  SYSTOLE_ASSIGN_OR_RETURN(auto cases, spec::load_gemm_table(path));
  spec::ValidationFile file;
  file.name = std::filesystem::path(path).stem().string();
  file.title = file.source = file.file = path;
  file.trust = "file", file.kind = "silicon";
  for (spec::ValidationCase& one : cases) {
    one.hardware = uri.name, one.set = options.list("set"), one.dtype = options.text("dtype");
    file.cases.push_back(std::move(one));
  }
  return file;
}

Result<std::vector<spec::ValidationFile>> load_files(const Options& options) {
  std::vector<std::string> paths = options.list("FILE");
  for (const char* name : {"device", "set", "dtype"})
    if (options.given(name) && std::none_of(paths.begin(), paths.end(), is_table))
      return Status(Code::kInvalidArgument,
                    std::string("--") + name + ": expected a table with it, FILE.csv, got none");
  if (paths.empty()) paths = spec::validation_files();
  std::vector<spec::ValidationFile> files;
  for (const std::string& path : paths) {
    SYSTOLE_ASSIGN_OR_RETURN(spec::ValidationFile file,
                             is_table(path) ? load_table(options, path) : spec::load_validation(path));
    const std::string filter = options.text("filter");
    const size_t left_out = std::erase_if(file.cases, [&](const spec::ValidationCase& one) {
      return (file.name + "/" + one.name + "@" + one.hardware).find(filter) == std::string::npos;
    });
    if (left_out > 0 && !file.cases.empty() && options.has("write"))
      return Status(Code::kInvalidArgument,
                    "--write: expected whole sources, and --filter leaves a part of " + file.name);
    if (options.has("tolerance"))
      for (spec::ValidationCase& one : file.cases) one.tolerance_percent = options["tolerance"].as<double>();
    if (!file.cases.empty()) files.push_back(std::move(file));
  }
  if (files.empty())
    return Status(Code::kNotFound,
                  "no case is left: " + std::string(options.has("filter")
                                                        ? "--filter '" + options.text("filter") + "' matches none"
                                                        : "there are no files in configs/validation"));
  return files;
}

Result<std::vector<CheckedSource>> check(std::vector<spec::ValidationFile> files) {
  Progress progress("validating");
  std::vector<CheckedSource> sources;
  for (spec::ValidationFile& file : files) {
    CheckedSource source;
    for (const spec::ValidationCase& one : file.cases) {
      progress.tell(file.name + " " + one.name + " (" + std::to_string(source.cases.size() + 1) + " of " +
                    std::to_string(file.cases.size()) + ")");
      source.cases.push_back(check_case(one));
      const Status& status = source.cases.back().status;
      if (!status.ok() && status.code() != Code::kUnsupported && status.code() != Code::kOutOfMemory)
        return Status(status.code(), file.name + ": " + one.name + ": " + status.message());
    }
    source.file = std::move(file);
    sources.push_back(std::move(source));
  }
  return sources;
}

// Merged with what the file has of other sources.
Status write_errors(const std::string& path, const std::vector<CheckedSource>& sources) {
  std::vector<spec::KnownError> known;
  if (std::error_code ignored; std::filesystem::exists(path, ignored)) {
    SYSTOLE_ASSIGN_OR_RETURN(known, spec::load_known_errors_file(path));
  }
  const std::string text = errors_yaml(sources, std::move(known));
  SYSTOLE_RETURN_IF_ERROR(spec::parse_known_errors(text, path).status());  // names that YAML takes for something else
  return write_text_file(path, text);
}

int outcome(const std::vector<CheckedSource>& sources) {
  bool ran = false, outside = false;
  for (const CheckedSource& source : sources)
    for (const Checked& one : source.cases) ran = ran || one.ran(), outside = outside || (one.ran() && !one.within());
  return outside ? kVerificationFailed : ran ? kOk : kUnsupported;
}

}  // namespace

int run_validate(const Arguments& arguments) {
  Options options("validate", "validate [FILE...] [--filter TEXT] [--device D] [options]", kText);
  options.add()("filter", po::value<std::string>(), "only cases with this in FILE/CASE@HARDWARE")(
      "markdown", "tables of docs/accuracy.md")("device,d", po::value<std::string>(), "of a table: npu:NAME")(
      "set", po::value<std::vector<std::string>>(), "of a table's device: override key=value")(
      "dtype", po::value<std::string>()->default_value("bf16"), "of a table's tensors")(
      "tolerance", po::value<double>(), "instead of the cases' own: percent")(
      "write", po::value<std::string>(),
      "also write each source's error by preset, as configs/accuracy/published.yaml is");
  options.remaining("FILE");
  if (!options.parse(arguments)) return options.exit_code;
  if (options.has("tolerance") && !(options["tolerance"].as<double>() > 0))
    return usage_error("--tolerance: expected a percentage above 0", "validate");
  auto files = load_files(options);
  if (!files.ok()) return fail(files.status(), "validate");
  const auto sources = check(std::move(*files));
  if (!sources.ok()) return fail(sources.status());
  std::cout << (options.json()            ? validation_json(*sources)
                : options.has("markdown") ? validation_markdown(*sources)
                                          : validation_text(*sources));
  if (options.has("write"))
    if (const Status status = write_errors(options.text("write"), *sources); !status.ok()) return fail(status);
  return outcome(*sources);
}

}  // namespace systole::cli
