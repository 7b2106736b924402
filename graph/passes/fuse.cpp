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

Status fuse(Graph& graph, PassReport& report) {
  for (auto* pass : {remove_identities, merge_scales, fold_scales, fuse_residuals, fuse_activations, remove_dead})
    SYSTOLE_RETURN_IF_ERROR(pass(graph, report));
  return {};
}

}  // namespace systole::graph
