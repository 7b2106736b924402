// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "report/table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace systole::report {
namespace {

std::string shortened(const std::string& cell, size_t widest) {
  if (cell.size() <= widest) return cell;
  const size_t tail = (widest - 2) / 2;
  return cell.substr(0, widest - 2 - tail) + ".." + cell.substr(cell.size() - tail);
}

std::string three_digits(double value) {
  const double magnitude = std::fabs(value);
  char text[32];
  std::snprintf(text, sizeof text, magnitude >= 100 ? "%.0f" : magnitude >= 10 ? "%.1f" : "%.2f", value);
  return text;
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (size_t i = 0; i < cells.size(); ++i) cells[i] = shortened(cells[i], columns_[i].widest);
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<size_t> width(columns_.size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  }
  std::vector<size_t> shown;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (width[i] > 0 || rows_.empty()) shown.push_back(i);
    width[i] = std::max(width[i], columns_[i].title.size());
  }
  std::string text;
  const auto line = [&](auto&& cell) {
    std::string row;
    for (const size_t i : shown) {
      const std::string content = cell(i);
      const std::string blanks(width[i] - content.size(), ' ');
      row += (i == shown.front() ? "" : "  ") + (columns_[i].right ? blanks + content : content + blanks);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  };
  line([&](size_t i) { return columns_[i].title; });
  for (const auto& row : rows_) line([&](size_t i) { return row[i]; });
  return text;
}

std::string si(double value, const std::string& unit) {
  if (value == 0) return "0 " + unit;
  static constexpr const char* kPrefixes[] = {"p", "n", "u", "m", "", "k", "M", "G", "T", "P"};
  int step = static_cast<int>(std::floor(std::log10(std::fabs(value)) / 3 + 1e-9));
  step = std::clamp(step, -4, 5);
  return three_digits(value / std::pow(10.0, 3 * step)) + " " + kPrefixes[step + 4] + unit;
}

std::string binary_bytes(double bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  int step = 0;
  while (bytes >= 1024 && step < 4) bytes /= 1024, ++step;
  return (step == 0 ? std::to_string(static_cast<int64_t>(bytes)) : three_digits(bytes)) + " " + kUnits[step];
}

std::string percent(double share) {
  char text[32];
  const bool none = share > -0.0005 && share <= 0;  // no sign before zero
  std::snprintf(text, sizeof text, "%.1f %%", none ? 0 : share * 100);
  return text;
}

std::string with_separators(int64_t value) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3) digits.insert(static_cast<size_t>(i), ",");
  return value < 0 ? "-" + digits : digits;
}

}  // namespace systole::report
