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

// Prefill: past 0. Decode: one new token. Anything else is a chunk of a prompt.
struct LlmStep {
  int64_t sequence = 1;  // new tokens of each request
  int64_t past = 0;      // tokens of it that the cache holds; with a window, of which only the last are kept
  int64_t tp = 1;        // ranks that share heads, MLP and vocabulary; the graph is one rank's
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
// extended in place. kInvalidArgument where tp does not divide what it shares or positions are not learned.
Result<LlmGraph> make_llm_graph(Sketch& net, const LlmConfig& config, const LlmStep& step);

// Positions that the cache holds of `past` ones: with a window a new token finds all but one of it.
int64_t kept_positions(const LlmConfig& config, int64_t past);

}  // namespace systole::graph
