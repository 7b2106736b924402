// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/matrix.h"

namespace systole::conformance {
namespace {

constexpr const char* kHead =
    "# Conformance matrix\n\n"
    "Printed by `build/dev/tests/conformance/test_conformance --matrix docs/conformance.md`; `ctest -R "
    "test_conformance` compares "
    "it.\n"
    "pass 12/60: 12 of the test's 60 descriptions run and give ref's values, the other 48 are refused with the reason "
    "that\n"
    "`supports` gave; unsupported: refused honestly, with the reason below; excluded: known not to hold.\n"
    "What the HAL itself has not is in [architecture.md](architecture.md).\n\n";

std::string row(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& cell : cells) text += " " + cell + " |";
  return text + "\n";
}

std::string rule(size_t columns) {
  std::string text = "|";
  for (size_t i = 0; i < columns; ++i) text += "---|";
  return text + "\n";
}

std::string verdict_of(const Cell& cell) { return cell.mark.substr(0, cell.mark.find(' ')); }
std::string area_of(const std::string& test) { return test.substr(0, test.find('.')); }

}  // namespace

size_t Matrix::pairs() const {
  size_t count = 0;
  for (const auto& [test, by_backend] : cells_) count += by_backend.size();
  return count;
}

bool Matrix::has(const std::string& mark) const {
  for (const auto& [test, by_backend] : cells_)
    for (const auto& [backend, cell] : by_backend)
      if (cell.mark == mark) return true;
  return false;
}

std::string Matrix::verdicts() const {
  std::map<std::string, std::map<std::string, int>> counts;  // verdict, backend
  for (const auto& [test, by_backend] : cells_)
    for (const auto& [backend, cell] : by_backend) ++counts[verdict_of(cell)][backend];
  std::vector<std::string> head = {"pairs: " + std::to_string(pairs())};
  head.insert(head.end(), backends_.begin(), backends_.end());
  head.push_back("all");
  std::string text = row(head) + rule(head.size());
  for (const auto& [verdict, by_backend] : counts) {
    std::vector<std::string> cells = {verdict};
    int all = 0;
    for (const std::string& backend : backends_) {
      const auto found = by_backend.find(backend);
      const int count = found == by_backend.end() ? 0 : found->second;
      cells.push_back(std::to_string(count));
      all += count;
    }
    cells.push_back(std::to_string(all));
    text += row(cells);
  }
  return text;
}

std::string Matrix::areas() const {
  std::map<std::string, int> counts;
  for (const auto& [test, by_backend] : cells_) ++counts[area_of(test)];
  std::string text = "Tests by area:";
  for (const auto& [area, count] : counts) text += " " + area + " " + std::to_string(count) + ",";
  text.back() = '.';
  return text + "\n";
}

std::string Matrix::tests() const {
  std::vector<std::string> head = {"test"};
  head.insert(head.end(), backends_.begin(), backends_.end());
  std::string text = row(head) + rule(head.size());
  for (const auto& [test, by_backend] : cells_) {
    std::vector<std::string> cells = {test};
    for (const std::string& backend : backends_) {
      const auto found = by_backend.find(backend);
      cells.push_back(found == by_backend.end() ? "" : found->second.mark);
    }
    text += row(cells);
  }
  return text;
}

std::string Matrix::reasons() const {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const std::string& backend : backends_) {
    for (const auto& [test, by_backend] : cells_) {
      const auto found = by_backend.find(backend);
      if (found == by_backend.end() || found->second.reason.empty()) continue;
      by_reason[backend + ": " + found->second.mark + ": " + found->second.reason].push_back(test);
    }
  }
  std::string text;
  for (const auto& [reason, tests] : by_reason)
    text += "- " + reason + " (" + std::to_string(tests.size()) + ": " + tests.front() +
            (tests.size() > 1 ? ", ..." : "") + ")\n";
  return text;
}

std::string Matrix::page() const { return kHead + verdicts() + "\n" + areas() + "\n" + tests() + "\n" + reasons(); }

}  // namespace systole::conformance
