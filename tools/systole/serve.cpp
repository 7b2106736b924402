// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A server of a language model under a load.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <sstream>

#include "configs/spec/quantity.h"
#include "configs/spec/text_file.h"
#include "tools/systole/exit.h"
#include "tools/systole/serve_text.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

constexpr const char* kText =
    "Simulates a server of a language model: requests come from a trace or are drawn, wait, are computed in batches "
    "and "
    "answered\ntoken by token, keys and values lie in blocks. Prints times to the first token, of each after it and of "
    "whole requests,\nthroughput and occupancy, for each batching policy side by side (docs/serving.md).\n\n"
    "How long a step takes comes from a model simulated on an NPU (--model, --device), from a table of points "
    "(--cost), "
    "or from a\nroofline of a device (all of --parameters, --weights, --kv-token, --peak-flops, --peak-bytes).\n\n"
    "  systole serve --requests 10000 --rate 4 --prompt uniform:64:512 --output exponential:128 \\\n"
    "    --parameters 6738415616 --weights 6.74GB --kv-token 512KiB --peak-flops 200TFLOP/s --peak-bytes 800GB/s \\\n"
    "    --kv-memory 8GB --policy continuous,static\n"
    "  systole serve --trace requests.csv --cost steps.csv --kv-blocks 4000 --slo-ttft 1s --slo-tpot 50ms -o out\n"
    "  systole serve --model llama-3.2-1b --device npu:datacenter-128x128 --requests 10000 --rate 1";

Status wrong(const char* option, const std::string& message) {
  return Status(Code::kInvalidArgument, std::string("--") + option + ": " + message);
}

Status read_real(const Options& options, const char* option, spec::Dimension dimension, double& value) {
  if (!options.has(option)) return {};
  const auto parsed = spec::parse_real(options.text(option), dimension);
  if (!parsed.ok()) return wrong(option, parsed.status().message());
  value = *parsed;
  return {};
}

Status read_time(const Options& options, const char* option, serve::Nanoseconds& value) {
  double seconds = static_cast<double>(value) * 1e-9;
  SYSTOLE_RETURN_IF_ERROR(read_real(options, option, spec::Dimension::kSeconds, seconds));
  if (seconds > 1e6) return wrong(option, "expected at most 1000000s, got '" + options.text(option) + "'");
  value = std::llround(seconds * 1e9);
  return {};
}

Status read_count(const Options& options, const char* option, int64_t least, int64_t most, int64_t& value) {
  value = options[option].as<int64_t>();
  if (value >= least && value <= most) return {};
  return wrong(option,
               "expected " + std::to_string(least) + " to " + std::to_string(most) + ", got " + std::to_string(value));
}

// None of these without what they belong to.
Status expect_none(const Options& options, std::initializer_list<const char*> names, const char* why) {
  for (const char* name : names)
    if (options.given(name)) return wrong(name, std::string("expected ") + why);
  return {};
}

Status read_requests(const Options& options, std::vector<serve::Request>& requests, std::string& source) {
  if (options.has("trace")) {
    SYSTOLE_RETURN_IF_ERROR(
        expect_none(options, {"requests", "rate", "prompt", "output", "seed"}, "without --trace, which has its own"));
    SYSTOLE_ASSIGN_OR_RETURN(const std::string text, spec::read_text_file(options.text("trace")));
    SYSTOLE_ASSIGN_OR_RETURN(requests, serve::parse_trace(text, options.text("trace")));
    if (requests.empty())
      return Status(Code::kInvalidArgument, options.text("trace") + ": expected a request, got none");
    source = options.text("trace") + ", " + std::to_string(requests.size());
    return {};
  }
  serve::Poisson poisson;
  poisson.per_second = options["rate"].as<double>(), poisson.seed = options["seed"].as<uint64_t>();
  SYSTOLE_RETURN_IF_ERROR(read_count(options, "requests", 1, 10000000, poisson.count));
  if (poisson.per_second < 1e-3 || poisson.per_second > 1e9) {
    std::ostringstream got;
    got << poisson.per_second;
    return wrong("rate", "expected 0.001 to 1e9 a second, got " + got.str());
  }
  if (static_cast<double>(poisson.count) / poisson.per_second > 1e8)
    return wrong("rate", "expected all --requests within 1e8 seconds, got a lower one");
  for (const auto& [option, lengths] : {std::pair{"prompt", &poisson.prompt}, {"output", &poisson.output}}) {
    const auto parsed = serve::parse_lengths(options.text(option));
    if (!parsed.ok()) return wrong(option, parsed.status().message());
    *lengths = *parsed;
  }
  requests = serve::draw(poisson);
  std::ostringstream text;
  text << poisson.count << " drawn, " << poisson.per_second << " a second, prompts " << options.text("prompt")
       << ", outputs " << options.text("output") << ", seed " << poisson.seed;
  source = text.str();
  return {};
}

