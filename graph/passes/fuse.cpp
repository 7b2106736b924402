// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/passes/passes.h"

namespace systole::graph {

int count_lines(const PassReport& report, const std::string& pass) {
  int number = 0;
  for (const std::string& line : report.lines) number += line.starts_with(pass + ": ");
  return number;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " + ") + name;
  return text;
}

void absorb(Node& node, const Node& other) {
  node.fused.push_back(other.name);
  node.fused.insert(node.fused.end(), other.fused.begin(), other.fused.end());
}

Status fuse(Graph& graph, const Target& target, PassReport& report) {
  for (auto* pass : {remove_identities, remove_dead, merge_movement}) SYSTOLE_RETURN_IF_ERROR(pass(graph, report));
  for (auto* pass : {fuse_functions, fuse_normalizations, fuse_softmax, fuse_attention, fuse_transposes})
    SYSTOLE_RETURN_IF_ERROR(pass(graph, target, report));
  SYSTOLE_RETURN_IF_ERROR(merge_movement(graph, report));
  SYSTOLE_RETURN_IF_ERROR(unflatten_products(graph, target, report));
  for (auto* pass : {merge_scales, fold_scales, fuse_residuals}) SYSTOLE_RETURN_IF_ERROR(pass(graph, report));
  SYSTOLE_RETURN_IF_ERROR(fuse_activations(graph, target, report));
  return remove_dead(graph, report);
}

}  // namespace systole::graph
