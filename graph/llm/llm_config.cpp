// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/llm/llm_config.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace systole::graph {
namespace {

LlmConfig rotary(const char* name, const char* family, int64_t layers, int64_t width, int64_t heads, int64_t kv_heads,
                 int64_t wide, int64_t vocabulary, int64_t positions) {
  LlmConfig c;
  c.name = name, c.family = family, c.layers = layers, c.width = width, c.heads = heads, c.kv_heads = kv_heads;
  c.head_dim = width / heads, c.wide = wide, c.vocabulary = vocabulary, c.positions = positions;
  return c;
}

LlmConfig gpt2() {  // openai-community/gpt2
  LlmConfig c = rotary("gpt2", "gpt2", 12, 768, 12, 12, 3072, 50257, 1024);
  c.gated = false, c.tied = c.qkv_bias = c.out_bias = c.mlp_bias = true;
  c.position_rows = 1024, c.activation = Activation::kGeluTanh;
  return c;
}

LlmConfig llama32_1b() {  // meta-llama/Llama-3.2-1B
  LlmConfig c = rotary("llama-3.2-1b", "llama", 16, 2048, 32, 8, 8192, 128256, 131072);
  c.tied = true, c.rope_theta = 500000;
  return c;
}

LlmConfig llama32_3b() {  // meta-llama/Llama-3.2-3B
  LlmConfig c = rotary("llama-3.2-3b", "llama", 28, 3072, 24, 8, 8192, 128256, 131072);
  c.tied = true, c.rope_theta = 500000;
  return c;
}

LlmConfig llama3_8b() {  // meta-llama/Meta-Llama-3-8B
  LlmConfig c = rotary("llama-3-8b", "llama", 32, 4096, 32, 8, 14336, 128256, 8192);
  c.rope_theta = 500000;
  return c;
}

LlmConfig mistral_7b() {  // mistralai/Mistral-7B-v0.1
  LlmConfig c = rotary("mistral-7b", "mistral", 32, 4096, 32, 8, 14336, 32000, 32768);
  c.window = 4096;
  return c;
}

// Numbers of each bias and norm are counted: published figures hold to the last one.
int64_t layer_parameters(const LlmConfig& c) {
  const int64_t q = c.heads * c.head_dim, kv = c.kv_heads * c.head_dim;
  int64_t count = c.width * (q + 2 * kv) + q * c.width + (c.gated ? 3 : 2) * c.width * c.wide;
  count += (c.gated ? 2 : 4) * c.width;
  if (c.qkv_bias) count += q + 2 * kv;
  if (c.out_bias) count += c.width;
  if (c.mlp_bias) count += c.width + (c.gated ? 2 : 1) * c.wide;
  if (c.head_norm) count += 2 * c.head_dim;
  return count;
}

}  // namespace

int64_t LlmConfig::parameters() const {
  const int64_t table = vocabulary * width;
  return layers * layer_parameters(*this) + (gated ? 1 : 2) * width + (tied ? 1 : 2) * table + position_rows * width;
}

int64_t LlmConfig::streamed_weights() const {
  return layers * layer_parameters(*this) + (gated ? 1 : 2) * width + vocabulary * width;
}

const std::vector<LlmConfig>& builtin_llms() {
  static const std::vector<LlmConfig> all = {
      gpt2(),       llama32_1b(),
      llama32_3b(), rotary("llama-2-7b", "llama", 32, 4096, 32, 32, 11008, 32000, 4096),  // meta-llama/Llama-2-7b-hf
      llama3_8b(),  mistral_7b()};
  return all;
}

Result<LlmConfig> load_llm_config(const std::string& name) {
  std::vector<std::string> names;
  for (const LlmConfig& config : builtin_llms()) {
    if (config.name == name) return config;
    names.push_back(config.name);
  }
  std::error_code error;
  if (!std::filesystem::is_regular_file(name, error)) {
    const std::string near = nearest_name(name, names.data(), names.size());
    std::string all;
    for (const std::string& each : names) all += (all.empty() ? "" : ", ") + each;
    return Status(Code::kNotFound,
                  "no language model and no file is called '" + name + "'" +
                      (near.empty() ? "; expected a config.json or one of " + all : "; did you mean '" + near + "'?"));
  }
  std::ifstream file(name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file && !file.eof()) return Status(Code::kNotFound, name + ": cannot be read");
  return parse_llm_config(text, name);
}

}  // namespace systole::graph
