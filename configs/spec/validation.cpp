// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/validation.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>

#include "configs/spec/folders.h"
#include "configs/spec/keys.h"
#include "hal/guard.h"

namespace systole::spec {
namespace {

namespace fs = std::filesystem;

Status wrong(const std::string& message) { return Status(Code::kInvalidArgument, message); }

// As written in the file: a case, or what all cases of a file share.
struct RawCase {
  std::string hardware, model, dtype, published, note;
  std::vector<std::string> set, ops;
  int tolerance_percent = 0, batch = 1;
};
struct RawFile {
  std::string title, source, trust, kind, note, table;
  RawCase shared;
};

constexpr double kMostBatch = 65536;

#define SLOT(type, member) [](void* s) -> Slot { return &static_cast<type*>(s)->member; }
constexpr KeyInfo kFileKeys[] = {
    {"title", Dimension::kText, true, 0, 0, SLOT(RawFile, title)},
    {"source", Dimension::kText, true, 0, 0, SLOT(RawFile, source)},
    {"trust", Dimension::kText, true, 0, 0, SLOT(RawFile, trust)},
    {"kind", Dimension::kText, true, 0, 0, SLOT(RawFile, kind)},
    {"note", Dimension::kText, false, 0, 0, SLOT(RawFile, note)},
    {"table", Dimension::kText, false, 0, 0, SLOT(RawFile, table)},
    {"hardware", Dimension::kText, true, 0, 0, SLOT(RawFile, shared.hardware)},
    {"set", Dimension::kText, false, 0, 0, SLOT(RawFile, shared.set)},
    {"dtype", Dimension::kText, false, 0, 0, SLOT(RawFile, shared.dtype)},
    {"batch", Dimension::kCount, false, 1, kMostBatch, SLOT(RawFile, shared.batch)},
    {"tolerance_percent", Dimension::kCount, false, 1, 1000, SLOT(RawFile, shared.tolerance_percent)},
};
constexpr KeyInfo kCaseKeys[] = {
    {"hardware", Dimension::kText, false, 0, 0, SLOT(RawCase, hardware)},
    {"set", Dimension::kText, false, 0, 0, SLOT(RawCase, set)},
    {"dtype", Dimension::kText, false, 0, 0, SLOT(RawCase, dtype)},
    {"batch", Dimension::kCount, false, 1, kMostBatch, SLOT(RawCase, batch)},
    {"tolerance_percent", Dimension::kCount, false, 1, 1000, SLOT(RawCase, tolerance_percent)},
    {"ops", Dimension::kText, false, 0, 0, SLOT(RawCase, ops)},
    {"model", Dimension::kText, false, 0, 0, SLOT(RawCase, model)},
    {"published", Dimension::kText, true, 0, 0, SLOT(RawCase, published)},
    {"note", Dimension::kText, false, 0, 0, SLOT(RawCase, note)},
};
#undef SLOT

Status one_of(const YamlDocument& document, const char* key, const std::string& got,
              std::initializer_list<const char*> words) {
  std::string expected;
  for (const char* word : words) {
    if (got == word) return {};
    expected += (expected.empty() ? "" : ", ") + std::string(word);
  }
  return status_of({key, "expected one of " + expected + ", got '" + got + "'"}, document);
}

Result<ValidationCase> settle(const YamlDocument& document, const std::string& name, const RawCase& raw) {
  ValidationCase result{name, raw.hardware, raw.set, {}, raw.model, raw.dtype, raw.batch, {}, 0, raw.note};
  result.tolerance_percent = raw.tolerance_percent;
  auto figure = parse_figure(raw.published);
  if (!figure.ok()) return status_of({"published", figure.status().message()}, document);
  result.published = *figure;
  for (const std::string& text : raw.ops) {
    auto op = parse_op_line(text);
    if (!op.ok()) return status_of({"ops", op.status().message()}, document);
    result.ops.push_back(std::move(*op));
  }
  if (raw.ops.empty() == raw.model.empty())
    return status_of({"published", "expected either ops or model beside it, got " +
                                       std::string(raw.ops.empty() ? "neither" : "both")},
                     document);
  return result;
}

// Splits "cases.NAME.key" off into a document a case.
Status split_cases(const YamlDocument& whole, YamlDocument& rest,
                   std::vector<std::pair<std::string, YamlDocument>>& cases) {
  rest.file = whole.file;
  for (const YamlValue& value : whole.values) {
    if (value.path != "cases" && !value.path.starts_with("cases.")) {
      rest.values.push_back(value);
      continue;
    }
    if (value.path == "cases") {
      if (value.kind != YamlValue::Kind::kMap) return wrong(whole.at(value, "expected a map of cases"));
      continue;
    }
    const std::string path = value.path.substr(6);
    const size_t dot = path.find('.');
    if (dot == std::string::npos) {
      if (value.kind != YamlValue::Kind::kMap) return wrong(whole.at(value, "expected a map of keys"));
      cases.push_back({path, {whole.file, {}}});
      continue;
    }
    if (cases.empty() || cases.back().first != path.substr(0, dot))
      return wrong(whole.at(value, "expected a case's name without a dot"));
    YamlValue moved = value;
    moved.path = path.substr(dot + 1);
    cases.back().second.values.push_back(std::move(moved));
  }
  return {};
}

Result<ValidationFile> resolve(const YamlDocument& document) {
  YamlDocument rest;
  std::vector<std::pair<std::string, YamlDocument>> cases;
  SYSTOLE_RETURN_IF_ERROR(split_cases(document, rest, cases));
  RawFile raw;
  raw.shared.dtype = "bf16";
  SYSTOLE_RETURN_IF_ERROR(fill(kFileKeys, &raw, rest));
  SYSTOLE_RETURN_IF_ERROR(one_of(rest, "trust", raw.trust, {"file", "read", "seen", "computed", "recalled"}));
  SYSTOLE_RETURN_IF_ERROR(one_of(rest, "kind", raw.kind, {"silicon", "simulator", "formula", "estimate"}));
  ValidationFile file{
      fs::path(document.file).stem().string(), raw.title, raw.source, raw.trust, raw.kind, raw.note, document.file, {}};
  for (const auto& [name, keys] : cases) {
    RawCase one = raw.shared;
    SYSTOLE_RETURN_IF_ERROR(fill(kCaseKeys, &one, keys));
    SYSTOLE_ASSIGN_OR_RETURN(ValidationCase settled, settle(keys, name, one));
    file.cases.push_back(std::move(settled));
  }
  if (!raw.table.empty()) {
    if (raw.table.find('/') != std::string::npos)
      return status_of({"table", "expected a file beside this one, got '" + raw.table + "'"}, rest);
    SYSTOLE_ASSIGN_OR_RETURN(auto rows, load_gemm_table((fs::path(document.file).parent_path() / raw.table).string()));
    for (ValidationCase& row : rows) {
      row.hardware = raw.shared.hardware, row.set = raw.shared.set, row.dtype = raw.shared.dtype;
      row.tolerance_percent = raw.shared.tolerance_percent;
      file.cases.push_back(std::move(row));
    }
  }
  if (file.cases.empty()) return wrong(document.file + ":1:1: cases: expected cases or a table, got a file without");
  return file;
}

}  // namespace

const std::vector<std::string>& figure_units() {
  static const std::vector<std::string> units = {"cycles", "ns", "us", "ms", "s", "fps", "TOPS", "GB/s", "%"};
  return units;
}

Result<Figure> parse_figure(const std::string& text) {
  Figure figure;
  const char *begin = text.data(), *end = begin + text.size();
  const auto [stopped, error] = std::from_chars(begin, end, figure.value, std::chars_format::fixed);
  const char* unit = stopped;
  while (unit != end && *unit == ' ') ++unit;
  figure.unit.assign(unit, end);
  const auto& units = figure_units();
  const bool known = std::find(units.begin(), units.end(), figure.unit) != units.end();
  if (error == std::errc() && known && figure.value > 0 && figure.value < 1e18) return figure;
  std::string all;
  for (const std::string& name : units) all += (all.empty() ? "" : ", ") + name;
  return wrong("expected a number above zero with one of the units " + all + ", got '" + text + "'");
}

Result<OpLine> parse_op_line(const std::string& text) {
  OpLine line;
  std::istringstream words(text);
  words >> line.name >> line.shapes;
  if (line.shapes.empty()) return wrong("expected 'OP SHAPES [attribute=number]', got '" + text + "'");
  for (std::string word; words >> word;) {
    if (!word.starts_with("times=")) {
      line.attributes.push_back(word);
      continue;
    }
    const char *begin = word.data() + 6, *end = word.data() + word.size();
    const auto [stopped, error] = std::from_chars(begin, end, line.times);
    if (error != std::errc() || stopped != end || line.times < 1 || line.times > 1000)
      return wrong("expected times=1 to times=1000, got '" + word + "'");
  }
  return line;
}

Result<ValidationFile> parse_validation(const std::string& text, const std::string& file) {
  SYSTOLE_ASSIGN_OR_RETURN(const YamlDocument document, parse_yaml(text, file));
  return resolve(document);
}

Result<ValidationFile> load_validation(const std::string& path) {
  return guarded(path, [&]() -> Result<ValidationFile> {
    SYSTOLE_ASSIGN_OR_RETURN(const YamlDocument document, read_yaml_file(path));
    return resolve(document);
  });
}

std::vector<std::string> validation_files() {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(configs_directory() / "validation", error))
    if (entry.path().extension() == ".yaml") found.push_back(entry.path().string());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace systole::spec
