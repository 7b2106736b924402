// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>

#include "graph/builtin/builtin.h"
#include "graph/llm/llm_graph.h"
#include "graph/llm/llm_run.h"

namespace systole::graph::testing {
namespace {

const char* kLlama =
    R"({"model_type": "llama", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
        "num_attention_heads": 4, "vocab_size": 50)";

std::string with(const std::string& more) { return kLlama + (more.empty() ? "" : ", " + more) + "}"; }

Status refused(const std::string& text) {
  const auto config = parse_llm_config(text, "a/config.json");
  EXPECT_FALSE(config.ok()) << text;
  return config.status();
}

// Hugging Face's model cards, or num_parameters() of the model class.
TEST(LlmConfig, ParametersAreThePublishedOnes) {
  const std::map<std::string, int64_t> published{{"gpt2", 124439808},          {"llama-3.2-1b", 1235814400},
                                                 {"llama-3.2-3b", 3212749824}, {"llama-2-7b", 6738415616},
                                                 {"llama-3-8b", 8030261248},   {"mistral-7b", 7241732096}};
  ASSERT_EQ(builtin_llms().size(), published.size());
  for (const LlmConfig& config : builtin_llms()) {
    EXPECT_EQ(config.parameters(), published.at(config.name)) << config.name;
    Sketch net(config.name, 1, 1, {}, Sketch::Weights::kCounted);
    net.lower_to(DType::kBF16);
    ASSERT_TRUE(make_llm_graph(net, config, {4, 3}).ok()) << config.name;
    EXPECT_EQ(net.parameters(), config.parameters()) << config.name;
  }
  EXPECT_EQ(builtin_parameters("llama-2-7b").value(), 6738415616);
}

TEST(LlmConfig, ReadsWhatAFamilyLeavesOut) {
  const auto config = parse_llm_config(with(""), "models/small/config.json");
  ASSERT_TRUE(config.ok()) << config.status().to_string();
  EXPECT_EQ(config->name, "small");
  EXPECT_EQ(config->kv_heads, 4);
  EXPECT_EQ(config->head_dim, 16);
  EXPECT_FALSE(config->tied);
  EXPECT_EQ(config->window, 0);
  const auto more = parse_llm_config(with(R"("num_key_value_heads": 2, "head_dim": 8, "tie_word_embeddings": true,
      "rope_scaling": {"rope_type": "llama3", "factor": 8}, "sliding_window": null, "rms_norm_eps": 1e-5)"),
                                     "x.json");
  ASSERT_TRUE(more.ok()) << more.status().to_string();
  EXPECT_EQ(more->kv_heads, 2);
  EXPECT_EQ(more->head_dim, 8);
  EXPECT_TRUE(more->tied);
  const auto of = [](const std::string& type, const std::string& rest) {
    const auto read = parse_llm_config(
        R"({"model_type": ")" + type +
            R"(", "hidden_size": 1024, "intermediate_size": 96, "num_hidden_layers": 32, "num_attention_heads": 32,
                "vocab_size": 50)" +
            rest + "}",
        "x.json");
    EXPECT_TRUE(read.ok()) << read.status().to_string();
    return read.ok() ? *read : LlmConfig();
  };
  const LlmConfig mistral = of("mistral", ""), wide = of("mistral", R"(, "sliding_window": null)");
  EXPECT_EQ(mistral.kv_heads, 8);
  EXPECT_EQ(mistral.positions, 131072);
  EXPECT_EQ(mistral.window, 4096);
  EXPECT_EQ(wide.window, 0);
  EXPECT_EQ(of("mistral", R"(, "num_key_value_heads": null)").kv_heads, 32);
  EXPECT_EQ(of("qwen3", "").head_dim, 128);
  EXPECT_EQ(of("gemma", "").head_dim, 256);
  EXPECT_EQ(of("gemma", "").kv_heads, 16);
  EXPECT_EQ(of("phi3", "").head_dim, 32);
  EXPECT_EQ(of("qwen2", R"(, "sliding_window": 64)").window, 0) << "not used unless it is asked for";
  const std::string slides = R"(, "use_sliding_window": true, "max_window_layers": )";
  EXPECT_EQ(of("qwen2", slides + "0").window, 4096);
  EXPECT_EQ(of("qwen2", slides + "32").window, 0) << "of the layers behind the first 32";
  const auto opt = parse_llm_config(
      R"({"model_type": "opt", "hidden_size": 768, "ffn_dim": 3072, "num_hidden_layers": 12,
          "num_attention_heads": 12, "vocab_size": 50272, "max_position_embeddings": 2048})",
      "opt-125m/config.json");
  ASSERT_TRUE(opt.ok()) << opt.status().to_string();
  EXPECT_EQ(opt->parameters(), 125239296);  // facebook/opt-125m
}

