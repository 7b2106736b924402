// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>

#include "graph/llm/llm_run.h"
#include "tools/systole/exit.h"
#include "tools/systole/llm_text.h"
#include "tools/systole/plans.h"
#include "tools/systole/progress.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

const char* kText =
    "How a language model runs on an NPU: memory, time to the first token (prefill of all prompts), time of each token "
    "after it\n(decode, with the keys and values of those before in device memory), tokens a second, and what each "
    "phase is bound by.\nCONFIG is gpt2, llama-3.2-1b, llama-3.2-3b, llama-2-7b, llama-3-8b, mistral-7b, or a Hugging "
    "Face config.json. Only\nshapes matter: no weights are needed and no values computed.\n\n"
    "  systole llm llama-3.2-1b --device npu:datacenter-128x128\n"
    "  systole llm llama-3-8b --device npu:datacenter-128x128 --set dram.bytes=32GiB --prompt 2048 --generate 256 "
    "--batch 4\n"
    "  systole llm my_model/config.json --device npu:my_chip.yaml --tp 2 --json\n"
    "  systole llm llama-3.2-1b --tp 4 --links nvlink4 --topology ring\n\n"
    "Prefill and a few decode steps are simulated; tokens between them are interpolated, and the error of that at a "
    "step held\nout is printed. With --tp a rank is simulated, all being alike; with --links also what they "
    "exchange, on\nsimulated links. Host work (looking up tokens) is estimated and not included.";

constexpr int64_t kMost = int64_t{1} << 30;  // of a count: sums of two and their blocks stay far below 2^63

struct Request {
  graph::LlmSetting setting;
  int64_t prompt = 0, generate = 0;
};

Result<Request> read_request(const Options& options) {
  Request r;
  SYSTOLE_ASSIGN_OR_RETURN(r.setting.config, graph::load_llm_config(options.text("CONFIG")));
  const std::string weights = options.text("weights");
  if (weights == "f16") r.setting.type = DType::kF16;
  if (weights == "int8" || weights == "int4") {
    SYSTOLE_ASSIGN_OR_RETURN(r.setting.weights, graph::parse_weight_type(weights));
  } else if (weights != "f16" && weights != "bf16") {
    return Status(Code::kInvalidArgument, "--weights: expected bf16, f16, int8 or int4, got '" + weights + "'");
  }
  if (options.text("kv-dtype") != "bf16")
    return Status(Code::kUnsupported, "--kv-dtype " + options.text("kv-dtype") +
                                          ": attention takes keys and values of its queries' type, bf16");
  if (!options.text("device").starts_with("npu"))
    return Status(Code::kUnsupported,
                  "--device " + options.text("device") + ": llm simulates: expected npu:PRESET or npu:FILE.yaml");
  SYSTOLE_ASSIGN_OR_RETURN(const Opened opened, open_devices(options));
  r.setting.device = opened.device;
  if (Status status = graph::check_products(r.setting); !status.ok())
    return Status(status.code(), "--weights " + weights + ": " + status.message());
  const graph::LlmConfig& c = r.setting.config;
  r.setting.batch = options["batch"].as<int64_t>(), r.setting.tp = options["tp"].as<int64_t>();
  r.prompt = options["prompt"].as<int64_t>(), r.generate = options["generate"].as<int64_t>();
  if (r.prompt + r.generate > c.positions)
    return Status(Code::kInvalidArgument, "--prompt and --generate: " + std::to_string(r.prompt + r.generate) +
                                              " positions, and " + c.name + " has " + std::to_string(c.positions));
  return r;
}

// First, middle and last of the contexts that decode sees, and one between the first two that is held out.
Status simulate(const Request& r, Progress& progress, LlmTimes& times) {
  progress.tell("prefill");
  SYSTOLE_ASSIGN_OR_RETURN(times.prefill, graph::run_llm_step(r.setting, {r.prompt, 0}));
  if (times.links) {
    SYSTOLE_ASSIGN_OR_RETURN(times.prefill_exchange, exchange_of(*times.links, times.prefill.collectives));
  }
  if (times.generate == 1) return {};
  const int64_t last = r.prompt + times.generate - 2, middle = (r.prompt + last) / 2;
  const int64_t held_out = (r.prompt + middle) / 2;
  for (int64_t past : {r.prompt, held_out, middle, last}) {
    const bool known = std::any_of(times.decode.begin(), times.decode.end(),
                                   [&](const DecodePoint& point) { return point.past == past; });
    if (known) continue;
    progress.tell("decode after " + std::to_string(past) + " positions");
    SYSTOLE_ASSIGN_OR_RETURN(graph::LlmRun run, graph::run_llm_step(r.setting, {1, past}));
    times.decode.push_back({past, past == held_out && past != r.prompt && past != middle, std::move(run)});
  }
  if (times.links) {
    SYSTOLE_ASSIGN_OR_RETURN(times.decode_exchange, exchange_of(*times.links, times.decode[0].run.collectives));
  }
  return {};
}

}  // namespace

int run_llm(const Arguments& arguments) {
  Options options("llm", "llm CONFIG --device NPU [--prompt N] [--generate N] [--batch N] [options]", kText);
  options.add()("device,d", po::value<std::string>()->default_value("npu:datacenter-128x128"),
                "npu:PRESET or npu:FILE.yaml, with ?key=value options")(
      "prompt", po::value<int64_t>()->default_value(512), "tokens of each prompt")(
      "generate", po::value<int64_t>()->default_value(128), "tokens made for each request, the first by prefill")(
      "batch", po::value<int64_t>()->default_value(1), "requests at once")(
      "weights", po::value<std::string>()->default_value("bf16"),
      "type of the matrices: bf16, f16, int8 or int4 (these with a scale a column)")(
      "kv-dtype", po::value<std::string>()->default_value("bf16"), "type of keys and values: bf16")(
      "kv-block", po::value<int64_t>()->default_value(1), "tokens of a block of a paged cache: its memory is counted")(
      "functional", po::value<std::string>()->default_value("off"), "on: compute values of seeded weights too")(
      "tp", po::value<int64_t>()->default_value(1), "ranks that share heads, MLP and vocabulary")(
      "set", po::value<std::vector<std::string>>(), "override a value of the NPU's configuration, key=value");
  add_link_options(options);
  options.positional("CONFIG", true);
  if (!options.parse(arguments)) return options.exit_code;
  for (const char* name : {"prompt", "generate", "batch", "kv-block", "tp"})
    if (const auto value = options[name].as<int64_t>(); value < 1 || value > kMost)
      return usage_error(
          std::string("--") + name + ": expected 1 to " + std::to_string(kMost) + ", got " + std::to_string(value),
          "llm");

  auto request = read_request(options);
  if (!request.ok()) return fail(request.status(), "llm");
  LlmTimes times;
  times.prompt = request->prompt, times.generate = request->generate, times.block = options["kv-block"].as<int64_t>();
  if (Status status = graph::check_memory(request->setting, times.positions()); !status.ok()) return fail(status);
  auto links = read_rank_links(options, request->setting.tp, *request->setting.device);
  if (!links.ok()) return fail(links.status(), "llm");
  times.links = std::move(*links);
  {
    Progress progress("prefill");
    if (Status status = simulate(*request, progress, times); !status.ok()) return fail(status);
  }
  std::cout << (options.json() ? llm_json(request->setting, times) : llm_text(request->setting, times));
  return kOk;
}

}  // namespace systole::cli
