// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Steps of small language models: prefill, then token by token with the cache, is prefill of all tokens; and both are
// what plain loops give.
#include <tuple>

#include "tests/llm/runner.h"

namespace systole::graph::testing {
namespace {

class LlmSteps : public ::testing::TestWithParam<Small> {};
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

}  // namespace
}  // namespace systole::graph::testing
