// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What came of every pair of test and backend, as the Markdown of docs/conformance.md.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace systole::conformance {

struct Cell {
  std::string mark;  // pass, pass 12/60, FAIL, unsupported, excluded, unavailable
  std::string reason;
};

class Matrix {
 public:
  explicit Matrix(std::vector<std::string> backends) : backends_(std::move(backends)) {}

  // "area.name"
  Cell& cell(const std::string& test, const std::string& backend) { return cells_[test][backend]; }
  size_t pairs() const;
  bool has(const std::string& mark) const;
  // The whole page: verdicts by backend, tests by area, the matrix, the reasons. The same for the same outcomes.
  std::string page() const;

 private:
  std::string verdicts() const;
  std::string areas() const;
  std::string tests() const;
  std::string reasons() const;

  std::vector<std::string> backends_;
  std::map<std::string, std::map<std::string, Cell>> cells_;  // test, backend
};

}  // namespace systole::conformance
