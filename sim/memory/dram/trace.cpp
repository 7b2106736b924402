// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram/trace.h"

#include <algorithm>
#include <charconv>

namespace systole::memory::dram {
namespace {

bool parse_line(std::string_view line, Access& access) {
  if (line.size() < 5 || (line[0] != 'R' && line[0] != 'W') || line.substr(1, 3) != " 0x") return false;
  access.write = line[0] == 'W';
  const char* const end = line.data() + line.size();
  const auto [stop, error] = std::from_chars(line.data() + 4, end, access.address, 16);
  return error == std::errc() && stop == end;
}

// At most 40 characters, what is not printable as '?'.
std::string shown(std::string_view line) {
  std::string text(line.substr(0, 40));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text + (line.size() > 40 ? "..." : "");
}

}  // namespace

std::string parse_trace(std::string_view text, std::vector<Access>& trace) {
  for (size_t line = 1; !text.empty(); ++line) {
    const size_t length = std::min(text.find('\n'), text.size());
    Access access;
    if (!parse_line(text.substr(0, length), access))
      return std::to_string(line) + ": expected 'R 0xADDRESS' or 'W 0xADDRESS', got '" + shown(text.substr(0, length)) +
             "'";
    trace.push_back(access);
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return "";
}

}  // namespace systole::memory::dram
