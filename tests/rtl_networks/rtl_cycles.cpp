// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Model and RTL on whole networks: rtl_cycles [NPU ...], tiny-8x8 and edge-16x16 where none is named. A row of Markdown
// a group: its ops, how many networks had equal outputs, and for their cycles and each part of them the model's sum and
// the RTL's signed error an op, in percent of that op's cycles on the model: p50, p95, maximum. 0 as the
// maximum: no op differed by a cycle. What is not equal stands on stderr, and the exit code is 1.
#include <cstdio>
#include <filesystem>

#include "report/table.h"
#include "tests/rtl_networks/groups.h"

namespace systole::graph {
namespace {

std::string cell(const Comparison& comparison, const Part& part) {
  const Spread error = comparison.spread(part);
  std::string text = report::with_separators(comparison.reference_cycles(part)) + ": ";
  if (error.most == 0) return text + "0, 0, 0";
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, "%+.3f, %+.3f, %+.3f", error.p50, error.p95, error.most);
  return text + numbers;
}

void print_header() {
  std::string titles = "| networks | NPU | ops | outputs equal |", rule = "|---|---|---|---|";
  for (const Part& part : kParts) titles += std::string(" ") + part.title + " |", rule += "---|";
  std::printf("%s\n%s\n", titles.c_str(), rule.c_str());
}

void print_row(const Group& group, const std::string& npu, const Comparison& comparison) {
  std::printf("| %s | %s | %zu | %d of %d |", group.name.c_str(), npu.c_str(), comparison.ops().size(),
              comparison.networks() - comparison.unequal_networks(), comparison.networks());
  for (const Part& part : kParts) std::printf(" %s |", cell(comparison, part).c_str());
  std::printf("\n");
  std::fflush(stdout);
  for (const std::string& difference : comparison.differences())
    std::fprintf(stderr, "rtl_cycles: %s, %s: %s\n", npu.c_str(), group.name.c_str(), difference.c_str());
}

// Whether model and RTL were the same.
Result<bool> compare(const Group& group, const std::string& npu) {
  SYSTOLE_ASSIGN_OR_RETURN(Comparison comparison, compare_model_and_rtl(npu, group.settings));
  SYSTOLE_RETURN_IF_ERROR(group.run(comparison));
  print_row(group, npu, comparison);
  return comparison.differences().empty();
}

int run(const std::vector<std::string>& npus) {
  bool same = true;
  print_header();
  for (const std::string& npu : npus) {
    for (const Group& group : comparison_groups()) {
      if (!group.file.empty() && !std::filesystem::exists(group.file)) {
        std::fprintf(stderr, "rtl_cycles: %s left out: no %s\n", group.name.c_str(), group.file.c_str());
        continue;
      }
      const auto equal = compare(group, npu);
      if (!equal.ok()) {
        std::fprintf(stderr, "rtl_cycles: %s, %s: %s\n", npu.c_str(), group.name.c_str(),
                     equal.status().to_string().c_str());
        return 1;
      }
      same = same && *equal;
    }
  }
  return same ? 0 : 1;
}

}  // namespace
}  // namespace systole::graph

int main(int argc, char** argv) {
  std::vector<std::string> npus(argv + 1, argv + argc);
  if (npus.empty()) npus = {"tiny-8x8", "edge-16x16"};
  return systole::graph::run(npus);
}
