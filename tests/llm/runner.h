// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Small language models run step by step on any device, their caches kept between steps.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "devices/cpu/cpu_device.h"
#include "devices/gpu/gpu_device.h"
#include "devices/npu/npu_device.h"
#include "devices/ref/ref_device.h"
#include "graph/constants.h"
#include "graph/executor.h"
#include "graph/llm/llm_graph.h"
#include "tests/tolerance.h"

namespace systole::graph::testing {

inline constexpr int64_t kBatch = 2, kTokens = 9, kPrompt = 4;

struct Small {
  const char* name;
  void (*change)(LlmConfig&);
};
inline const Small kModels[] = {
    {"grouped", [](LlmConfig&) {}},
    {"one_kv_head", [](LlmConfig& c) { c.kv_heads = 1; }},
    {"all_heads", [](LlmConfig& c) { c.kv_heads = 4; }},
    {"window", [](LlmConfig& c) { c.window = 3; }},
    {"tied", [](LlmConfig& c) { c.tied = c.scaled_embedding = true, c.activation = Activation::kGeluTanh; }},
    {"biases", [](LlmConfig& c) { c.qkv_bias = c.out_bias = c.mlp_bias = c.head_norm = true; }},
    {"gpt2", [](LlmConfig& c) {
       c.gated = false, c.tied = c.qkv_bias = c.out_bias = c.mlp_bias = true;
       c.kv_heads = 4, c.position_rows = 16, c.activation = Activation::kGeluErf;
     }}};

inline LlmConfig small(const Small& model) {
  LlmConfig c;
  c.name = model.name, c.layers = 2, c.width = 32, c.heads = 4, c.kv_heads = 2, c.head_dim = 8, c.wide = 48;
  c.vocabulary = 40, c.positions = 16, c.rope_theta = 100;
  model.change(c);
  return c;
}

inline std::shared_ptr<Device> open(const std::string& uri) {
  Registry registry;
  for (auto driver : {ref_driver(), cpu_driver(), gpu_driver(), npu_driver()})
    EXPECT_TRUE(registry.add(std::move(driver)).ok());
  auto device = registry.open(uri);
  EXPECT_TRUE(device.ok()) << device.status().to_string();
  return device.ok() ? *device : nullptr;
}

inline int64_t token(int64_t request, int64_t position) { return (7 * position + 13 * request + 3) % 40; }

inline Graph step_graph(const LlmConfig& config, DType type, const LlmStep& step) {
  Sketch net(config.name, 1, kBatch, {});
  net.lower_to(type);
  auto made = make_llm_graph(net, config, step);
  EXPECT_TRUE(made.ok()) << made.status().to_string();
  return std::move(made->graph);
}

// Positions [first, first + count) of a cache [batch, heads, positions, depth].
inline HostTensor positions(const HostTensor& cache, int64_t first, int64_t count) {
  Shape shape = cache.shape;
  const auto row = static_cast<size_t>(bytes_for(cache.dtype, shape[3]));
  const int64_t all = shape[2], matrices = shape[0] * shape[1];
  shape[2] = count;
  HostTensor part = make_host_tensor(cache.dtype, shape);
  for (int64_t m = 0; m < matrices; ++m)
    std::memcpy(part.data.data() + static_cast<size_t>(m * count) * row,
                cache.data.data() + static_cast<size_t>(m * all + first) * row, static_cast<size_t>(count) * row);
  return part;
}

// A cache [batch, heads, positions, depth] into pages [pages, heads, block, depth] or back: `cache` has the extents,
// `first` rows of each request's first page go before it.
inline void exchange(HostTensor& cache, HostTensor& pool, const std::vector<int>& pages, int64_t first,
                     bool into_pages) {
  const auto row = static_cast<size_t>(bytes_for(cache.dtype, cache.shape[3]));
  const int64_t heads = cache.shape[1], all = cache.shape[2], block = pool.shape[2];
  const int64_t blocks = static_cast<int64_t>(pages.size()) / cache.shape[0];
  for (int64_t b = 0; b < cache.shape[0]; ++b)
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t t = 0; t < all; ++t) {
        const int64_t row_of = first + t, page = pages[static_cast<size_t>(b * blocks + row_of / block)];
        std::byte* mine = cache.data.data() + static_cast<size_t>((b * heads + h) * all + t) * row;
        std::byte* theirs = pool.data.data() + static_cast<size_t>((page * heads + h) * block + row_of % block) * row;
        std::memcpy(into_pages ? theirs : mine, into_pages ? mine : theirs, row);
      }
}

