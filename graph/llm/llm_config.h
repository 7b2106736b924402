// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A decoder of text as its extents: what its graphs, weights and cache follow from. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hal/dtype.h"
#include "hal/op.h"
#include "hal/status.h"

namespace systole::graph {

// Two structures. With `gated`: RMS norms, rotary positions, grouped queries, a gated MLP (llama and its kin). Without:
// layer norms with biases, learned positions, a plain MLP (gpt2, opt).
struct LlmConfig {
  std::string name, family;  // family: model_type of a Hugging Face configuration
  int64_t layers = 0, width = 0, heads = 0, kv_heads = 0, head_dim = 0, wide = 0, vocabulary = 0;
  int64_t positions = 0;      // that it was trained for
  int64_t window = 0;         // keys that a query sees at most; 0: all
  int64_t position_rows = 0;  // of the table of learned positions; 0: rotary
  bool gated = true;
  bool tied = false;  // the head is the table of tokens
  bool qkv_bias = false, out_bias = false, mlp_bias = false;
  bool head_norm = false;                     // queries and keys are normalized a head
  bool scaled_embedding = false;              // tokens times sqrt(width)
  Activation activation = Activation::kSilu;  // of the MLP: kSilu, kGeluTanh, kGeluErf or kRelu
  float epsilon = 1e-5f;
  double rope_theta = 10000;

  int64_t parameters() const;  // trained ones, a tied table once
  // Weights that a step streams: all but the table of tokens where it is looked up on the host, in elements.
  int64_t streamed_weights() const;
  int64_t cached_per_token() const { return 2 * layers * kv_heads * head_dim; }  // elements of keys and values
};

// gpt2, llama-3.2-1b, llama-3.2-3b, llama-2-7b, llama-3-8b, mistral-7b. Figures: the config.json of each one's
// repository on Hugging Face (llm_config.cpp names them); parameters as published.
const std::vector<LlmConfig>& builtin_llms();

// A built-in's name, else the path of a Hugging Face config.json. kNotFound names the nearest name.
Result<LlmConfig> load_llm_config(const std::string& name);
// The text of a config.json; `file` is for messages, "FILE: key: expected ..., got ...". kUnsupported for a model_type
// or a setting whose structure the graphs have not, with what there is. rope_scaling changes no shape and is not read.
Result<LlmConfig> parse_llm_config(const std::string& text, const std::string& file);

}  // namespace systole::graph
