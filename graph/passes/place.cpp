// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "graph/edit.h"
#include "graph/plan/plan.h"

namespace systole::graph {

Choice choose_place(const Plan& plan, const Node& node) {
  const OpDesc desc = describe(plan, node);
  const Support main = plan.devices[kMain]->supports(desc);
  if (main.yes) return {kMain, ""};
  if (!plan.devices[kFallback]) return {-1, main.reason};
  const Support fallback = plan.devices[kFallback]->supports(desc);
  if (fallback.yes) return {kFallback, main.reason};
  return {-1, main.reason + "; " + plan.place_name(kFallback) + ": " + fallback.reason};
}

namespace {

// Memory that several nodes write (a concat, a pad) is on one device: the fallback, where its writers disagree.
void unify_writers(Plan& plan) {
  std::map<ValueId, std::pair<bool, bool>> writers;  // root -> written on main, on the fallback
  for (bool changed = true; changed;) {
    changed = false;
    writers.clear();
    for (size_t n = 0; n < plan.graph.nodes.size(); ++n) {
      if (!plan.graph.nodes[n].op || plan.place[n] < kMain) continue;
      for (ValueId id : plan.graph.nodes[n].outputs) {
        auto& entry = writers[plan.storage[static_cast<size_t>(id)].root];
        (plan.place[n] == kMain ? entry.first : entry.second) = true;
      }
    }
    for (size_t n = 0; n < plan.graph.nodes.size(); ++n) {
      Node& node = plan.graph.nodes[n];
      if (!node.op || plan.place[n] != kMain) continue;
      for (ValueId id : node.outputs) {
        const auto& entry = writers[plan.storage[static_cast<size_t>(id)].root];
        if (!entry.first || !entry.second || plan.place[n] != kMain) continue;
        plan.place[n] = kFallback;
        node.why = "writes into memory that " + plan.place_name(kFallback) + " writes too";
        changed = true;
      }
    }
  }
}

Status moved_are_supported(const Plan& plan) {
  for (size_t n = 0; n < plan.graph.nodes.size(); ++n) {
    if (!plan.graph.nodes[n].op || plan.place[n] != kFallback) continue;
    const Support support = plan.devices[kFallback]->supports(describe(plan, plan.graph.nodes[n]));
    if (!support.yes)
      return Status(Code::kUnsupported, plan.graph.nodes[n].name + ": " + plan.graph.nodes[n].why + "; " +
                                            plan.place_name(kFallback) + ": " + support.reason);
  }
  return {};
}

void find_homes(Plan& plan) {
  plan.home.assign(plan.graph.values.size(), kHost);
  for (ValueId id : plan.graph.inputs)
    if (plan.graph.at(id).resident) plan.home[static_cast<size_t>(id)] = kMain;
  for (size_t n = 0; n < plan.graph.nodes.size(); ++n) {
    Node& node = plan.graph.nodes[n];
    if (is_alias(node)) plan.place[n] = plan.home[static_cast<size_t>(node.inputs[0])];
    for (ValueId id : node.outputs)
      if (id != kAbsent) plan.home[static_cast<size_t>(id)] = plan.place[n];
    node.device = plan.place_name(plan.place[n]);
  }
}

}  // namespace

Status place(Plan& plan) {
  plan.place.assign(plan.graph.nodes.size(), kHost);
  std::string refused;
  for (size_t n = 0; n < plan.graph.nodes.size(); ++n) {
    Node& node = plan.graph.nodes[n];
    if (!node.op) {
      if (!is_alias(node)) node.why = "host operator";
      continue;
    }
    const Choice choice = choose_place(plan, node);
    if (choice.place < 0) refused += "\n  " + node.name + " (" + op_name(*node.op) + "): " + choice.why;
    plan.place[n] = choice.place;
    node.why = choice.why;
  }
  if (!refused.empty())
    return Status(Code::kUnsupported,
                  "no device for:" + refused + (plan.devices[kFallback] ? "" : "\n  (there is no fallback device)"));
  unify_writers(plan);
  SYSTOLE_RETURN_IF_ERROR(moved_are_supported(plan));
  find_homes(plan);
  for (size_t n = 0; n < plan.graph.nodes.size(); ++n)
    if (plan.graph.nodes[n].op && plan.place[n] == kFallback)
      note(&plan.report, "placement: " + plan.graph.nodes[n].name + " on " + plan.graph.nodes[n].device + ": " +
                             plan.graph.nodes[n].why);
  return {};
}

}  // namespace systole::graph
