// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The tables beside validation files: products with times, and the errors found before.
#include <charconv>
#include <sstream>

#include "configs/spec/folders.h"
#include "configs/spec/keys.h"
#include "configs/spec/text_file.h"
#include "configs/spec/validation.h"
#include "hal/guard.h"

namespace systole::spec {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHeader = "m,k,n,latency_us";
constexpr int64_t kMostExtent = 1 << 24;

Status wrong(const std::string& message) { return Status(Code::kInvalidArgument, message); }

template <class Number>
bool number(const std::string& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

Result<ValidationCase> product(const std::string& row, const std::string& place) {
  std::vector<std::string> cells;
  std::istringstream text(row);
  for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
  int64_t extents[3] = {};
  bool good = cells.size() == 4;
  for (size_t i = 0; good && i < 3; ++i)
    good = number(cells[i], extents[i]) && extents[i] >= 1 && extents[i] <= kMostExtent;
  ValidationCase result;
  result.published.unit = "us";
  good =
      good && number(cells[3], result.published.value) && result.published.value > 0 && result.published.value < 1e15;
  if (!good) return wrong(place + "expected extents m,k,n of at least 1 and a time in us, got '" + row + "'");
  const auto by = [&](int a, int b) { return cells[static_cast<size_t>(a)] + "x" + cells[static_cast<size_t>(b)]; };
  result.name = by(0, 1) + "x" + cells[2];
  result.ops = {{"matmul", by(0, 1) + "," + by(1, 2), {}, 1}};
  return result;
}

struct RawError {
  std::string structure, kind, worst_case, mean_percent, worst_percent;
  int64_t cases = 0;
};
#define SLOT(member) [](void* s) -> Slot { return &static_cast<RawError*>(s)->member; }
constexpr KeyInfo kErrorKeys[] = {
    {"structure", Dimension::kText, true, 0, 0, SLOT(structure)},
    {"kind", Dimension::kText, true, 0, 0, SLOT(kind)},
    {"cases", Dimension::kCount, true, 1, 1e9, SLOT(cases)},
    {"mean_percent", Dimension::kText, true, 0, 0, SLOT(mean_percent)},
    {"worst_percent", Dimension::kText, true, 0, 0, SLOT(worst_percent)},
    {"worst_case", Dimension::kText, true, 0, 0, SLOT(worst_case)},
};
#undef SLOT

Result<KnownError> known_error(const std::string& source, const std::string& hardware, const YamlDocument& document) {
  RawError raw;
  SYSTOLE_RETURN_IF_ERROR(fill(kErrorKeys, &raw, document));
  KnownError known{source, hardware, raw.structure, raw.kind, raw.cases, 0, 0, raw.worst_case};
  for (const auto& [key, text, value] : {std::tuple("mean_percent", &raw.mean_percent, &known.mean_percent),
                                         std::tuple("worst_percent", &raw.worst_percent, &known.worst_percent)})
    if (!number(*text, *value)) return status_of({key, "expected a number, got '" + *text + "'"}, document);
  return known;
}

}  // namespace

Result<std::vector<ValidationCase>> parse_gemm_table(const std::string& text, const std::string& file) {
  std::vector<ValidationCase> cases;
  std::istringstream lines(text);
  int64_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const std::string place = file + ":" + std::to_string(++count) + ": ";
    if (count == 1) {
      if (line != kHeader) return wrong(place + "expected the header '" + kHeader + "', got '" + line + "'");
      continue;
    }
    if (line.empty()) continue;
    SYSTOLE_ASSIGN_OR_RETURN(ValidationCase row, product(line, place));
    cases.push_back(std::move(row));
  }
  if (cases.empty()) return wrong(file + ":1: expected '" + std::string(kHeader) + "' and a row at least, got none");
  return cases;
}

Result<std::vector<ValidationCase>> load_gemm_table(const std::string& path) {
  SYSTOLE_ASSIGN_OR_RETURN(const std::string text, read_text_file(path));
  return parse_gemm_table(text, path);
}

std::string known_errors_path(const std::string& name) {
  return (configs_directory() / "accuracy" / (name + ".yaml")).string();
}

Result<std::vector<KnownError>> parse_known_errors(const std::string& text, const std::string& file) {
  SYSTOLE_ASSIGN_OR_RETURN(const YamlDocument whole, parse_yaml(text, file));
  std::vector<KnownError> result;
  std::string source, hardware;
  YamlDocument keys{file, {}};
  const auto finish = [&]() -> Status {
    if (hardware.empty()) return {};
    SYSTOLE_ASSIGN_OR_RETURN(KnownError known, known_error(source, hardware, keys));
    result.push_back(std::move(known));
    keys.values.clear();
    return {};
  };
  for (const YamlValue& value : whole.values) {  // source: {hardware: {keys}}
    const size_t first = value.path.find('.'), second = value.path.find('.', first + 1);
    if (first == std::string::npos || second == std::string::npos) {
      if (value.kind != YamlValue::Kind::kMap) return wrong(whole.at(value, "expected a map"));
      SYSTOLE_RETURN_IF_ERROR(finish());
      source = value.path.substr(0, first);
      hardware = first == std::string::npos ? "" : value.path.substr(first + 1);
      continue;
    }
    YamlValue moved = value;
    moved.path = value.path.substr(second + 1);
    keys.values.push_back(std::move(moved));
  }
  SYSTOLE_RETURN_IF_ERROR(finish());
  return result;
}

Result<std::vector<KnownError>> load_known_errors_file(const std::string& path) {
  return guarded(path, [&]() -> Result<std::vector<KnownError>> {
    SYSTOLE_ASSIGN_OR_RETURN(const std::string text, read_text_file(path));
    return parse_known_errors(text, path);
  });
}

Result<std::vector<KnownError>> load_known_errors(const std::string& name) {
  const std::string path = known_errors_path(name);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::vector<KnownError>();
  return load_known_errors_file(path);
}

}  // namespace systole::spec
