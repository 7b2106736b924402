// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "serve/csv.h"

#include <algorithm>
#include <charconv>

namespace systole::serve {
namespace {

// At most 60 characters, what is not printable as '?'.
std::string shown(std::string_view line) {
  std::string text(line.substr(0, 60));
  for (char& c : text)
    if (c < ' ' || c > '~') c = '?';
  return text + (line.size() > 60 ? "..." : "");
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  for (size_t comma = line.find(','); comma != line.npos; comma = line.find(',')) {
    fields.push_back(line.substr(0, comma));
    line.remove_prefix(comma + 1);
  }
  fields.push_back(line);
  return fields;
}

}  // namespace

Status read_csv(const std::string& text, const std::string& file, const std::string& header,
                const std::function<std::string(const std::vector<std::string_view>&)>& line) {
  const size_t columns = split(header).size();
  std::string_view rest = text;
  for (size_t number = 1; number == 1 || !rest.empty(); ++number) {
    const size_t length = std::min(rest.find('\n'), rest.size());
    const std::string_view row = rest.substr(0, length);
    const auto fields = split(row);
    std::string wrong;
    if (number == 1)
      wrong = row == header ? "" : "expected '" + header + "'";
    else if (fields.size() != columns)
      wrong = "expected " + std::to_string(columns) + " fields (" + header + ")";
    else
      wrong = line(fields);
    if (!wrong.empty())
      return Status(Code::kInvalidArgument,
                    file + ":" + std::to_string(number) + ": " + wrong + ", got '" + shown(row) + "'");
    rest.remove_prefix(std::min(length + 1, rest.size()));
  }
  return {};
}

std::optional<int64_t> whole(std::string_view text, int64_t least, int64_t most) {
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || text[0] == '-' || error != std::errc() || stop != end || value < least || value > most)
    return std::nullopt;
  return value;
}

std::optional<int64_t> billionths(std::string_view text, int64_t most) {
  const size_t point = text.find('.');
  const auto units = whole(text.substr(0, point), 0, most);
  if (!units) return std::nullopt;
  int64_t fraction = 0;
  if (point != text.npos) {
    const std::string_view digits = text.substr(point + 1);
    const auto value = digits.size() <= 9 ? whole(digits, 0, 999999999) : std::nullopt;
    if (!value) return std::nullopt;
    fraction = *value;
    for (size_t i = digits.size(); i < 9; ++i) fraction *= 10;
  }
  return *units * 1000000000 + fraction;
}

}  // namespace systole::serve
