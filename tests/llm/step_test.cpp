// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Steps of small language models: prefill, then token by token with the cache, is prefill of all tokens; and both are
// what plain loops give.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <tuple>

#include "devices/cpu/cpu_device.h"
#include "devices/npu/npu_device.h"
#include "devices/ref/ref_device.h"
#include "graph/constants.h"
#include "graph/executor.h"
#include "graph/llm/llm_graph.h"
#include "tests/tolerance.h"

namespace systole::graph::testing {
namespace {

constexpr int64_t kBatch = 2, kTokens = 9, kPrompt = 4;

struct Small {
  const char* name;
  void (*change)(LlmConfig&);
};
const Small kModels[] = {
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

LlmConfig small(const Small& model) {
  LlmConfig c;
  c.name = model.name, c.layers = 2, c.width = 32, c.heads = 4, c.kv_heads = 2, c.head_dim = 8, c.wide = 48;
  c.vocabulary = 40, c.positions = 16, c.rope_theta = 100;
  model.change(c);
  return c;
}

std::shared_ptr<Device> open(const std::string& uri) {
  Registry registry;
  for (auto driver : {ref_driver(), cpu_driver(), npu_driver()}) EXPECT_TRUE(registry.add(std::move(driver)).ok());
  auto device = registry.open(uri);
  EXPECT_TRUE(device.ok()) << device.status().to_string();
  return device.ok() ? *device : nullptr;
}

int64_t token(int64_t request, int64_t position) { return (7 * position + 13 * request + 3) % 40; }

Graph step_graph(const LlmConfig& config, DType type, const LlmStep& step) {
  Sketch net(config.name, 1, kBatch, {});
  net.lower_to(type);
  auto made = make_llm_graph(net, config, step);
  EXPECT_TRUE(made.ok()) << made.status().to_string();
  return std::move(made->graph);
}

// Positions [first, first + count) of a cache [batch, heads, positions, depth].
HostTensor positions(const HostTensor& cache, int64_t first, int64_t count) {
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

// One model on one device, its caches between steps.
class Runner {
 public:
  Runner(LlmConfig config, const std::string& uri, DType type, WeightType weights = WeightType::kModel)
      : config_(std::move(config)), device_(open(uri)), type_(type), weights_(weights) {}

  // The next `count` tokens of both requests; logits of the last.
  std::vector<double> feed(int64_t count) {
    const Graph graph = step_graph(config_, type_, {count, past_});
    auto session = compile(graph, {.device = device_, .weights = weights_});
    EXPECT_TRUE(session.ok()) << session.status().to_string();
    if (!session.ok()) return {};
    TensorMap inputs = cache_, outputs;
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
        const HostTensor& whole = outputs.at(layer + what);
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
  int64_t past_ = 0;
  TensorMap cache_;
};

double worst(const std::vector<double>& got, const std::vector<double>& want) {
  double error = 0, largest = 0;
  if (got.size() != want.size() || want.empty()) return INFINITY;
  for (size_t i = 0; i < want.size(); ++i) {
    error = std::fmax(error, std::isnan(got[i]) ? INFINITY : std::fabs(got[i] - want[i]));
    largest = std::fmax(largest, std::fabs(want[i]));
  }
  return error / largest;
}

class LlmSteps : public ::testing::TestWithParam<Small> {};

void token_by_token_is_all_at_once(const LlmConfig& config, const std::string& uri, DType type, double bound) {
  Runner stepwise(config, uri, type);
  stepwise.feed(kPrompt);
  for (int64_t tokens = kPrompt + 1; tokens <= kTokens; tokens += 1) {
    const auto got = stepwise.feed(1);
    if (tokens != kPrompt + 1 && tokens != kTokens) continue;
    EXPECT_LE(worst(got, Runner(config, uri, type).feed(tokens)), bound) << uri << " after " << tokens;
  }
  Runner chunks(config, uri, type);
  chunks.feed(kPrompt);
  EXPECT_LE(worst(chunks.feed(kTokens - kPrompt), Runner(config, uri, type).feed(kTokens)), bound) << uri << " chunk";
}

TEST_P(LlmSteps, TokenByTokenIsAllAtOnce) {
  const LlmConfig config = small(GetParam());
  token_by_token_is_all_at_once(config, "ref", DType::kF32, tests::kFusedDifference);
  token_by_token_is_all_at_once(config, "cpu", DType::kF32, tests::kFusedDifference);
  token_by_token_is_all_at_once(config, "npu:edge-16x16", DType::kBF16, tests::kLlmBf16);
}

// i4 weights: token by token is all at once, and they do round.
TEST(LlmWeights, OfFourBitsTokenByToken) {
  const LlmConfig config = small(kModels[0]);
  for (const auto& [uri, type, bound] :
       {std::tuple{"cpu", DType::kF32, tests::kFusedDifference}, {"npu:edge-16x16", DType::kBF16, tests::kLlmBf16}}) {
    Runner stepwise(config, uri, type, WeightType::kInt4);
    stepwise.feed(kPrompt);
    const auto whole = Runner(config, uri, type, WeightType::kInt4).feed(kPrompt + 1);
    EXPECT_LE(worst(stepwise.feed(1), whole), bound) << uri;
    EXPECT_GT(worst(Runner(config, uri, type).feed(kPrompt + 1), whole), bound) << uri;
  }
}

// The model in plain loops and f64, one request; weights are those of the graph.
class Loops {
 public:
  using Rows = std::vector<std::vector<double>>;
  Loops(const LlmConfig& config, const Graph& graph) : c_(config), graph_(graph) {}

  std::vector<double> logits(int64_t request) {
    Rows x;
    const auto table = weight("tokens.weight");
    for (int64_t p = 0; p < kTokens; ++p) {
      std::vector<double> row(table.begin() + token(request, p) * c_.width,
                              table.begin() + (token(request, p) + 1) * c_.width);
      for (double& v : row) v *= c_.scaled_embedding ? std::sqrt(static_cast<double>(c_.width)) : 1;
      x.push_back(row);
    }
    for (int64_t i = 0; i < c_.layers; ++i) layer("layer." + std::to_string(i), x);
    Rows last = norm("norm", {x.back()});
    if (!c_.tied) return product(last, weight("head.weight"), c_.vocabulary)[0];
    std::vector<double> all;
    for (int64_t v = 0; v < c_.vocabulary; ++v) {
      double sum = 0;
      for (int64_t k = 0; k < c_.width; ++k)
        sum += last[0][static_cast<size_t>(k)] * table[static_cast<size_t>(v * c_.width + k)];
      all.push_back(sum);
    }
    return all;
  }

 private:
  std::vector<double> weight(const std::string& name) const {
    for (const Value& value : graph_.values)
      if (value.name == name) return constant_reals(value);
    ADD_FAILURE() << name;
    return {};
  }
  static Rows product(const Rows& x, const std::vector<double>& w, int64_t columns) {
    Rows y;
    for (const auto& row : x) {
      y.emplace_back(static_cast<size_t>(columns), 0.0);
      for (size_t k = 0; k < row.size(); ++k)
        for (size_t j = 0; j < y.back().size(); ++j) y.back()[j] += row[k] * w[k * y.back().size() + j];
    }
    return y;
  }
  Rows norm(const std::string& name, Rows x) const {
    const auto gamma = weight(name + ".gamma");
    for (auto& row : x) {
      double squares = 0;
      for (double v : row) squares += v * v;
      for (size_t k = 0; k < row.size(); ++k)
        row[k] *= gamma[k] / std::sqrt(squares / static_cast<double>(row.size()) + c_.epsilon);
    }
    return x;
  }
  // Element i of the head that begins at `first`, turned by its position.
  double turned(const std::vector<double>& row, int64_t first, int64_t i, int64_t position) const {
    const int64_t half = c_.head_dim / 2, pair = i % half;
    const double turn = static_cast<double>(position) *
                        std::pow(c_.rope_theta, -2.0 * static_cast<double>(pair) / static_cast<double>(c_.head_dim));
    const double a = row[static_cast<size_t>(first + pair)], b = row[static_cast<size_t>(first + pair + half)];
    return i < half ? a * std::cos(turn) - b * std::sin(turn) : b * std::cos(turn) + a * std::sin(turn);
  }
  Rows attention(const Rows& q, const Rows& k, const Rows& v) const {
    Rows y;
    for (int64_t s = 0; s < kTokens; ++s) {
      y.emplace_back(static_cast<size_t>(c_.heads * c_.head_dim), 0.0);
      for (int64_t h = 0; h < c_.heads; ++h) {
        const int64_t kv = h / (c_.heads / c_.kv_heads) * c_.head_dim;
        double sum = 0;
        std::vector<double> out(static_cast<size_t>(c_.head_dim), 0.0);
        for (int64_t t = c_.window > 0 ? std::max<int64_t>(0, s - c_.window + 1) : 0; t <= s; ++t) {
          double score = 0;
          for (int64_t i = 0; i < c_.head_dim; ++i)
            score +=
                turned(q[static_cast<size_t>(s)], h * c_.head_dim, i, s) * turned(k[static_cast<size_t>(t)], kv, i, t);
          const double p = std::exp(score / std::sqrt(static_cast<double>(c_.head_dim)));
          sum += p;
          for (size_t i = 0; i < out.size(); ++i) out[i] += p * v[static_cast<size_t>(t)][static_cast<size_t>(kv) + i];
        }
        for (size_t i = 0; i < out.size(); ++i) y.back()[static_cast<size_t>(h * c_.head_dim) + i] = out[i] / sum;
      }
    }
    return y;
  }
  static void add(Rows& x, const Rows& y) {
    for (size_t r = 0; r < x.size(); ++r)
      for (size_t k = 0; k < x[r].size(); ++k) x[r][k] += y[r][k];
  }
  void layer(const std::string& name, Rows& x) const {
    const Rows n = norm(name + ".norm1", x);
    const Rows q = product(n, weight(name + ".q.weight"), c_.heads * c_.head_dim),
               k = product(n, weight(name + ".k.weight"), c_.kv_heads * c_.head_dim),
               v = product(n, weight(name + ".v.weight"), c_.kv_heads * c_.head_dim);
    add(x, product(attention(q, k, v), weight(name + ".out.weight"), c_.width));
    const Rows m = norm(name + ".norm2", x);
    Rows gate = product(m, weight(name + ".gate.weight"), c_.wide);
    const Rows up = product(m, weight(name + ".up.weight"), c_.wide);
    for (size_t r = 0; r < gate.size(); ++r)
      for (size_t j = 0; j < gate[r].size(); ++j) gate[r][j] *= up[r][j] / (1 + std::exp(-gate[r][j]));
    add(x, product(gate, weight(name + ".down.weight"), c_.width));
  }

  const LlmConfig& c_;
  const Graph& graph_;
};

class LlmLoops : public ::testing::TestWithParam<Small> {};

TEST_P(LlmLoops, GiveTheSameLogits) {
  const LlmConfig config = small(GetParam());
  const auto got = Runner(config, "ref", DType::kF32).feed(kTokens);
  const Graph graph = step_graph(config, DType::kF32, {kTokens, 0});
  std::vector<double> want;
  for (int64_t request = 0; request < kBatch; ++request) {
    const auto logits = Loops(config, graph).logits(request);
    want.insert(want.end(), logits.begin(), logits.end());
  }
  EXPECT_LE(worst(got, want), tests::kFusedDifference);
}

std::string name_of(const ::testing::TestParamInfo<Small>& model) { return model.param.name; }
INSTANTIATE_TEST_SUITE_P(All, LlmSteps, ::testing::ValuesIn(kModels), name_of);
INSTANTIATE_TEST_SUITE_P(OfLlama, LlmLoops, ::testing::ValuesIn(kModels, kModels + 4), name_of);

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
