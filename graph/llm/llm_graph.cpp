// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/llm/llm_graph.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graph/builtin/models.h"
#include "graph/builtin/seeded.h"

namespace systole::graph {
namespace {

constexpr float kBranchGain = 0.5f;  // of what is added to the stream, so that its variance stays bounded
constexpr float kHidden = -30000;    // added to a score that is not seen: exp gives zero, and bf16 and f16 hold it

Status check(const LlmConfig& c, const LlmStep& step) {
  const auto wrong = [&](const std::string& what) { return Status(Code::kInvalidArgument, c.name + ": " + what); };
  if (step.sequence < 1 || step.past < 0 || step.tp < 1)
    return wrong("expected a sequence and ranks of at least 1 and a past of at least 0, got " +
                 std::to_string(step.sequence) + ", " + std::to_string(step.tp) + " and " + std::to_string(step.past));
  for (const auto& [what, count] :
       {std::pair{"attention heads", c.heads}, {"key and value heads", c.kv_heads}, {"MLP columns", c.wide}})
    if (count % step.tp != 0)
      return wrong("tensor parallelism: " + std::to_string(step.tp) + " ranks can't share " + std::to_string(count) +
                   " " + what + " evenly");
  if (c.position_rows > 0 && step.past + step.sequence > c.positions)
    return wrong(std::to_string(step.past + step.sequence) + " positions, but it has learned " +
                 std::to_string(c.positions));
  return {};
}

class Builder {
 public:
  Builder(Sketch& net, const LlmConfig& config, const LlmStep& step)
      : net_(net),
        c_(config),
        step_(step),
        heads_(c_.heads / step.tp),
        kv_heads_(c_.kv_heads / step.tp),
        kept_(kept_positions(c_, step.past)),
        unseen_(unseen_rows(c_, step)),
        keys_(unseen_ + kept_ + step.sequence) {
    if (step.cache.block > 0) pages_ = cache_pages(step.cache, net.batch(), keys_);
  }

  Result<LlmGraph> build() {
    const ValueId ids = net_.input("input_ids", {net_.batch(), step_.sequence}, DType::kI64);
    const ValueId tokens = net_.weight("tokens.weight", {c_.vocabulary, c_.width}, deviation(c_.width));
    ValueId x = embed(tokens, ids);
    if (c_.position_rows == 0) make_rotation();
    if (unseen_ > 0 || (c_.window > 0 && kept_ + step_.sequence > c_.window && step_.sequence > 1)) make_window();
    for (int64_t i = 0; i < c_.layers; ++i) x = layer("layer." + std::to_string(i), x);
    outputs_.insert(outputs_.begin(), {"logits", head(x, tokens)});
    SYSTOLE_ASSIGN_OR_RETURN(made_.graph, net_.finish(outputs_));
    return std::move(made_);
  }

 private:
  static float deviation(int64_t fan_in) { return 1 / std::sqrt(static_cast<float>(fan_in)); }
  Shape rows(int64_t columns) const { return {net_.batch(), step_.sequence, columns}; }

  // On the host: tables of tokens are looked up where the tokens are.
  ValueId embed(ValueId tokens, ValueId ids) {
    ValueId x = net_.embed("tokens", tokens, ids);
    const float scale = c_.scaled_embedding ? std::sqrt(static_cast<float>(c_.width)) : 1;
    if (scale != 1)
      x = net_.op("Mul", "tokens.scale", Binary{BinaryKind::kMul}, {x, net_.floats("tokens.root", {1}, {scale})},
                  rows(c_.width));
    if (c_.position_rows == 0) return x;
    const ValueId table = net_.weight("positions.weight", {c_.position_rows, c_.width}, 0.1f);
    const int64_t first = step_.past + c_.position_rows - c_.positions;
    return add("positions.add", x, net_.part("positions", table, 0, first, first + step_.sequence));
  }

  ValueId add(const std::string& name, ValueId a, ValueId b) {
    return net_.op("Add", name, Binary{BinaryKind::kAdd}, {a, b}, net_.shape(a));
  }

  ValueId linear(const std::string& name, ValueId x, int64_t out, bool bias, float gain = 1) {
    const int64_t in = net_.extent(x, -1);
    Shape shape = net_.shape(x);
    shape.back() = out;
    std::vector<ValueId> inputs{x, net_.weight(name + ".weight", {in, out}, gain * deviation(in))};
    if (bias) inputs.push_back(net_.row(name + ".bias", out, 0.02f));
    Matmul op;
    op.epilogue.bias = bias;
    return net_.op("MatMul", name, op, std::move(inputs), std::move(shape));
  }

