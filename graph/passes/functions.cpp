// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A function is known by its polynomial: with t one of erf, tanh, sigmoid, clip or hard sigmoid of a polynomial of x,
// the value is a polynomial of x and t. That covers every order in which exporters write the products.
#include <algorithm>
#include <cmath>
#include <map>

#include "graph/passes/passes.h"
#include "graph/passes/pattern.h"

namespace systole::graph {
namespace {

using Polynomial = std::map<std::pair<int, int>, double>;  // powers of x and of t -> coefficient
constexpr int kDepth = 8, kDegree = 4, kReach = 4;
constexpr double kTwoOverPi = 0.79788456080286535588;  // square root of it

struct Known {
  const char* name;
  UnaryKind inner;
  float alpha, beta;  // of the inner function where it has them
  Polynomial argument, value;
  Unary result;
};

const std::vector<Known>& known_functions() {
  const Polynomial half_x_and_xt{{{1, 0}, 0.5}, {{1, 1}, 0.5}}, x{{{1, 0}, 1.0}}, xt{{{1, 1}, 1.0}};
  static const std::vector<Known> functions = {
      {"gelu_erf", UnaryKind::kErf, 0, 0, {{{1, 0}, std::sqrt(0.5)}}, half_x_and_xt, {UnaryKind::kGeluErf}},
      {"gelu_tanh",
       UnaryKind::kTanh,
       0,
       0,
       {{{1, 0}, kTwoOverPi}, {{3, 0}, kTwoOverPi * 0.044715}},
       half_x_and_xt,
       {UnaryKind::kGeluTanh}},
      {"silu", UnaryKind::kSigmoid, 0, 0, x, xt, {UnaryKind::kSilu}},
      {"hard_swish",
       UnaryKind::kClip,
       0,
       6,
       {{{0, 0}, 3.0}, {{1, 0}, 1.0}},
       {{{1, 1}, 1.0 / 6}},
       {UnaryKind::kHardSwish}},
      {"hard_swish", UnaryKind::kHardSigmoid, 1.0f / 6, 0.5f, x, xt, {UnaryKind::kHardSwish}},
      {"hard_sigmoid",
       UnaryKind::kClip,
       0,
       6,
       {{{0, 0}, 3.0}, {{1, 0}, 1.0}},
       {{{0, 1}, 1.0 / 6}},
       {UnaryKind::kHardSigmoid, 1.0f / 6, 0.5f}}};
  return functions;
}

// Constants are written with about ten digits and stored in f32.
bool near(double a, double b) { return std::fabs(a - b) <= 1e-5 * std::max(std::fabs(a), std::fabs(b)); }

bool equal(const Polynomial& a, const Polynomial& b) {
  for (const auto* side : {&a, &b})
    for (const auto& [power, coefficient] : *side) {
      const auto find = [key = power](const Polynomial& p) { return p.contains(key) ? p.at(key) : 0.0; };
      if (!near(find(a), find(b))) return false;
    }
  return true;
}

std::optional<Polynomial> product(const Polynomial& a, const Polynomial& b) {
  Polynomial result;
  for (const auto& [p, c] : a)
    for (const auto& [q, d] : b) {
      if (p.first + q.first > kDegree || p.second + q.second > kDegree) return {};
      result[{p.first + q.first, p.second + q.second}] += c * d;
    }
  return result;
}

// `id` as a polynomial of x and t; empty when it is something else.
std::optional<Polynomial> polynomial(const Pattern& pattern, ValueId id, ValueId x, ValueId t, int depth) {
  if (id == x) return Polynomial{{{1, 0}, 1.0}};
  if (id == t) return Polynomial{{{0, 1}, 1.0}};
  if (const auto number = pattern.scalar(id)) return Polynomial{{{0, 0}, *number}};
  const Node* node = pattern.producer(id);
  const auto* op = node && node->op ? std::get_if<Binary>(&*node->op) : nullptr;
  if (!op || op->activation != Activation::kNone || depth == 0) return {};
  auto a = polynomial(pattern, node->inputs[0], x, t, depth - 1);
  const auto b = polynomial(pattern, node->inputs[1], x, t, depth - 1);
  if (!a || !b) return {};
  const bool constant = b->size() == 1 && b->contains({0, 0});
  if (op->kind == BinaryKind::kAdd || op->kind == BinaryKind::kSub) {
    for (const auto& [power, c] : *b) (*a)[power] += op->kind == BinaryKind::kAdd ? c : -c;
    return a;
  }
  if (op->kind == BinaryKind::kMul) return product(*a, *b);
  if (!constant) return {};
  const double number = b->at({0, 0});
  if (op->kind == BinaryKind::kDiv && number != 0) return product(*a, {{{0, 0}, 1.0 / number}});
  if (op->kind != BinaryKind::kPow || number != std::floor(number) || number < 1 || number > kDegree) return {};
  std::optional<Polynomial> power = a;
  for (int i = 1; i < static_cast<int>(number) && power; ++i) power = product(*power, *a);
  return power;
}

// Values that the argument is computed from by arithmetic, itself first: one of them is x.
void add_sources(const Pattern& pattern, ValueId id, int depth, std::vector<ValueId>& sources) {
  if (pattern.scalar(id) || std::count(sources.begin(), sources.end(), id) > 0) return;
  sources.push_back(id);
  const Node* node = pattern.producer(id);
  if (depth == 0 || !node || !node->op || !std::holds_alternative<Binary>(*node->op)) return;
  for (ValueId input : node->inputs) add_sources(pattern, input, depth - 1, sources);
}

// The node that makes `known` of x, somewhere behind t; -1 when there is none.
int find_root(Pattern& pattern, const Known& known, ValueId x, ValueId t) {
  std::vector<ValueId> front{t};
  for (int step = 0; step < kReach && !front.empty(); ++step) {
    std::vector<ValueId> next;
    for (ValueId id : front)
      for (int reader : pattern.uses().consumers[static_cast<size_t>(id)]) {
        const Node& node = pattern.graph().nodes[static_cast<size_t>(reader)];
        if (!node.op || !std::holds_alternative<Binary>(*node.op)) continue;
        if (pattern.graph().at(node.outputs[0]).shape != pattern.graph().at(x).shape) continue;
        const auto value = polynomial(pattern, node.outputs[0], x, t, kDepth);
        if (value && equal(*value, known.value)) return reader;
        next.push_back(node.outputs[0]);
      }
    front = std::move(next);
  }
  return -1;
}

bool fuse_one(Pattern& pattern, const Target& target, size_t n) {
  const Node& inner = pattern.graph().nodes[n];
  const auto* op = inner.op ? std::get_if<Unary>(&*inner.op) : nullptr;
  if (!op || !is_float(pattern.graph().at(inner.outputs[0]).dtype)) return false;
  for (const Known& known : known_functions()) {
    if (op->kind != known.inner || !near(op->alpha, known.alpha) || !near(op->beta, known.beta)) continue;
    std::vector<ValueId> sources;
    add_sources(pattern, inner.inputs[0], kDepth, sources);
    for (ValueId x : sources) {
      const auto argument = polynomial(pattern, inner.inputs[0], x, kAbsent, kDepth);
      if (!argument || !equal(*argument, known.argument)) continue;
      const int root = find_root(pattern, known, x, inner.outputs[0]);
      if (root < 0) continue;
      const Node& last = pattern.graph().nodes[static_cast<size_t>(root)];
      Node made = op_node(last.type, last.name, known.result, {x}, last.outputs[0]);
      const int now = std::max(rank_of(target, pattern.graph(), inner), rank_of(target, pattern.graph(), last));
      if (rank_of(target, pattern.graph(), made) > now) continue;
      pattern.replace(static_cast<size_t>(root), {std::move(made)}, known.name);
      return true;
    }
  }
  return false;
}

}  // namespace

Status fuse_functions(Graph& graph, const Target& target, PassReport& report) {
  Pattern pattern(graph, report, "fuse_functions");
  for (size_t n = 0; n < graph.nodes.size(); ++n) fuse_one(pattern, target, n);
  pattern.finish();
  return {};
}

}  // namespace systole::graph
