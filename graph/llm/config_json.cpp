// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Hugging Face's config.json. Keys and what stands for an absent one are those of the transformers library's
// configuration classes (LlamaConfig and its like).
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>

#include "graph/llm/llm_config.h"

namespace systole::graph {
namespace {

using Json = nlohmann::json;
constexpr int64_t kMost = int64_t{1} << 20;  // of an extent
constexpr int64_t kMostLayers = 4096;
constexpr int64_t kMostPositions = int64_t{1} << 31;  // products of extents stay below 2^63

// The first error sticks.
class Reader {
 public:
  Reader(const Json& json, std::string file) : json_(json), file_(std::move(file)) {}

  bool is_null(const char* key) const { return json_.contains(key) && json_[key].is_null(); }
  int64_t extent(const char* key, int64_t otherwise = 0, int64_t most = kMost, int64_t least = 1) {
    const Json* value = find(key);
    if (!value && otherwise == 0) wrong(key, "a whole number of at least 1", "nothing");
    if (!value) return std::max<int64_t>(otherwise, 1);
    if (value->is_number_integer() && *value >= least && *value <= most) return value->get<int64_t>();
    wrong(key, "a whole number of at least " + std::to_string(least) + " and at most " + std::to_string(most),
          value->dump());
    return 1;
  }
  double positive(const char* key, double otherwise) {
    const Json* value = find(key);
    if (!value) return otherwise;
    if (value->is_number() && *value > 0 && std::isfinite(value->get<double>())) return value->get<double>();
    wrong(key, "a number above 0", value->dump());
    return otherwise;
  }
  bool flag(const char* key, bool otherwise) {
    const Json* value = find(key);
    if (!value) return otherwise;
    if (!value->is_boolean()) wrong(key, "true or false", value->dump());
    return value->is_boolean() ? value->get<bool>() : otherwise;
  }
  std::string word(const char* key, const std::string& otherwise) {
    const Json* value = find(key);
    if (!value && otherwise.empty()) wrong(key, "a word", "nothing");
    if (!value) return otherwise;
    if (!value->is_string()) wrong(key, "a word", value->dump());
    return value->is_string() ? value->get<std::string>() : otherwise;
  }
  void wrong(const std::string& key, const std::string& expected, const std::string& came) {
    fail(Code::kInvalidArgument, key + ": expected " + expected + ", got " + came.substr(0, 80));
  }
  void unsupported(const std::string& what) { fail(Code::kUnsupported, what); }
  const Status& status() const { return status_; }

 private:
  const Json* find(const char* key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }
  void fail(Code code, const std::string& message) {
    if (status_.ok()) status_ = Status(code, file_ + ": " + message);
  }