  ValueId norm(const std::string& name, ValueId x) {
    const int64_t width = net_.extent(x, -1);
    Normalize op{c_.gated ? NormKind::kRms : NormKind::kLayer, 1, c_.epsilon, true, !c_.gated};
    std::vector<ValueId> inputs{x, net_.row(name + ".gamma", width, 0.1f, 1.0f)};
    if (op.bias) inputs.push_back(net_.row(name + ".beta", width, 0.1f));
    return net_.op(c_.gated ? "RMSNormalization" : "LayerNormalization", name, op, std::move(inputs), net_.shape(x));
  }

  // A head's halves x0, x1 at position p become x0 cos(p w) - x1 sin(p w) and x0 sin(p w) + x1 cos(p w) with
  // w(i) = theta^(-2 i / depth) (Su et al. 2021, in the order of halves that Hugging Face's models have): [.., to,
  // from, depth / 2] products, summed over `from`.
  void make_rotation() {
    const int64_t half = c_.head_dim / 2;
    rotation_ = net_.table("rotary.table", {step_.sequence, 1, 2, 2, half}, [&](int64_t at) {
      const double turn = std::pow(c_.rope_theta, -static_cast<double>(at % half) / static_cast<double>(half)) *
                          static_cast<double>(step_.past + at / (4 * half));
      const int64_t to = at / (2 * half) % 2, from = at / half % 2;
      if (to == from) return static_cast<float>(std::cos(turn));
      return static_cast<float>(to == 0 ? -std::sin(turn) : std::sin(turn));
    });
  }

  // [batch, sequence, heads, depth], turned.
  ValueId rotate(const std::string& name, ValueId x, int64_t heads) {
    const Shape split{net_.batch(), step_.sequence, heads, c_.head_dim};
    x = net_.view(name + ".heads", x, split);
    if (c_.head_norm) x = norm(name + ".norm", x);
    if (c_.position_rows > 0) return x;
    const int64_t half = c_.head_dim / 2;
    Shape shape{net_.batch(), step_.sequence, heads, 1, 2, half};
    const ValueId halves = net_.view(name + ".halves", x, shape);
    shape[3] = 2;
    const ValueId products =
        net_.op("Mul", name + ".products", Binary{BinaryKind::kMul}, {halves, rotation_}, std::move(shape));
    const ValueId sum = add(name + ".turned", net_.part(name + ".first", products, 4, 0, 1),
                            net_.part(name + ".second", products, 4, 1, 2));
    return net_.view(name + ".joined", sum, split);
  }

  // Hidden where a query is farther from a key than the window: in a long step, or in the first page.
  void make_window() {
    window_ = net_.table("window", {step_.sequence, keys_}, [&](int64_t at) {
      return at % keys_ - unseen_ + c_.window <= at / keys_ + kept_ ? kHidden : 0.0f;
    });
  }

  // Keys or values of the new tokens, behind those of the cache.
  ValueId cached(const std::string& name, ValueId fresh) {
    fresh = net_.turn(name + ".append", fresh, {0, 2, 1, 3});
    ValueId all = kAbsent;
    if (!pages_.empty()) {
      all = overwrite_pages(name, fresh);
    } else {
      fresh = stored(name + ".store", fresh);
      Shape shape = net_.shape(fresh);
      shape[2] = kept_;
      all = kept_ > 0 ? net_.concat(name + ".cache", {past(name, shape), fresh}, 2) : fresh;
    }
    net_.at(all).resident = true;
    outputs_.push_back({name, all});
    return all;
  }

  // As the cache holds them.
  ValueId stored(const std::string& name, ValueId fresh) {
    return step_.cache.int8 ? net_.quantize(name, fresh, kCacheScale) : fresh;
  }

  ValueId past(const std::string& name, const Shape& shape) {
    const size_t dot = name.rfind('.');
    const ValueId id = net_.input(name.substr(0, dot) + ".past_" + name.substr(dot + 1), shape, net_.type());
    net_.at(id).resident = true;
    if (!step_.cache.int8) return id;
    net_.at(id).dtype = DType::kI8;
    net_.at(id).quant = std::make_shared<const Quantization>(Quantization{{kCacheScale}, {0}});
    return id;
  }

