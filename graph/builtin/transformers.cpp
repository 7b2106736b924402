// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Encoders and decoders of text and image patches.
#include <cmath>

#include "graph/builtin/models.h"

namespace systole::graph {
namespace {

constexpr float kBranchGain = 0.5f;

// Of a table that is the head as well: logits of unit variance.
float tied_deviation(int64_t width) { return 1.0f / std::sqrt(static_cast<float>(width)); }

ValueId feed_forward(Sketch& net, const std::string& name, ValueId x, int64_t wide, Gate gate) {
  const int64_t width = net.extent(x, -1);
  const ValueId y = net.gate(name + ".act", net.linear(name + ".up", x, wide, true, 1.2f), gate);
  return net.linear(name + ".down", y, width, true, kBranchGain);
}

// Queries, keys and values from one projection three times as wide.
ValueId packed_attention(Sketch& net, const std::string& name, ValueId x, int64_t heads, bool causal) {
  const int64_t width = net.extent(x, -1);
  const auto qkv = net.split(name + ".qkv_split", net.linear(name + ".qkv", x, 3 * width), 3, -1);
  return net.linear(name + ".out", net.attention(name, qkv[0], qkv[1], qkv[2], heads, causal), width, true,
                    kBranchGain);
}

ValueId separate_attention(Sketch& net, const std::string& name, ValueId x, ValueId memory, int64_t heads, bool causal,
                           bool key_bias) {
  const int64_t width = net.extent(x, -1);
  const ValueId q = net.linear(name + ".query", x, width), k = net.linear(name + ".key", memory, width, key_bias),
                v = net.linear(name + ".value", memory, width);
  return net.linear(name + ".out", net.attention(name, q, k, v, heads, causal), width, true, kBranchGain);
}

// Norms in front of each branch.
ValueId pre_norm_block(Sketch& net, const std::string& name, ValueId x, int64_t heads, bool causal, Gate gate,
                       float epsilon) {
  const ValueId attended =
      packed_attention(net, name + ".attn", net.layer_norm(name + ".ln1", x, epsilon), heads, causal);
  x = net.add(name + ".add1", x, attended);
  const ValueId fed =
      feed_forward(net, name + ".mlp", net.layer_norm(name + ".ln2", x, epsilon), 4 * net.extent(x, -1), gate);
  return net.add(name + ".add2", x, fed);
}

std::string layer(const char* name, int64_t i) { return std::string(name) + "." + std::to_string(i); }

}  // namespace

namespace {

ValueId bert_layer(Sketch& net, const std::string& name, ValueId x) {
  const int64_t width = net.extent(x, -1);
  const ValueId attended = separate_attention(net, name + ".attention", x, x, width / 64, false, true);
  x = net.layer_norm(name + ".attention.ln", net.add(name + ".attention.add", attended, x), 1e-12f);
  const ValueId fed = feed_forward(net, name + ".ffn", x, 4 * width, Gate::kGeluErf);
  return net.layer_norm(name + ".ffn.ln", net.add(name + ".ffn.add", fed, x), 1e-12f);
}

}  // namespace

Result<Graph> build_bert_layer(Sketch& net) {
  const ValueId x = net.input("hidden", {net.batch(), net.size("sequence"), net.size("width")});
  return net.finish({{"output", bert_layer(net, "layer", x)}});
}

Result<Graph> build_bert_base(Sketch& net) {
  const int64_t sequence = net.size("sequence"), width = net.size("width");
  const ValueId ids = net.input("input_ids", {net.batch(), sequence}, DType::kI64);
  const ValueId words = net.weight("embeddings.word.weight", {30522, width}, 1.0f);
  const ValueId kinds = net.weight("embeddings.type.weight", {2, width}, 0.1f);
  const ValueId places = net.weight("embeddings.position.weight", {512, width}, 0.1f);
  ValueId x = net.add("embeddings.add", net.embed("embeddings.word", words, ids),
                      net.slice("embeddings.type", kinds, 0, 0, 1));  // one segment
  x = net.add("embeddings.add_position", x, net.slice("embeddings.position", places, 0, 0, sequence));
  x = net.layer_norm("embeddings.ln", x, 1e-12f);
  for (int64_t i = 0; i < net.size("layers"); ++i) x = bert_layer(net, layer("layer", i), x);
  const ValueId first = net.reshape("pooler.first", net.slice("pooler.slice", x, 1, 0, 1), {net.batch(), width});
  const ValueId pooled = net.gate("pooler.tanh", net.linear("pooler", first, width), Gate::kTanh);
  return net.finish({{"last_hidden_state", x}, {"pooled", pooled}});
}

Result<Graph> build_gpt2(Sketch& net) {
  const int64_t sequence = net.size("sequence"), width = net.size("width");
  const ValueId ids = net.input("input_ids", {net.batch(), sequence}, DType::kI64);
  const ValueId words = net.weight("wte.weight", {50257, width}, tied_deviation(width));
  const ValueId places = net.weight("wpe.weight", {1024, width}, 0.1f);
  ValueId x = net.add("embed", net.embed("wte", words, ids), net.slice("wpe", places, 0, 0, sequence));
  for (int64_t i = 0; i < net.size("layers"); ++i)
    x = pre_norm_block(net, layer("h", i), x, width / 64, true, Gate::kGeluTanh, 1e-5f);
  x = net.layer_norm("ln_f", x, 1e-5f);
  return net.finish({{"logits", net.matmul("lm_head", x, net.transpose("lm_head.tied", words, {1, 0}))}});
}

Result<Graph> build_vit_b16(Sketch& net) {
  const int64_t width = net.size("width"), image = net.size("image"), side = image / 16;
  ValueId x = net.input("input", {net.batch(), 3, image, image});
  x = net.conv("patch", x, width, {16, 16, 0, 1, true});
  x = net.transpose("tokens", net.reshape("patches", x, {net.batch(), width, side * side}), {0, 2, 1});
  const ValueId one = net.weight("class.weight", {1, 1, width}, 1.0f);
  std::vector<ValueId> parts(static_cast<size_t>(net.batch()), one);
  const ValueId token = net.batch() == 1 ? one : net.concat("class.repeat", parts, 0);
  x = net.concat("with_class", {token, x}, 1);
  x = net.add("positions", x, net.weight("positions.weight", {1, side * side + 1, width}, 0.1f));
  for (int64_t i = 0; i < net.size("layers"); ++i)
    x = pre_norm_block(net, layer("encoder", i), x, width / 64, false, Gate::kGeluErf, 1e-6f);
  x = net.layer_norm("ln", x, 1e-6f);
  const ValueId first = net.reshape("first", net.slice("first.slice", x, 1, 0, 1), {net.batch(), width});
  return net.finish({{"output", net.linear("head", first, 1000)}});
}

// The 1-D front end is a convolution of an image one high.
Result<Graph> build_whisper_base(Sketch& net) {
  const int64_t width = net.size("width"), frames = net.size("frames"), sequence = net.size("sequence"),
                heads = width / 64, positions = frames / 2;
  const ValueId mel = net.input("mel", {net.batch(), 80, frames});
  const ValueId ids = net.input("decoder_input_ids", {net.batch(), sequence}, DType::kI64);
  ValueId x = net.reshape("mel.image", mel, {net.batch(), 80, 1, frames});
  x = net.gate("conv1.act", net.conv("conv1", x, width, {3, 1, 1, 1, true, 0, true}), Gate::kGeluErf);
  x = net.gate("conv2.act", net.conv("conv2", x, width, {3, 2, 1, 1, true, 0, true}, 1.2f), Gate::kGeluErf);
  x = net.transpose("frames", net.reshape("conv2.rows", x, {net.batch(), width, positions}), {0, 2, 1});
  x = net.add("encoder.positions", x, net.weight("encoder.positions.weight", {positions, width}, 0.1f));
  const auto feed = [&](const std::string& name, ValueId v) {
    const ValueId fed =
        feed_forward(net, name + ".mlp", net.layer_norm(name + ".ln_mlp", v, 1e-5f), 4 * width, Gate::kGeluErf);
    return net.add(name + ".add_mlp", v, fed);
  };
  for (int64_t i = 0; i < net.size("layers"); ++i) {
    const std::string name = layer("encoder", i);
    const ValueId n = net.layer_norm(name + ".ln_attn", x, 1e-5f);
    x = net.add(name + ".add_attn", x, separate_attention(net, name + ".attn", n, n, heads, false, false));
    x = feed(name, x);
  }
  const ValueId memory = net.layer_norm("encoder.ln", x, 1e-5f);
  const ValueId words = net.weight("decoder.tokens.weight", {51865, width}, tied_deviation(width));
  const ValueId places = net.weight("decoder.positions.weight", {448, width}, 0.1f);
  x = net.add("decoder.embed", net.embed("decoder.tokens", words, ids),
              net.slice("decoder.positions", places, 0, 0, sequence));
  for (int64_t i = 0; i < net.size("layers"); ++i) {
    const std::string name = layer("decoder", i);
    const ValueId n = net.layer_norm(name + ".ln_self", x, 1e-5f);
    x = net.add(name + ".add_self", x, separate_attention(net, name + ".self", n, n, heads, true, false));
    const ValueId c = net.layer_norm(name + ".ln_cross", x, 1e-5f);
    x = net.add(name + ".add_cross", x, separate_attention(net, name + ".cross", c, memory, heads, false, false));
    x = feed(name, x);
  }
  x = net.layer_norm("decoder.ln", x, 1e-5f);
  return net.finish({{"logits", net.matmul("lm_head", x, net.transpose("lm_head.tied", words, {1, 0}))}});
}

}  // namespace systole::graph