Result<std::unique_ptr<serve::StepCost>> read_roofline(const Options& options, std::string& source) {
  auto cost = std::make_unique<serve::Roofline>();
  for (const char* option : {"parameters", "weights", "kv-token", "peak-flops", "peak-bytes"})
    if (!options.has(option)) return wrong(option, "expected with a roofline (or --cost FILE, or --model), got none");
  const auto parameters = options["parameters"].as<double>();
  if (parameters < 1 || parameters > 1e15)
    return wrong("parameters", "expected 1 to 1e15, got " + std::to_string(parameters));
  cost->flops_per_token = 2 * parameters;
  cost->attention_flops_per_token = options["attention-flops"].as<double>();
  if (cost->attention_flops_per_token < 0) return wrong("attention-flops", "expected 0 or more");
  SYSTOLE_RETURN_IF_ERROR(read_real(options, "weights", spec::Dimension::kBytes, cost->weight_bytes));
  SYSTOLE_RETURN_IF_ERROR(read_real(options, "kv-token", spec::Dimension::kBytes, cost->kv_bytes_per_token));
  SYSTOLE_RETURN_IF_ERROR(read_real(options, "peak-flops", spec::Dimension::kFlops, cost->flops_per_second));
  SYSTOLE_RETURN_IF_ERROR(read_real(options, "peak-bytes", spec::Dimension::kBytesPerSecond, cost->bytes_per_second));
  SYSTOLE_RETURN_IF_ERROR(read_time(options, "overhead", cost->overhead));
  if (cost->flops_per_second < 1e6) return wrong("peak-flops", "expected at least 1 MFLOP/s");
  if (cost->bytes_per_second < 1e6) return wrong("peak-bytes", "expected at least 1 MB/s");
  source = "roofline of " + options.text("peak-flops") + " and " + options.text("peak-bytes") + ", " +
           options.text("weights") + " of weights, " + options.text("kv-token") + " a token of keys and values";
  return std::unique_ptr<serve::StepCost>(std::move(cost));
}

// Where steps are simulated, memory's blocks are those that fit, unless the command line says.
Result<std::unique_ptr<serve::StepCost>> read_cost(const Options& options, const std::vector<serve::Request>& requests,
                                                   ServingQuestion& question, serve::ServerSpec& spec) {
  if (int{options.has("model")} + options.has("cost") + options.has("parameters") > 1)
    return wrong("cost", "expected one of --model, --cost and a roofline (--parameters ...), got more");
  if (options.has("model")) {
    SYSTOLE_ASSIGN_OR_RETURN(SimulatedCost cost, simulate_cost(options, requests, spec.max_batch, spec.block_tokens));
    question.cost = cost.text, question.kind = "simulated";
    question.held_out = cost.held_out, question.table = cost.table;
    if (spec.blocks == 0) spec.blocks = cost.token_blocks;
    return std::unique_ptr<serve::StepCost>(std::make_unique<serve::CostTable>(std::move(cost.table)));
  }
  SYSTOLE_RETURN_IF_ERROR(
      expect_none(options, {"device", "functional", "tp", "set", "links", "topology", "algorithm"}, "beside --model"));
  if (!options.has("cost")) {
    question.kind = "estimated";
    return read_roofline(options, question.cost);
  }
  SYSTOLE_ASSIGN_OR_RETURN(const std::string text, spec::read_text_file(options.text("cost")));
  SYSTOLE_ASSIGN_OR_RETURN(serve::CostTable table, serve::CostTable::parse(text, options.text("cost")));
  question.cost = options.text("cost"), question.kind = "table";
  return std::unique_ptr<serve::StepCost>(std::make_unique<serve::CostTable>(std::move(table)));
}

