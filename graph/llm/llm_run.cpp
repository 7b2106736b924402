// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/llm/llm_run.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "graph/executor.h"

namespace systole::graph {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point& start) {
  const auto now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - start).count();
  start = now;
  return seconds;
}

std::string gib(int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f GiB", static_cast<double>(bytes) / (int64_t{1} << 30));
  return text;
}

DType stored_type(const LlmSetting& s) {
  return s.weights == WeightType::kInt8 ? DType::kI8 : s.weights == WeightType::kInt4 ? DType::kI4 : s.type;
}

// Of one rank, all in the type of the matrices: close enough to say what does not fit.
int64_t weight_bytes(const LlmSetting& s) { return bytes_for(stored_type(s), s.config.streamed_weights() / s.tp); }

int64_t whole_pages(const LlmSetting& s, int64_t positions) {
  const int64_t block = std::max<int64_t>(1, s.cache.block), more = (block - positions % block) % block;
  return positions < INT64_MAX - more ? positions + more : INT64_MAX;
}

Status check_support(const LlmSetting& s, const OpDesc& op) {
  const Support support = s.device->supports(op);
  return support.yes ? Status() : Status(Code::kUnsupported, s.device->info().uri + ": " + support.reason);
}

// Constants on the device: of the least that it moves, what is neither input nor output.
int64_t constants_of(const Session& session) {
  const Graph& graph = session.plan().graph;
  int64_t bytes = session.prospect().least_bytes;
  for (const auto* ends : {&graph.inputs, &graph.outputs})
    for (ValueId id : *ends) bytes -= bytes_for(graph.at(id).dtype, element_count(graph.at(id).shape));
  return bytes;
}

}  // namespace

Status check_products(const LlmSetting& s) {
  const int64_t width = s.config.width;
  std::shared_ptr<const Quantization> quant;
  if (s.weights != WeightType::kModel)
    quant = std::make_shared<const Quantization>(Quantization{std::vector<float>(static_cast<size_t>(width), 1.0f),
                                                              std::vector<int32_t>(static_cast<size_t>(width)), 1});
  const OpDesc product{Matmul{},
                       {row_major(s.type, {1, width}), row_major(stored_type(s), {width, width}, quant)},
                       {row_major(s.type, {1, width})},
                       "projection"};
  if (const Status valid = validate(product); !valid.ok()) return Status(Code::kUnsupported, valid.message());
  SYSTOLE_RETURN_IF_ERROR(check_support(s, product));
  if (!s.cache.int8) return {};
  const TensorDesc q = row_major(s.type, {1, s.config.head_dim});
  const TensorDesc keys = row_major(DType::kI8, {1, s.config.head_dim},
                                    std::make_shared<const Quantization>(Quantization{{kCacheScale}, {0}}));
  return check_support(s, {Attention{}, {q, keys, keys}, {q}, "attention"});
}

DType cache_type(const LlmSetting& s) { return s.cache.int8 ? DType::kI8 : s.type; }

int64_t cache_bytes(const LlmSetting& s, int64_t positions) {
  // A window begins at any row of a page.
  const int64_t slack = std::max<int64_t>(1, s.cache.block) - 1, window = s.config.window;
  const int64_t kept = whole_pages(s, window > 0 ? std::min(positions, window + slack) : positions);
  int64_t bytes = bytes_for(cache_type(s), s.config.cached_per_token() / s.tp);
  for (const int64_t factor : {s.batch, kept})
    if (__builtin_mul_overflow(bytes, factor, &bytes)) return INT64_MAX;
  return bytes;
}

Status check_memory(const LlmSetting& s, int64_t positions) {
  const int64_t weights = weight_bytes(s), cache = cache_bytes(s, positions), has = s.device->info().memory_bytes;
  if (has == 0 || cache <= has - weights) return {};
  const int64_t needs = cache < INT64_MAX - weights ? weights + cache : INT64_MAX;
  return Status(Code::kOutOfMemory, s.config.name + " needs " + gib(needs) + " (" + gib(weights) + " of weights, " +
                                        gib(cache) + " of keys and values: batch " + std::to_string(s.batch) + ", " +
                                        std::to_string(whole_pages(s, positions)) + " positions), " +
                                        s.device->info().uri + " has " + gib(has));
}

Result<LlmRun> run_llm_step(const LlmSetting& s, LlmStep step) {
  LlmRun run;
  auto clock = Clock::now();
  step.tp = s.tp, step.cache = s.cache;
  const bool functional = s.device->info().functional;
  Sketch net(s.config.name, s.seed, s.batch, {}, functional ? Sketch::Weights::kDrawn : Sketch::Weights::kWithheld);
  net.lower_to(s.type);
  SYSTOLE_ASSIGN_OR_RETURN(LlmGraph made, make_llm_graph(net, s.config, step));
  run.collectives = std::move(made.collectives);
  run.build_s = seconds_since(clock);
  SYSTOLE_ASSIGN_OR_RETURN(const auto session,
                           compile(std::move(made.graph), {.device = s.device, .weights = s.weights}));
  run.compile_s = seconds_since(clock);
  run.weight_bytes = constants_of(*session);
  for (const ArenaReport& arena : session->prospect().arenas)
    if (arena.device != "host") run.activation_bytes += arena.peak_bytes;
  const int64_t spanned = unseen_rows(s.config, step) + kept_positions(s.config, step.past) + step.sequence;
  run.activation_bytes -= cache_bytes(s, spanned);
  TensorMap inputs, outputs;
  inputs.emplace("input_ids", make_host_tensor(DType::kI64, {s.batch, step.sequence}));
  SYSTOLE_RETURN_IF_ERROR(session->run(inputs, outputs, &run.report));
  run.run_s = seconds_since(clock);
  return run;
}

}  // namespace systole::graph
