// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Caches of small language models: extended in place, of int8, in pages.
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "tests/llm/runner.h"

namespace systole::graph::testing {
namespace {

const std::pair<const char*, DType> kDevices[] = {
    {"ref", DType::kF32}, {"cpu", DType::kF32}, {"npu:edge-16x16", DType::kBF16}};

// int8 keys and values: token by token is all at once, devices agree, and they do round.
TEST(LlmCache, OfInt8TokenByToken) {
  LlmCache int8;
  int8.int8 = true;
  for (const Small& model : {kModels[0], kModels[3], kModels[6]}) {
    const LlmConfig config = small(model);
    const auto exact = Runner(config, "ref", DType::kF32).feed(kTokens);
    const auto want = Runner(config, "ref", DType::kF32, WeightType::kModel, int8).feed(kTokens);
    EXPECT_GT(worst(want, exact), tests::kFusedDifference) << model.name;
    EXPECT_LE(worst(want, exact), tests::kLlmInt8Cache) << model.name;
    for (const auto& [uri, type] : kDevices) {
      const double bound = type == DType::kF32 ? tests::kFusedDifference : tests::kLlmInt8Cache;
      token_by_token_is_all_at_once(config, uri, type, bound, int8);
      EXPECT_LE(worst(Runner(config, uri, type, WeightType::kModel, int8).feed(kTokens), want), bound) << uri;
    }
  }
}

// Pages change where keys and values lie, and nothing else; with a window of three positions a page's first rows are of
// tokens that are seen no more.
TEST(LlmCache, InPagesGiveTheSameBits) {
  for (const Small& model : {kModels[0], kModels[3]})
    for (const auto& [uri, type] : kDevices)
      for (bool int8 : {false, true})
        for (int64_t block : {1, 3, 16}) {
          const LlmConfig config = small(model);
          const LlmCache whole{int8, 0, 1}, pages{int8, block, 7};
          Runner a(config, uri, type, WeightType::kModel, whole), b(config, uri, type, WeightType::kModel, pages);
          for (int64_t count : {kPrompt, int64_t{1}, int64_t{3}, int64_t{1}})
            EXPECT_EQ(a.feed(count), b.feed(count)) << uri << " " << model.name << " pages of " << block;
        }
  const std::vector<int> order = cache_pages({false, 4, 1}, 2, 30);
  ASSERT_EQ(order.size(), 16u);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(std::set<int>(order.begin(), order.end()).size(), 16u);
  EXPECT_EQ(cache_pages({false, 4, 1}, 2, 30), order);
}

// On a gpu, where there is one: host threads do.
TEST(LlmCache, OfEveryLayoutOnAGpu) {
  Registry registry;
  ASSERT_TRUE(registry.add(gpu_driver()).ok());
  if (const Status status = registry.open("gpu:opencl").status(); status.code() == Code::kUnavailable)
    GTEST_SKIP() << status.message();
  const LlmConfig config = small(kModels[0]);
  for (const LlmCache& layout : {LlmCache{}, LlmCache{true, 0, 1}, LlmCache{false, 3, 7}, LlmCache{true, 3, 7}}) {
    Runner gpu(config, "gpu:opencl", DType::kF32, WeightType::kModel, layout),
        ref(config, "ref", DType::kF32, WeightType::kModel, layout);
    for (int64_t count : {kPrompt, int64_t{1}, int64_t{3}})
      EXPECT_LE(worst(gpu.feed(count), ref.feed(count)), tests::kFusedDifference) << layout.int8 << layout.block;
  }
}

// The first page begins where its block does: of 7 positions 5 and 6 are kept for an eighth.
TEST(LlmCache, InPagesOfAWindow) {
  const LlmConfig config = small(kModels[3]);
  for (const auto& [block, unseen, pages] : {std::tuple{4, 1, 1}, {2, 1, 2}, {5, 0, 1}, {3, 2, 2}}) {
    const LlmStep step{1, 7, 1, {false, block, 1}};
    EXPECT_EQ(unseen_rows(config, step), unseen) << block;
    const Graph graph = step_graph(config, DType::kF32, step);
    for (const ValueId id : graph.inputs) {
      if (graph.at(id).resident) {
        EXPECT_EQ(graph.at(id).shape, (Shape{kBatch * pages, 2, block, 8})) << block;
      }
    }
  }
  EXPECT_EQ(unseen_rows(config, {1, 7, 1, {}}), 0);
}

// New keys and values are written behind the old ones, which only attention touches.
TEST(LlmCache, IsExtendedInPlace) {
  const LlmConfig config = small(kModels[0]);
  auto plan = make_plan(step_graph(config, DType::kBF16, {1, 64}), {open("npu:edge-16x16")});
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  int caches = 0, writes = 0, reads = 0;
  const auto is_cache = [&](ValueId id) {
    return plan->graph.at(plan->storage[static_cast<size_t>(id)].root).resident;
  };
  for (const Node& node : plan->graph.nodes) {
    if (node.type == "Concat") ++caches;
    if (is_alias(node)) continue;
    for (ValueId id : node.inputs)
      if (is_cache(id)) {
        ++reads;
        EXPECT_EQ(node.type, "Attention") << node.name;
        EXPECT_EQ(plan->graph.at(id).shape, (Shape{kBatch, 2, 65, 8}));
      }
    for (ValueId id : node.outputs)
      if (is_cache(id)) {
        ++writes;
        EXPECT_EQ(element_count(plan->graph.at(id).shape), kBatch * 2 * 8) << node.name;
      }
  }
  EXPECT_EQ(caches, 4);
  EXPECT_EQ(reads, 4);
  EXPECT_EQ(writes, 4);
}

}  // namespace
}  // namespace systole::graph::testing