Status read_server(const Options& options, serve::ServerSpec& spec, serve::Objectives& objectives) {
  constexpr int64_t kMostTokens = 1000000000, kMostBlocks = 1000000000000;
  int64_t max_batch = 0;
  SYSTOLE_RETURN_IF_ERROR(read_count(options, "max-batch", 1, 1000000, max_batch));
  spec.max_batch = static_cast<int>(max_batch);
  SYSTOLE_RETURN_IF_ERROR(read_count(options, "prefill-tokens", 1, kMostTokens, spec.prefill_tokens));
  SYSTOLE_RETURN_IF_ERROR(read_count(options, "block", 1, kMostTokens, spec.block_tokens));
  SYSTOLE_RETURN_IF_ERROR(read_count(options, "chunk", 0, kMostTokens, spec.chunk_tokens));
  if (spec.chunk_tokens > 0 && spec.chunk_tokens <= max_batch)
    return wrong("chunk", "expected 0, or more than --max-batch, so that prompts get on beside decoding, got " +
                              std::to_string(spec.chunk_tokens));
  double memory = 0, token = 0;
  SYSTOLE_RETURN_IF_ERROR(read_time(options, "timeout", spec.timeout));
  SYSTOLE_RETURN_IF_ERROR(read_real(options, "slo-ttft", spec::Dimension::kSeconds, objectives.ttft_seconds));
  SYSTOLE_RETURN_IF_ERROR(read_real(options, "slo-tpot", spec::Dimension::kSeconds, objectives.tpot_seconds));
  if (options.has("kv-blocks")) return read_count(options, "kv-blocks", 1, kMostBlocks, spec.blocks);
  SYSTOLE_RETURN_IF_ERROR(read_real(options, "kv-memory", spec::Dimension::kBytes, memory));
  SYSTOLE_RETURN_IF_ERROR(read_real(options, "kv-token", spec::Dimension::kBytes, token));
  if (options.has("model") && memory == 0) return {};
  if (memory == 0 || token == 0)
    return wrong("kv-blocks", "expected a number, or --kv-memory and --kv-token, got neither");
  const double blocks = memory / (token * static_cast<double>(spec.block_tokens));
  spec.blocks = static_cast<int64_t>(std::min(blocks, static_cast<double>(kMostBlocks)));
  if (spec.blocks < 1) return wrong("kv-memory", "expected memory of a block of tokens at least, got less");
  return {};
}

// The policies named, of `spec` otherwise.
Result<std::vector<Serving>> policies(const Options& options, const serve::ServerSpec& spec) {
  const std::pair<const char*, serve::Policy> known[] = {{"continuous", serve::Policy::kContinuous},
                                                         {"dynamic", serve::Policy::kDynamic},
                                                         {"static", serve::Policy::kStatic}};
  std::vector<Serving> runs;
  std::stringstream names(options.text("policy"));
  for (std::string name; std::getline(names, name, ',');) {
    const auto* found =
        std::find_if(std::begin(known), std::end(known), [&](const auto& each) { return name == each.first; });
    if (found == std::end(known))
      return wrong("policy", "expected some of continuous, dynamic, static with commas between, got '" + name + "'");
    if (std::any_of(runs.begin(), runs.end(), [&](const Serving& run) { return run.policy == name; }))
      return wrong("policy", "expected each once, got '" + name + "' again");
    Serving run{name, spec, {}, {}};
    run.spec.policy = found->second;
    if (run.spec.policy != serve::Policy::kContinuous) run.spec.chunk_tokens = 0;
    runs.push_back(std::move(run));
  }
  if (runs.empty()) return wrong("policy", "expected some of continuous, dynamic, static, got none");
  return runs;
}