TEST(LlmConfig, SaysFileKeyExpectedAndGot) {
  const auto says = [](const std::string& text, const std::string& what, Code code = Code::kInvalidArgument) {
    const Status status = refused(text);
    EXPECT_EQ(status.code(), code) << status.to_string();
    EXPECT_NE(status.message().find("a/config.json: " + what), std::string::npos) << status.message();
  };
  says("{", "not JSON");
  says(with(R"("rms_norm_eps": 1e999)"), "not JSON: ");
  says("[1]", "expected a JSON object");
  says("{}", "model_type: expected a word, got nothing");
  says(R"({"model_type": "mamba"})", "model_type: 'mamba'; there are gemma, gpt2, llama, mistral, opt",
       Code::kUnsupported);
  says(R"({"model_type": "llama"})", "num_hidden_layers: expected a whole number of at least 1");
  says(with(R"("num_key_value_heads": 3)"),
       "num_key_value_heads: expected a divisor of num_attention_heads (4), got 3");
  says(with(R"("num_key_value_heads": "two")"), "num_key_value_heads: expected a whole number");
  says(with(R"("head_dim": -8)"), "head_dim: expected a whole number");
  says(with(R"("head_dim": 15)"), "head_dim: expected an even number, got 15");
  says(with(R"("rope_theta": 0)"), "rope_theta: expected a number above 0, got 0");
  says(with(R"("attention_bias": 1)"), "attention_bias: expected true or false, got 1");
  says(with(R"("hidden_act": "mish")"), "hidden_act: 'mish'; there are silu", Code::kUnsupported);
  says(with(R"("partial_rotary_factor": 0.5)"), "partial_rotary_factor: only 1", Code::kUnsupported);
  const std::string opt = R"({"model_type": "opt", "hidden_size": 64, "ffn_dim": 96, "num_hidden_layers": 2,
      "num_attention_heads": 4, "vocab_size": 50, "max_position_embeddings": 64, )";
  says(opt + R"("layer_norm_elementwise_affine": false})", "layer_norm_elementwise_affine: only true",
       Code::kUnsupported);
  says(opt + R"("do_layer_norm_before": false})", "do_layer_norm_before: only true", Code::kUnsupported);
  says(opt + R"("word_embed_proj_dim": 32})", "word_embed_proj_dim: only as wide", Code::kUnsupported);
  const std::string qwen = R"({"model_type": "qwen2", "hidden_size": 64, "intermediate_size": 96,
      "num_hidden_layers": 32, "num_attention_heads": 32, "vocab_size": 50, "use_sliding_window": true)";
  says(qwen + "}", "max_window_layers: only 0 or all", Code::kUnsupported);
  says(qwen + R"(, "max_window_layers": -1})", "max_window_layers: expected a whole number of at least 0");
}

TEST(LlmConfig, RanksShareEvenlyOrNotAtAll) {
  const LlmConfig config = load_llm_config("llama-3-8b").value();
  const auto shard = [&](int64_t tp) {
    Sketch net("x", 1, 2, {}, Sketch::Weights::kWithheld);
    net.lower_to(DType::kBF16);
    return make_llm_graph(net, config, {1, 16, tp});
  };
  EXPECT_NE(shard(16).status().message().find("16 ranks can't share 8 key and value heads evenly"), std::string::npos);
  const auto four = shard(4);
  ASSERT_TRUE(four.ok()) << four.status().to_string();
  ASSERT_EQ(four->collectives.size(), 2u * 32 + 1);
  EXPECT_EQ(four->collectives[0].after, "layer.0.out");
  EXPECT_EQ(four->collectives[0].bytes, 2 * 4096 * 2);
  EXPECT_EQ(four->collectives.back().kind, Collective::Kind::kAllGather);
  EXPECT_EQ(four->collectives.back().bytes, 2 * 128256 / 4 * 4);
  for (const Value& value : four->graph.values) {
    if (value.name == "layer.0.q.weight") {
      EXPECT_EQ(value.shape, (Shape{4096, 1024}));
    }
    if (value.name == "layer.0.past_key") {
      EXPECT_EQ(value.shape, (Shape{2, 2, 16, 128}));
    }
  }
}

// What memory is checked for: keys and values, a window at most, by rank.
TEST(LlmMemory, OfCachesIsByWindowAndRank) {
  LlmSetting s;
  s.config = load_llm_config("llama-2-7b").value();
  s.batch = 3;
  EXPECT_EQ(cache_bytes(s, 100), int64_t{3} * 100 * 32 * 2 * 4096 * 2);
  s.tp = 4;
  EXPECT_EQ(cache_bytes(s, 100), int64_t{3} * 100 * 32 * 2 * 4096 * 2 / 4);
  LlmSetting windowed;
  windowed.config = load_llm_config("mistral-7b").value();
  ASSERT_EQ(windowed.config.window, 4096);
  EXPECT_EQ(cache_bytes(windowed, 5000), int64_t{4096} * 32 * 2 * 8 * 128 * 2);
  EXPECT_EQ(cache_bytes(windowed, 4000), int64_t{4000} * 32 * 2 * 8 * 128 * 2);
  windowed.cache.block = 16;  // a window begins in a page's last row at worst
  EXPECT_EQ(cache_bytes(windowed, 5000), int64_t{4112} * 32 * 2 * 8 * 128 * 2);
  EXPECT_EQ(cache_bytes(windowed, 4090), int64_t{4096} * 32 * 2 * 8 * 128 * 2);
}

TEST(LlmConfig, NamesTheNearest) {
  const auto config = load_llm_config("llama-2-7");
  EXPECT_EQ(config.status().code(), Code::kNotFound);
  EXPECT_NE(config.status().message().find("did you mean 'llama-2-7b'"), std::string::npos);
}

}  // namespace
}  // namespace systole::graph::testing
