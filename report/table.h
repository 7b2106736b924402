// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Text for people: aligned tables and numbers of three or four digits with a unit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systole::report {

class Table {
 public:
  // A column's title; numbers are set flush right.
  struct Column {
    std::string title;
    bool right = false;
    size_t widest = 48;  // longer cells lose their middle
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells);
  // Two spaces between columns, no trailing blanks, a line feed after each row; columns of empty cells are left out.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

std::string si(double value, const std::string& unit);  // "4.09 G", "12.3 ms" for (0.0123, "s")
std::string binary_bytes(double bytes);                 // "25.6 MiB"
std::string percent(double share);                      // "83.1 %"
std::string with_separators(int64_t value);             // "4,123,456"

}  // namespace systole::report