Status answer(const Options& options) {
  ServingQuestion question;
  std::vector<serve::Request> requests;
  serve::ServerSpec spec;
  SYSTOLE_RETURN_IF_ERROR(read_requests(options, requests, question.requests));
  SYSTOLE_RETURN_IF_ERROR(read_server(options, spec, question.objectives));
  SYSTOLE_RETURN_IF_ERROR(policies(options, spec).status());  // before steps are simulated
  SYSTOLE_ASSIGN_OR_RETURN(const auto cost, read_cost(options, requests, question, spec));
  SYSTOLE_ASSIGN_OR_RETURN(std::vector<Serving> runs, policies(options, spec));
  for (Serving& run : runs) {
    SYSTOLE_ASSIGN_OR_RETURN(run.outcome, serve::serve(requests, run.spec, *cost));
    run.summary = serve::summarize(requests, run.spec, run.outcome, question.objectives);
  }
  if (options.has("output-dir"))
    SYSTOLE_RETURN_IF_ERROR(write_serving(options.text("output-dir"), question, requests, runs));
  std::cout << (options.json() ? serving_json(question, runs) : serving_text(question, runs));
  return {};
}

}  // namespace

int run_serve(const Arguments& arguments) {
  Options options("serve", "serve [--trace FILE | --requests N --rate R] [--cost FILE | a roofline] [options]", kText);
  using Text = std::string;
  options.add()("trace", po::value<Text>(), "CSV of requests: arrival_s,prompt,output")(
      "requests", po::value<int64_t>()->default_value(10000), "requests to draw")(
      "rate", po::value<double>()->default_value(4), "of them a second, a Poisson process")(
      "prompt", po::value<Text>()->default_value("uniform:64:512"),
      "tokens: fixed:N, uniform:LEAST:MOST, exponential:MEAN")(
      "output", po::value<Text>()->default_value("exponential:128"), "tokens, likewise")(
      "seed", po::value<uint64_t>()->default_value(1), "of the draws")(
      "policy", po::value<Text>()->default_value("continuous,dynamic,static"), "batching policies, commas between")(
      "max-batch", po::value<int64_t>()->default_value(32), "sequences at once")(
      "timeout", po::value<Text>(), "dynamic: longest wait for a full batch (default 100ms)")(
      "prefill-tokens", po::value<int64_t>()->default_value(8192), "continuous: most prompt tokens of a step")(
      "chunk", po::value<int64_t>()->default_value(0), "continuous: most tokens of a step, prompts are cut; 0: whole")(
      "block", po::value<int64_t>()->default_value(16), "tokens of a block of keys and values")(
      "kv-blocks", po::value<int64_t>(), "blocks")("kv-memory", po::value<Text>(), "or their memory, with --kv-token")(
      "cost", po::value<Text>(), "CSV of step times: phase,sequences,tokens,nanoseconds")(
      "parameters", po::value<double>(), "roofline: weights, 2 operations each a token")(
      "weights", po::value<Text>(), "roofline: bytes of them")("kv-token", po::value<Text>(),
                                                               "bytes of a token's keys and values")(
      "attention-flops", po::value<double>()->default_value(0), "roofline: operations for each token attended to")(
      "peak-flops", po::value<Text>(), "roofline: as 312TFLOP/s")(
      "peak-bytes", po::value<Text>(), "roofline: as 2039GB/s")("overhead", po::value<Text>(),
                                                                "roofline: added to each step, as 20us")(
      "slo-ttft", po::value<Text>(), "objective of goodput: time to the first token")(
      "slo-tpot", po::value<Text>(), "objective of goodput: time of each after it")(
      "output-dir,o", po::value<Text>(), "write requests.POLICY.csv and occupancy.POLICY.csv there");
  add_model_options(options);
  if (!options.parse(arguments)) return options.exit_code;
  const Status status = answer(options);
  return status.ok() ? kOk : fail(status, "serve");
}

}  // namespace systole::cli