  // Each request's new tokens go to the rows of their pages.
  ValueId overwrite_pages(const std::string& name, ValueId fresh) {
    const int64_t block = step_.cache.block, batch = net_.batch(), pages = static_cast<int64_t>(pages_.size());
    const int64_t first = keys_ - step_.sequence;
    std::vector<ValueId> parts;
    std::vector<Shape> starts;
    for (int64_t request = 0; request < batch; ++request)
      for (int64_t t = first, end = 0; t < keys_; t = end) {
        end = std::min(keys_, (t / block + 1) * block);
        const std::string part = name + "." + std::to_string(request) + "." + std::to_string(t);
        ValueId rows = fresh;
        if (batch > 1) rows = net_.part(part + ".of", rows, 0, request, request + 1);
        if (end - t < step_.sequence) rows = net_.part(part + ".rows", rows, 2, t - first, end - first);
        parts.push_back(stored(part + ".store", rows));
        starts.push_back({pages_[static_cast<size_t>(request * (pages / batch) + t / block)], 0, t % block, 0});
      }
    return net_.overwrite(name + ".cache", past(name, {pages, kv_heads_, block, c_.head_dim}), parts, starts);
  }

  // Queries of heads that share keys are rows of one matrix where there is one new token, which sees every key.
  ValueId attention(const std::string& name, ValueId x) {
    const int64_t depth = c_.head_dim, group = heads_ / kv_heads_, s = step_.sequence;
    const ValueId q = rotate(name + ".q", linear(name + ".q", x, heads_ * depth, c_.qkv_bias), heads_);
    const ValueId k = rotate(name + ".k", linear(name + ".k", x, kv_heads_ * depth, c_.qkv_bias), kv_heads_);
    const ValueId v = net_.view(name + ".v.heads", linear(name + ".v", x, kv_heads_ * depth, c_.qkv_bias),
                                {net_.batch(), s, kv_heads_, depth});
    ValueId keys = cached(name + ".key", k), values = cached(name + ".value", v);
    Attention op{1 / std::sqrt(static_cast<float>(depth)), window_ != kAbsent, s > 1, pages_};
    if (!pages_.empty()) op.keys = keys_;
    if (s == 1) {
      const Shape shape{net_.batch(), kv_heads_, group, depth};
      std::vector<ValueId> inputs{net_.view(name + ".q.group", q, shape), keys, values};
      if (op.mask) inputs.push_back(window_);
      const ValueId y = net_.op("Attention", name + ".attention", op, std::move(inputs), shape);
      return net_.view(name + ".rows", y, rows(heads_ * depth));
    }
    const ValueId grouped = net_.view(name + ".q.group", q, {net_.batch(), s, kv_heads_, group, depth});
    Shape shared = net_.shape(keys);  // by the queries of a group
    shared.insert(shared.begin() + 2, 1);
    std::vector<ValueId> inputs{net_.turn(name + ".q.turn", grouped, {0, 2, 3, 1, 4}),
                                net_.view(name + ".key.group", keys, shared),
                                net_.view(name + ".value.group", values, shared)};
    if (op.mask) inputs.push_back(window_);
    const ValueId y =
        net_.op("Attention", name + ".attention", op, std::move(inputs), {net_.batch(), kv_heads_, group, s, depth});
    return net_.view(name + ".rows", net_.turn(name + ".turn", y, {0, 3, 1, 2, 4}), rows(heads_ * depth));
  }

  ValueId mlp(const std::string& name, ValueId x) {
    static const std::pair<Activation, UnaryKind> kinds[] = {{Activation::kSilu, UnaryKind::kSilu},
                                                             {Activation::kGeluTanh, UnaryKind::kGeluTanh},
                                                             {Activation::kGeluErf, UnaryKind::kGeluErf},
                                                             {Activation::kRelu, UnaryKind::kRelu}};
    const auto* kind = std::find_if(std::begin(kinds), std::end(kinds),
                                    [&](const auto& entry) { return entry.first == c_.activation; });
    const int64_t wide = c_.wide / step_.tp;
    const ValueId gate = linear(name + (c_.gated ? ".gate" : ".up"), x, wide, c_.mlp_bias, 1.2f);
    ValueId y = net_.op("Act", name + ".act", Unary{kind->second}, {gate}, rows(wide));
    if (c_.gated)
      y = net_.op("Mul", name + ".product", Binary{BinaryKind::kMul}, {y, linear(name + ".up", x, wide, c_.mlp_bias)},
                  rows(wide));
    return linear(name + ".down", y, c_.width, c_.mlp_bias, kBranchGain);
  }

