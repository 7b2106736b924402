// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/serve_npu.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "graph/llm/llm_run.h"
#include "tools/systole/llm_links.h"
#include "tools/systole/plans.h"
#include "tools/systole/progress.h"

namespace systole::cli {
namespace {

struct Longest {
  int64_t prompt = 1, context = 1;
};

Result<Longest> longest_of(const std::vector<serve::Request>& requests, const graph::LlmConfig& config) {
  Longest longest;
  for (const serve::Request& r : requests) {
    longest.prompt = std::max(longest.prompt, r.prompt);
    longest.context = std::max(longest.context, r.prompt + r.output);
  }
  if (longest.context > config.positions)
    return Status(Code::kInvalidArgument, "requests: expected at most the " + std::to_string(config.positions) +
                                              " positions of " + config.name + ", got one of " +
                                              std::to_string(longest.context) + " tokens");
  return longest;
}

// Shares of `whole`, ascending, without doubles.
std::vector<int64_t> shares(int64_t whole, std::initializer_list<int64_t> parts) {
  std::set<int64_t> points;
  for (const int64_t part : parts) points.insert(std::max<int64_t>(1, whole / part));
  return {points.begin(), points.end()};
}

class Simulation {
 public:
  Simulation(graph::LlmSetting setting, std::optional<RankLinks> links)
      : setting_(std::move(setting)), links_(std::move(links)) {}

  // Nanoseconds of prefill of one prompt, or of a token for each sequence after context - 1 others.
  Result<double> prefill(int64_t tokens) { return step(1, {tokens, 0}); }
  Result<double> decode(int64_t sequences, int64_t context) { return step(sequences, {1, context - 1}); }

  const graph::LlmSetting& setting() const { return setting_; }
  int64_t token_bytes() const {
    graph::LlmSetting one = setting_;
    one.batch = 1;
    return graph::cache_bytes(one, 1);
  }
  int64_t free_bytes() const { return setting_.device->info().memory_bytes - weights_ - activations_; }

 private:
  Result<double> step(int64_t batch, graph::LlmStep what) {
    setting_.batch = batch;
    SYSTOLE_ASSIGN_OR_RETURN(const graph::LlmRun run, graph::run_llm_step(setting_, what));
    weights_ = run.weight_bytes;
    activations_ = std::max(activations_, run.activation_bytes);
    Exchange exchanged;
    if (links_) {
      SYSTOLE_ASSIGN_OR_RETURN(exchanged, exchange_of(*links_, run.collectives));
    }
    return run.report.simulated_ns + exchanged.seconds * 1e9;
  }

