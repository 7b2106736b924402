// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/quantity.h"

#include <limits>
#include <optional>
#include <span>

namespace systole::spec {
namespace {

// A value in the base unit is number x up / down.
struct Unit {
  const char* name;
  int64_t up, down;
};

constexpr int64_t k1 = 1000, k2 = 1000 * k1, k3 = 1000 * k2, k4 = 1000 * k3;
constexpr Unit kByteUnits[] = {{"B", 1, 1},           {"KiB", 1 << 10, 1}, {"MiB", 1 << 20, 1}, {"GiB", 1 << 30, 1},
                               {"TiB", 1ll << 40, 1}, {"kB", k1, 1},       {"MB", k2, 1},       {"GB", k3, 1}};
constexpr Unit kHertzUnits[] = {{"Hz", 1, 1}, {"kHz", k1, 1}, {"MHz", k2, 1}, {"GHz", k3, 1}};
constexpr Unit kRateUnits[] = {{"B/s", 1, 1},   {"kB/s", k1, 1},       {"MB/s", k2, 1},      {"GB/s", k3, 1},
                               {"TB/s", k4, 1}, {"MiB/s", 1 << 20, 1}, {"GiB/s", 1 << 30, 1}};
constexpr Unit kFlopUnits[] = {{"FLOP/s", 1, 1}, {"MFLOP/s", k2, 1}, {"GFLOP/s", k3, 1}, {"TFLOP/s", k4, 1}};
constexpr Unit kSecondUnits[] = {{"s", 1, 1}, {"ms", 1, k1}, {"us", 1, k2}, {"ns", 1, k3}, {"ps", 1, k4}};
constexpr Unit kJouleUnits[] = {{"J", 1, 1}, {"uJ", 1, k2}, {"nJ", 1, k3}, {"pJ", 1, k4}};
constexpr Unit kWattUnits[] = {{"W", 1, 1}, {"mW", 1, k1}, {"uW", 1, k2}};

std::span<const Unit> units_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::kBytes:
      return kByteUnits;
    case Dimension::kHertz:
      return kHertzUnits;
    case Dimension::kBytesPerSecond:
      return kRateUnits;
    case Dimension::kFlops:
      return kFlopUnits;
    case Dimension::kSeconds:
      return kSecondUnits;
    case Dimension::kJoules:
      return kJouleUnits;
    case Dimension::kWatts:
      return kWattUnits;
    case Dimension::kCount:
    case Dimension::kText:
      return {};
  }
  return {};
}

std::string wanted(Dimension dimension) {
  if (dimension == Dimension::kCount) return "a whole number";
  std::string result = dimension == Dimension::kBytes ? "a size in bytes or with a unit (" : "a number with a unit (";
  for (const Unit& unit : units_of(dimension))
    result += std::string(&unit == units_of(dimension).data() ? "" : ", ") + unit.name;
  return result + ")";
}

// digits / 10^decimals, and the unit it was written with.
struct Parsed {
  __int128 digits = 0;
  __int128 ten_power = 1;
  Unit unit{"", 1, 1};
};

std::optional<Parsed> split(const std::string& text, Dimension dimension) {
  const auto is_digit = [&](size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  Parsed result;
  size_t at = 0;
  if (text.size() > 28) return std::nullopt;  // longer than any value that fits, unit included
  for (; is_digit(at); ++at) result.digits = result.digits * 10 + (text[at] - '0');
  if (at == 0 || (at > 1 && text[0] == '0')) return std::nullopt;
  if (dimension != Dimension::kCount && at < text.size() && text[at] == '.') {
    const size_t first = ++at;
    for (; is_digit(at); ++at) {
      result.digits = result.digits * 10 + (text[at] - '0');
      result.ten_power *= 10;
    }
    if (at == first) return std::nullopt;
  }
  if (at > 19) return std::nullopt;
  if (at < text.size() && text[at] == ' ') ++at;
  const std::string name = text.substr(at);
  const bool bare = dimension == Dimension::kCount || (dimension == Dimension::kBytes && result.ten_power == 1);
  if (name.empty() && bare && text.back() != ' ') return result;
  for (const Unit& unit : units_of(dimension)) {
    if (name == unit.name) {
      result.unit = unit;
      return result;
    }
  }
  return std::nullopt;
}

Status mismatch(const std::string& text, Dimension dimension) {
  return Status(Code::kInvalidArgument, "expected " + wanted(dimension) + ", got '" + text + "'");
}

}  // namespace

const char* base_unit(Dimension dimension) {
  const auto units = units_of(dimension);
  return units.empty() ? "" : units[0].name;
}

Result<int64_t> parse_whole(const std::string& text, Dimension dimension) {
  const auto parsed = split(text, dimension);
  if (!parsed) return mismatch(text, dimension);
  const __int128 up = parsed->digits * parsed->unit.up, down = parsed->ten_power * parsed->unit.down;
  if (up % down != 0) {
    return Status(Code::kInvalidArgument,
                  std::string("expected a whole number of ") + base_unit(dimension) + ", got '" + text + "'");
  }
  if (up / down > std::numeric_limits<int64_t>::max()) return mismatch(text, dimension);
  return static_cast<int64_t>(up / down);
}

Result<double> parse_real(const std::string& text, Dimension dimension) {
  const auto parsed = split(text, dimension);
  if (!parsed) return mismatch(text, dimension);
  const __int128 up = parsed->digits * parsed->unit.up, down = parsed->ten_power * parsed->unit.down;
  return static_cast<double>(up) / static_cast<double>(down);
}

}  // namespace systole::spec