  const Json& json_;
  std::string file_;
  Status status_;
};

Activation activation_of(Reader& in, const char* key, const char* otherwise) {
  const std::string word = in.word(key, otherwise);
  if (word == "silu" || word == "swish") return Activation::kSilu;
  if (word == "gelu_new" || word == "gelu_pytorch_tanh" || word == "gelu_fast") return Activation::kGeluTanh;
  if (word == "gelu") return Activation::kGeluErf;
  if (word == "relu") return Activation::kRelu;
  in.unsupported(std::string(key) + ": '" + word + "'; there are silu, gelu, gelu_new, gelu_pytorch_tanh, relu");
  return Activation::kSilu;
}

// What stands for an absent key; 0: as many heads of keys as of queries, width / heads, no window.
struct Family {
  const char* type;
  int64_t positions, kv_heads, head_dim, window;
  double epsilon;
};
constexpr Family kRotary[] = {{"gemma", 8192, 16, 256, 0, 1e-6},     {"llama", 2048, 0, 0, 0, 1e-6},
                              {"mistral", 131072, 8, 0, 4096, 1e-6}, {"phi3", 4096, 0, 0, 0, 1e-5},
                              {"qwen2", 32768, 32, 0, 4096, 1e-6},   {"qwen3", 32768, 32, 128, 4096, 1e-6}};

int64_t window_of(Reader& in, const LlmConfig& c, const Family& absent) {
  if (c.family == "llama" || c.family == "gemma") return 0;
  if (c.family == "qwen2" || c.family == "qwen3") {
    if (!in.flag("use_sliding_window", false)) return 0;
    const int64_t full = in.extent("max_window_layers", 28, kMost, 0);  // the first ones see all
    if (full >= c.layers) return 0;
    if (full > 0) in.unsupported("max_window_layers: only 0 or all, every layer has the same window");
  }
  const bool none = in.is_null("sliding_window") || absent.window == 0;
  const int64_t window = in.extent("sliding_window", none ? kMostPositions : absent.window, kMostPositions);
  return window < c.positions ? window : 0;
}

void read_rotary(Reader& in, const Family& absent, LlmConfig& c) {
  c.layers = in.extent("num_hidden_layers", 0, kMostLayers), c.width = in.extent("hidden_size");
  c.heads = in.extent("num_attention_heads");
  const bool equal = in.is_null("num_key_value_heads") || absent.kv_heads == 0;
  c.kv_heads = in.extent("num_key_value_heads", equal ? c.heads : absent.kv_heads);
  const int64_t depth = std::max<int64_t>(1, c.width / std::max<int64_t>(1, c.heads));
  c.head_dim = in.extent("head_dim", absent.head_dim > 0 ? absent.head_dim : depth);
  c.wide = in.extent("intermediate_size"), c.vocabulary = in.extent("vocab_size");
  c.positions = in.extent("max_position_embeddings", absent.positions, kMostPositions);
  c.epsilon = static_cast<float>(in.positive("rms_norm_eps", absent.epsilon));
  c.rope_theta = in.positive("rope_theta", 10000);
  c.tied = in.flag("tie_word_embeddings", c.family == "gemma");
  c.activation = activation_of(in, c.family == "gemma" ? "hidden_activation" : "hidden_act",
                               c.family == "gemma" ? "gelu_pytorch_tanh" : "silu");
  c.qkv_bias = in.flag("attention_bias", c.family == "qwen2");
  c.out_bias = c.family != "qwen2" && c.qkv_bias;
  c.mlp_bias = in.flag("mlp_bias", false);
  c.head_norm = c.family == "qwen3", c.scaled_embedding = c.family == "gemma";
  c.window = window_of(in, c, absent);
  if (in.positive("partial_rotary_factor", 1) != 1)
    in.unsupported("partial_rotary_factor: only 1, the whole of a head is turned");
  if (c.kv_heads > 0 && c.heads % c.kv_heads != 0)
    in.wrong("num_key_value_heads", "a divisor of num_attention_heads (" + std::to_string(c.heads) + ")",
             std::to_string(c.kv_heads));
  if (c.heads * c.head_dim > kMost)
    in.wrong("head_dim", "at most " + std::to_string(kMost) + " for all heads", std::to_string(c.head_dim));
  if (c.head_dim % 2 != 0) in.wrong("head_dim", "an even number", std::to_string(c.head_dim));
}

void read_plain(Reader& in, LlmConfig& c) {
  const bool gpt2 = c.family == "gpt2";
  c.gated = false;
  c.layers = in.extent(gpt2 ? "n_layer" : "num_hidden_layers", 0, kMostLayers),
  c.width = in.extent(gpt2 ? "n_embd" : "hidden_size");
  c.heads = c.kv_heads = in.extent(gpt2 ? "n_head" : "num_attention_heads");
  c.wide = gpt2 ? in.extent("n_inner", 4 * c.width) : in.extent("ffn_dim");
  c.vocabulary = in.extent("vocab_size");
  c.positions = in.extent(gpt2 ? "n_positions" : "max_position_embeddings");
  c.position_rows = c.positions + (gpt2 ? 0 : 2);  // opt's table begins with two rows that no token has
  c.epsilon = static_cast<float>(in.positive("layer_norm_epsilon", 1e-5));
  c.activation = activation_of(in, "activation_function", gpt2 ? "gelu_new" : "relu");
  c.tied = in.flag("tie_word_embeddings", true);
  c.qkv_bias = c.out_bias = c.mlp_bias = gpt2 || in.flag("enable_bias", true);
  if (!in.status().ok()) return;
  if (c.width % c.heads != 0)
    in.wrong(gpt2 ? "n_embd" : "hidden_size", "a multiple of the heads (" + std::to_string(c.heads) + ")",
             std::to_string(c.width));
  c.head_dim = c.width / c.heads;
  if (!gpt2 && !in.flag("do_layer_norm_before", true))
    in.unsupported("do_layer_norm_before: only true, norms in front of each branch");
  if (!gpt2 && !in.flag("layer_norm_elementwise_affine", true))
    in.unsupported("layer_norm_elementwise_affine: only true, norms with a scale and a bias");
  if (!gpt2 && in.extent("word_embed_proj_dim", c.width) != c.width)
    in.unsupported("word_embed_proj_dim: only as wide as hidden_size");
}

}  // namespace

Result<LlmConfig> parse_llm_config(const std::string& text, const std::string& file) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::exception& error) {
    return Status(Code::kInvalidArgument, file + ": not JSON: " + error.what());
  }
  if (!json.is_object()) return Status(Code::kInvalidArgument, file + ": expected a JSON object, got another value");
  Reader in(json, file);
  LlmConfig c;
  c.family = in.word("model_type", "");
  SYSTOLE_RETURN_IF_ERROR(in.status());
  const std::filesystem::path path(file);
  c.name = path.filename() == "config.json" && path.has_parent_path() ? path.parent_path().filename().string()
                                                                      : path.stem().string();
  const Family* rotary = std::find_if(std::begin(kRotary), std::end(kRotary),
                                      [&](const Family& family) { return c.family == family.type; });
  if (rotary != std::end(kRotary))
    read_rotary(in, *rotary, c);
  else if (c.family == "gpt2" || c.family == "opt")
    read_plain(in, c);
  else
    in.unsupported("model_type: '" + c.family + "'; there are gemma, gpt2, llama, mistral, opt, phi3, qwen2, qwen3");
  SYSTOLE_RETURN_IF_ERROR(in.status());
  return c;
}

}  // namespace systole::graph
