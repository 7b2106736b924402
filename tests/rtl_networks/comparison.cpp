// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl_networks/comparison.h"

#include <algorithm>
#include <cmath>

#include "graph/executor.h"

namespace systole::graph {
namespace {

struct Ran {
  TensorMap outputs;
  std::vector<ProfileRecord> ops;  // those of simulated time
};

Result<Ran> run(const Graph& graph, const TensorMap& inputs, const SessionOptions& options) {
  SYSTOLE_ASSIGN_OR_RETURN(auto session, compile(graph, options));
  Ran ran;
  RunReport report;
  SYSTOLE_RETURN_IF_ERROR(session->run(inputs, ran.outputs, &report));
  for (const NodeReport& node : report.nodes)
    if (node.profile && node.profile->kind == NumberKind::kSimulated) ran.ops.push_back(*node.profile);
  return ran;
}

void compare_counters(const std::string& network, const OpPair& op, std::vector<std::string>& differences) {
  const std::string name = network + ", " + op.reference.name + ": ";
  for (const Counter& counter : op.reference.counters) {
    const int64_t got = op.other.counter(counter.name);
    if (got == counter.value) continue;
    differences.push_back(name + counter.name + ": " + std::to_string(counter.value) + ", " + std::to_string(got));
  }
  if (op.reference.counters.size() != op.other.counters.size())
    differences.push_back(name + std::to_string(op.reference.counters.size()) + " counters, " +
                          std::to_string(op.other.counters.size()));
}

}  // namespace

double OpPair::error(const Part& part) const {
  const double cycles = static_cast<double>(std::max<int64_t>(reference.counter("cycles"), 1));
  return 100 * static_cast<double>(other.counter(part.counter) - reference.counter(part.counter)) / cycles;
}

Spread spread_of(std::vector<double> errors) {
  if (errors.empty()) return {};
  const auto ranked = [&](double share) {
    const double rank = std::ceil(share * static_cast<double>(errors.size()));
    return errors[static_cast<size_t>(std::max(rank, 1.0)) - 1];
  };
  Spread spread;
  std::sort(errors.begin(), errors.end());
  spread.p50 = ranked(0.5);
  std::stable_sort(errors.begin(), errors.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  spread.p95 = ranked(0.95);
  spread.most = errors.back();
  return spread;
}

Status Comparison::add(const std::string& name, const Graph& graph, const TensorMap& inputs) {
  SessionOptions options;
  options.fallback = fallback_;
  options.device = reference_;
  SYSTOLE_ASSIGN_OR_RETURN(const Ran want, run(graph, inputs, options));
  options.device = other_;
  SYSTOLE_ASSIGN_OR_RETURN(const Ran got, run(graph, inputs, options));
  if (want.ops.empty()) return Status(Code::kInternal, name + ": no op ran in simulated time");
  if (want.ops.size() != got.ops.size() || want.outputs.size() != got.outputs.size())
    return Status(Code::kInternal, name + ": " + std::to_string(want.ops.size()) + " ops on one device, " +
                                       std::to_string(got.ops.size()) + " on the other");
  ++networks_;
  for (size_t i = 0; i < want.ops.size(); ++i) {
    ops_.push_back({want.ops[i], got.ops[i]});
    compare_counters(name, ops_.back(), differences_);
  }
  bool equal = true;
  for (const auto& [output, tensor] : want.outputs) {
    const auto found = got.outputs.find(output);
    if (found != got.outputs.end() && found->second.data == tensor.data) continue;
    equal = false;
    differences_.push_back(name + ": output " + output + ": other values");
  }
  unequal_networks_ += !equal;
  return {};
}

int64_t Comparison::reference_cycles(const Part& part) const {
  int64_t sum = 0;
  for (const OpPair& op : ops_) sum += op.reference.counter(part.counter);
  return sum;
}

Spread Comparison::spread(const Part& part) const {
  std::vector<double> errors;
  for (const OpPair& op : ops_) errors.push_back(op.error(part));
  return spread_of(std::move(errors));
}

}  // namespace systole::graph
