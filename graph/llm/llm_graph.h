// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A decoder's step as a graph: new tokens of each of a batch meet the keys and values of those before them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/builtin/sketch.h"
#include "graph/llm/llm_config.h"

namespace systole::graph {

// How the cache of keys and values lies in device memory.
struct LlmCache {
  bool int8 = false;  // as i8 times kCacheScale, not in the model's type
  int64_t block = 0;  // positions of a page; 0: each request's in one piece
  uint64_t seed = 1;  // of the order of the pages
};

// Of int8 caches, of keys and of values: they hold -4 to 3.97. Without a calibration on a model's own activations, of
// keys and values that are sums of normalized numbers with seeded weights of variance 1 / width: near normal, with a
// deviation of 1, so that one in 16,000 is cut off. A power of two: every device then rounds alike.
inline constexpr float kCacheScale = 1.0f / 32;

// The page of each block of `positions` of each of `batch` requests, by request: a permutation of all pages.
std::vector<int> cache_pages(const LlmCache& cache, int64_t batch, int64_t positions);

// Prefill: past 0. Decode: one new token. Anything else is a chunk of a prompt.
struct LlmStep {
  int64_t sequence = 1;  // new tokens of each request
  int64_t past = 0;      // tokens of it that the cache holds; with a window, of which only the last are kept
  int64_t tp = 1;        // ranks that share heads, MLP and vocabulary; the graph is one rank's
  LlmCache cache = {};
};

// What ranks exchange after a node; bytes of one rank's operand.
struct Collective {
  enum class Kind : uint8_t { kAllReduce, kAllGather };
  Kind kind = Kind::kAllReduce;
  std::string after;  // the node's name
  int64_t bytes = 0;
};

struct LlmGraph {
  Graph graph;  // lowered
  std::vector<Collective> collectives;
};

// Of net's batch and type (lower_to). Inputs: input_ids [batch, sequence] (i64) and for each layer i with a past
// layer.i.past_key and .past_value [batch, kv heads, kept, head_dim], resident. Outputs: logits [batch, 1, vocabulary]
// (f32) of the last token, layer.i.key and .value [batch, kv heads, kept + sequence, head_dim], resident: the cache
// extended in place. With pages both are [pages, kv heads, block, head_dim], inputs of a step without a past, too, and
// new keys and values are written over their rows of their pages. Blocks are of absolute positions: with a window the
// first page's rows may be of tokens that none sees any more, which a mask hides; whatever they hold must be finite.
// kInvalidArgument where tp does not divide what it shares or positions are not learned.
Result<LlmGraph> make_llm_graph(Sketch& net, const LlmConfig& config, const LlmStep& step);

// Positions that the cache holds of `past` ones: with a window a new token finds all but one of it.
int64_t kept_positions(const LlmConfig& config, int64_t past);
// Rows of a request's first page before those of kept positions; 0 where nothing is in pages or slides.
int64_t unseen_rows(const LlmConfig& config, const LlmStep& step);

}  // namespace systole::graph