  graph::LlmSetting setting_;
  std::optional<RankLinks> links_;
  int64_t weights_ = 0, activations_ = 0;
};

Status fill(Simulation& simulation, const Longest& longest, int max_batch, Progress& progress, SimulatedCost& cost) {
  serve::CostTable& table = cost.table;
  for (const int64_t tokens : shares(longest.prompt, {8, 4, 2, 1})) {
    progress.tell("prefill of " + std::to_string(tokens) + " tokens");
    SYSTOLE_ASSIGN_OR_RETURN(const double time, simulation.prefill(tokens));
    table.prompts.push_back(tokens), table.prefill.push_back(std::round(time));
  }
  const int64_t fits = simulation.free_bytes() / simulation.token_bytes() / max_batch;
  if (fits < 16)
    return Status(Code::kOutOfMemory, simulation.setting().config.name + ": " + std::to_string(max_batch) +
                                          " sequences need memory for 16 tokens each, and that of " +
                                          simulation.setting().device->info().uri + " holds " + std::to_string(fits));
  table.contexts = shares(std::min(longest.context, fits * 9 / 10), {16, 4, 1});
  table.sequences = shares(max_batch, {max_batch, 4, 1});
  for (const int64_t sequences : table.sequences) {
    table.decode.emplace_back();
    for (const int64_t context : table.contexts) {
      progress.tell("decoding " + std::to_string(sequences) + " after " + std::to_string(context) + " tokens");
      SYSTOLE_ASSIGN_OR_RETURN(const double time, simulation.decode(sequences, context));
      table.decode.back().push_back(std::round(time));  // as cost.csv says
    }
  }
  const auto hold_out = [&](const char* phase, int64_t sequences, int64_t tokens, double interpolated,
                            Result<double> simulated) -> Status {
    SYSTOLE_ASSIGN_OR_RETURN(const double time, std::move(simulated));
    cost.held_out.push_back({phase, sequences, tokens, interpolated, time});
    return {};
  };
  for (const int64_t tokens : {longest.prompt * 3 / 16, longest.prompt * 3 / 4}) {
    if (tokens < 2) continue;
    SYSTOLE_RETURN_IF_ERROR(hold_out("prefill", 1, tokens, table.prefill_at(tokens), simulation.prefill(tokens)));
  }
  for (const auto& [sequences, part] : {std::pair<int64_t, int64_t>{max_batch / 8, 8}, {max_batch * 5 / 8, 2}}) {
    const int64_t context = table.contexts.back() / part;
    if (sequences < 2 || context < 2) continue;
    SYSTOLE_RETURN_IF_ERROR(hold_out("decode", sequences, context,
                                     table.decode_at(static_cast<double>(sequences), static_cast<double>(context)),
                                     simulation.decode(sequences, context)));
  }
  return {};
}

}  // namespace

void add_model_options(Options& options) {
  options.add()("model", po::value<std::string>(),
                "a language model (a name or a Hugging Face config.json): steps are simulated on --device")(
      "device,d", po::value<std::string>()->default_value("npu:datacenter-128x128"),
      "model: npu:PRESET or npu:FILE.yaml")("functional", po::value<std::string>()->default_value("off"),
                                            "model: on computes values, too")(
      "tp", po::value<int64_t>()->default_value(1), "model: ranks that share it")(
      "set", po::value<std::vector<std::string>>(), "model: override a value of the NPU's configuration, key=value");
  add_link_options(options);
}

Result<SimulatedCost> simulate_cost(const Options& options, const std::vector<serve::Request>& requests, int max_batch,
                                    int64_t block_tokens) {
  if (!options.text("device").starts_with("npu"))
    return Status(Code::kUnsupported,
                  "--device " + options.text("device") + ": steps are simulated: expected npu:PRESET or npu:FILE.yaml");
  graph::LlmSetting setting;
  SYSTOLE_ASSIGN_OR_RETURN(setting.config, graph::load_llm_config(options.text("model")));
  SYSTOLE_ASSIGN_OR_RETURN(const Longest longest, longest_of(requests, setting.config));
  SYSTOLE_ASSIGN_OR_RETURN(const Opened opened, open_devices(options));
  setting.device = opened.device;
  setting.tp = options["tp"].as<int64_t>();
  if (setting.tp < 1)
    return Status(Code::kInvalidArgument, "--tp: expected 1 or more, got " + std::to_string(setting.tp));
  SYSTOLE_ASSIGN_OR_RETURN(auto links, read_rank_links(options, setting.tp, *setting.device));
  SYSTOLE_RETURN_IF_ERROR(graph::check_memory(setting, longest.context));
  SimulatedCost cost;
  cost.text = setting.config.name + " on " + setting.device->info().uri;
  if (setting.tp > 1)
    cost.text +=
        ", " + std::to_string(setting.tp) + " ranks, " + (links ? links->text() : std::string("without links"));
  Simulation simulation(std::move(setting), std::move(links));
  Progress progress("prefill");
  SYSTOLE_RETURN_IF_ERROR(fill(simulation, longest, max_batch, progress, cost));
  cost.token_blocks = simulation.free_bytes() / (simulation.token_bytes() * block_tokens);
  return cost;
}

}  // namespace systole::cli