  // What every rank has a part of is summed before it goes on.
  void reduce(const std::string& after) {
    if (step_.tp > 1)
      made_.collectives.push_back(
          {Collective::Kind::kAllReduce, after, net_.batch() * step_.sequence * c_.width * byte_size(net_.type())});
  }

  ValueId layer(const std::string& name, ValueId x) {
    const ValueId seen = attention(name, norm(name + ".norm1", x));
    x = add(name + ".add1", x, linear(name + ".out", seen, c_.width, c_.out_bias, kBranchGain));
    reduce(name + ".out");
    x = add(name + ".add2", x, mlp(name, norm(name + ".norm2", x)));
    reduce(name + ".down");
    return x;
  }

  // Of the last token.
  ValueId head(ValueId x, ValueId tokens) {
    const int64_t columns = (c_.vocabulary + step_.tp - 1) / step_.tp;
    if (step_.sequence > 1) x = net_.part("last", x, 1, step_.sequence - 1, step_.sequence);
    x = norm("norm", x);
    const bool shared = c_.tied && step_.tp == 1;
    Matmul op;
    op.transpose_b = shared;
    const ValueId weights = shared ? tokens : net_.weight("head.weight", {c_.width, columns}, deviation(c_.width));
    const ValueId y = net_.op("MatMul", "head", op, {x, weights}, {net_.batch(), 1, columns});
    net_.at(y).dtype = DType::kF32;
    if (step_.tp > 1) made_.collectives.push_back({Collective::Kind::kAllGather, "head", net_.batch() * columns * 4});
    return y;
  }

  Sketch& net_;
  const LlmConfig& c_;
  const LlmStep step_;
  const int64_t heads_, kv_heads_, kept_;  // of this rank; positions
  const int64_t unseen_, keys_;            // of the first page; those, kept and new ones
  std::vector<int> pages_;                 // empty: a cache in one piece
  ValueId rotation_ = kAbsent, window_ = kAbsent;
  std::vector<std::pair<std::string, ValueId>> outputs_;
  LlmGraph made_;
};

}  // namespace

std::vector<int> cache_pages(const LlmCache& cache, int64_t batch, int64_t positions) {
  std::vector<int> pages(static_cast<size_t>(batch * ((positions + cache.block - 1) / cache.block)));
  std::iota(pages.begin(), pages.end(), 0);
  for (size_t i = pages.size(); i > 1; --i) std::swap(pages[i - 1], pages[splitmix64(cache.seed + i) % i]);
  return pages;
}

int64_t kept_positions(const LlmConfig& config, int64_t past) {
  return config.window > 0 ? std::min(past, config.window - 1) : past;
}

int64_t unseen_rows(const LlmConfig& config, const LlmStep& step) {
  return step.cache.block > 0 ? (step.past - kept_positions(config, step.past)) % step.cache.block : 0;
}

Result<LlmGraph> make_llm_graph(Sketch& net, const LlmConfig& config, const LlmStep& step) {
  SYSTOLE_RETURN_IF_ERROR(check(config, step));
  return Builder(net, config, step).build();
}

Result<Graph> build_llm(Sketch& net) {
  SYSTOLE_ASSIGN_OR_RETURN(LlmConfig config, load_llm_config(net.name().substr(0, net.name().find('?'))));
  config.layers = net.size("layers");
  constexpr int64_t kMostDrawn = int64_t{1} << 30;
  if (net.draws() && config.parameters() > kMostDrawn)
    return Status(Code::kUnsupported, config.name + ": " + std::to_string(config.parameters()) +
                                          " seeded weights are too many to draw; take fewer layers, or none of their "
                                          "values (--functional off)");
  net.lower_to(DType::kBF16);
  SYSTOLE_ASSIGN_OR_RETURN(LlmGraph made,
                           make_llm_graph(net, config, {net.size("sequence"), net.size("context"), net.size("tp")}));
  return std::move(made.graph);
}

}  // namespace systole::graph
