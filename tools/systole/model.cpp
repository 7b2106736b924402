// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/model.h"

#include <charconv>
#include <filesystem>

#include "graph/builtin/builtin.h"
#include "graph/plan/plan_file.h"

namespace systole::cli {
namespace {

Result<std::map<std::string, int64_t>> parse_shapes(const std::vector<std::string>& shapes) {
  std::map<std::string, int64_t> dims;
  for (const std::string& text : shapes) {
    const size_t equals = text.rfind('=');
    int64_t extent = 0;
    const char* end = text.data() + text.size();
    const char* begin = equals == std::string::npos ? end : text.data() + equals + 1;
    const auto [stopped, error] = std::from_chars(begin, end, extent);
    if (equals == 0 || error != std::errc() || stopped != end || extent < 1) {
      return Status(Code::kInvalidArgument,
                    "--shapes: expected name=extent with an extent of at least 1, got '" + text + "'");
    }
    dims[text.substr(0, equals)] = extent;
  }
  return dims;
}

}  // namespace

Result<graph::Graph> load_model(const std::string& model, const ModelOptions& options, graph::PassReport* report) {
  SYSTOLE_ASSIGN_OR_RETURN(auto dims, parse_shapes(options.shapes));
  if (options.batch < 0)
    return Status(Code::kInvalidArgument, "--batch: expected at least 1, got " + std::to_string(options.batch));
  std::vector<std::string> names;
  for (const graph::BuiltinInfo& info : graph::builtin_models()) names.push_back(info.name);
  if (graph::is_builtin(model)) {
    if (!dims.empty())
      return Status(Code::kInvalidArgument,
                    "--shapes: " + model + " is built in and has no open dimensions; use --batch");
    SYSTOLE_ASSIGN_OR_RETURN(
        graph::Graph graph,
        graph::make_builtin(model, {options.seed, options.batch > 0 ? options.batch : 1, options.values}));
    return graph::import_graph(std::move(graph), report);
  }
  std::error_code error;
  if (!std::filesystem::exists(model, error)) {
    const std::string near = nearest_name(model, names.data(), names.size());
    return Status(Code::kNotFound, "no file and no built-in network is called '" + model + "'" +
                                       (near.empty() ? "; 'systole models list' lists the built-in ones"
                                                     : "; did you mean '" + near + "'?"));
  }
  if (graph::is_plan_file(model))
    return Status(Code::kInvalidArgument, model + " is a compiled plan: 'run' and 'inspect' take it");
  graph::ImportOptions import;
  import.dims = std::move(dims);
  import.batch = options.batch;
  import.seed = options.seed;
  return graph::import_model(model, import, report);
}

}  // namespace systole::cli