// One model on one device, its caches between steps.
class Runner {
 public:
  Runner(LlmConfig config, const std::string& uri, DType type, WeightType weights = WeightType::kModel,
         const LlmCache& layout = {})
      : config_(std::move(config)), device_(open(uri)), type_(type), weights_(weights), layout_(layout) {}

  // The next `count` tokens of both requests; logits of the last.
  std::vector<double> feed(int64_t count) {
    const LlmStep step{count, past_, 1, layout_};
    const Graph graph = step_graph(config_, type_, step);
    auto session = compile(graph, {.device = device_, .weights = weights_});
    EXPECT_TRUE(session.ok()) << session.status().to_string();
    if (!session.ok()) return {};
    const bool pages = layout_.block > 0;
    const int64_t first = unseen_rows(config_, step), had = kept_positions(config_, past_);
    const std::vector<int> table = pages ? cache_pages(layout_, kBatch, first + had + count) : std::vector<int>{};
    TensorMap inputs, outputs;
    for (const ValueId id : graph.inputs) {
      const Value& value = graph.at(id);
      if (!value.resident) continue;
      HostTensor& given = inputs[value.name] = make_host_tensor(value.dtype, value.shape);
      if (!pages) given = cache_.at(value.name);
      if (!pages) continue;
      std::fill(given.data.begin(), given.data.end(), std::byte{0x40});  // rows that nobody wrote: 3 in every type
      if (had > 0) exchange(cache_.at(value.name), given, table, first, true);
    }
    HostTensor ids = make_host_tensor(DType::kI64, {kBatch, count});
    for (int64_t i = 0; i < kBatch * count; ++i)
      store_int(DType::kI64, ids.data.data(), i, token(i / count, past_ + i % count));
    inputs.emplace("input_ids", std::move(ids));
    const Status status = (*session)->run(inputs, outputs);
    EXPECT_TRUE(status.ok()) << status.to_string();
    past_ += count;
    const int64_t kept = kept_positions(config_, past_);
    for (int64_t i = 0; i < config_.layers; ++i)
      for (const char* what : {"key", "value"}) {
        const std::string layer = "layer." + std::to_string(i) + ".";
        HostTensor& whole = outputs.at(layer + what);
        if (pages) {
          HostTensor pool = std::move(whole);
          whole = make_host_tensor(pool.dtype, {kBatch, pool.shape[1], had + count, pool.shape[3]});
          exchange(whole, pool, table, first, false);
        }
        cache_[layer + "past_" + what] = positions(whole, whole.shape[2] - kept, kept);
      }
    const HostTensor& logits = outputs.at("logits");
    EXPECT_EQ(logits.shape, (Shape{kBatch, 1, config_.vocabulary}));
    std::vector<double> numbers;
    for (int64_t i = 0; i < kBatch * config_.vocabulary; ++i)
      numbers.push_back(load_real(logits.dtype, logits.data.data(), i));
    return numbers;
  }

 private:
  LlmConfig config_;
  std::shared_ptr<Device> device_;
  DType type_;
  WeightType weights_;
  LlmCache layout_;
  int64_t past_ = 0;
  TensorMap cache_;
};

inline double worst(const std::vector<double>& got, const std::vector<double>& want) {
  double error = 0, largest = 0;
  if (got.size() != want.size() || want.empty()) return INFINITY;
  for (size_t i = 0; i < want.size(); ++i) {
    error = std::fmax(error, std::isnan(got[i]) ? INFINITY : std::fabs(got[i] - want[i]));
    largest = std::fmax(largest, std::fabs(want[i]));
  }
  return error / largest;
}

inline void token_by_token_is_all_at_once(const LlmConfig& config, const std::string& uri, DType type, double bound,
                                          const LlmCache& layout = {}) {
  const auto all_at_once = [&](int64_t tokens) {
    return Runner(config, uri, type, WeightType::kModel, layout).feed(tokens);
  };
  Runner stepwise(config, uri, type, WeightType::kModel, layout);
  stepwise.feed(kPrompt);
  for (int64_t tokens = kPrompt + 1; tokens <= kTokens; tokens += 1) {
    const auto got = stepwise.feed(1);
    if (tokens != kPrompt + 1 && tokens != kTokens) continue;
    EXPECT_LE(worst(got, all_at_once(tokens)), bound) << uri << " after " << tokens;
  }
  Runner chunks(config, uri, type, WeightType::kModel, layout);
  chunks.feed(kPrompt);
  EXPECT_LE(worst(chunks.feed(kTokens - kPrompt), all_at_once(kTokens)), bound) << uri << " chunk";
}

}  // namespace systole::graph::testing
