// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/load.h"

#include <algorithm>
#include <type_traits>

#include "configs/spec/npu_keys.h"

namespace systole::spec {
namespace {

Status wrong(const std::string& message) { return Status(Code::kInvalidArgument, message); }

std::string shown(double value, Dimension dimension) {
  std::string text = std::to_string(static_cast<int64_t>(value));
  const std::string unit = base_unit(dimension);
  return unit.empty() ? text : text + " " + unit;
}

Status check_range(const KeyInfo& key, double value, const std::string& text) {
  if (value >= key.least && value <= key.most) return {};
  return wrong("expected " + shown(key.least, key.dimension) + " to " + shown(key.most, key.dimension) + ", got '" +
               text + "'");
}

// Puts one scalar where its key says.
Status assign(NpuSpec& spec, const KeyInfo& key, const std::string& text, bool quoted) {
  const Slot slot = key.slot(spec);
  if (auto* const* target = std::get_if<std::string*>(&slot)) {
    if (text.empty()) return wrong("expected a text, got nothing");
    if (!quoted && text.find_first_not_of("0123456789.") == std::string::npos) {
      return wrong("expected a text, got the number " + text + " (quote it)");
    }
    **target = text;
    return {};
  }
  if (std::holds_alternative<std::vector<std::string>*>(slot)) return wrong("expected a list, got '" + text + "'");
  if (quoted) return wrong("expected a number, got the string \"" + text + "\"");
  if (auto* const* target = std::get_if<double*>(&slot)) {
    SYSTOLE_ASSIGN_OR_RETURN(**target, parse_real(text, key.dimension));
    return check_range(key, **target, text);
  }
  SYSTOLE_ASSIGN_OR_RETURN(const int64_t value, parse_whole(text, key.dimension));
  SYSTOLE_RETURN_IF_ERROR(check_range(key, static_cast<double>(value), text));
  if (auto* const* narrow = std::get_if<int*>(&slot)) {
    **narrow = static_cast<int>(value);
  } else {
    *std::get<int64_t*>(slot) = value;
  }
  return {};
}

Status assign(NpuSpec& spec, const KeyInfo& key, const YamlValue& value) {
  switch (value.kind) {
    case YamlValue::Kind::kScalar:
      return assign(spec, key, value.text, value.quoted);
    case YamlValue::Kind::kNull:
      return wrong("expected a value, got nothing");
    case YamlValue::Kind::kMap:
      return wrong("expected a value, got a map");
    case YamlValue::Kind::kList:
      break;
  }
  const Slot slot = key.slot(spec);
  if (!std::holds_alternative<std::vector<std::string>*>(slot)) return wrong("expected a value, got a list");
  *std::get<std::vector<std::string>*>(slot) = value.items;
  return {};
}

// The section of a path: "array." of "array.rows"; "" at the top.
std::string section_of(const std::string& path) {
  const size_t dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot + 1);
}

std::vector<std::string> sections() {
  std::vector<std::string> result;
  for (const KeyInfo& key : npu_keys()) {
    const std::string section = section_of(key.path);
    if (!section.empty() && std::find(result.begin(), result.end(), section) == result.end()) result.push_back(section);
  }
  return result;
}

std::string unknown_key(const std::string& path) {
  const std::string section = section_of(path);
  std::vector<std::string> known;
  for (const KeyInfo& key : npu_keys()) {
    if (section_of(key.path) == section) known.push_back(key.path);
  }
  if (section.empty()) {
    for (const std::string& name : sections()) known.push_back(name.substr(0, name.size() - 1));
  }
  if (known.empty()) {
    for (const KeyInfo& key : npu_keys()) known.push_back(key.path);
  }
  std::string near = nearest_name(path, known.data(), known.size());
  if (!near.empty()) return "expected a known key (nearest: " + near + "), got '" + path + "'";
  std::string all;
  for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
  return "expected one of " + all + ", got '" + path + "'";
}

bool is_section(const std::string& path) {
  const auto names = sections();
  return std::find(names.begin(), names.end(), path + ".") != names.end();
}

Status fill(NpuSpec& spec, const YamlDocument& document) {
  for (const YamlValue& value : document.values) {
    if (is_section(value.path)) {
      if (value.kind != YamlValue::Kind::kMap) return wrong(document.at(value, "expected a map, got a value"));
      continue;
    }
    const KeyInfo* key = find_key(value.path);
    if (!key) return wrong(document.at(value, unknown_key(value.path)));
    const Status status = assign(spec, *key, value);
    if (!status.ok()) return wrong(document.at(value, status.message()));
  }
  for (const KeyInfo& key : npu_keys()) {
    if (key.required && !document.find(key.path)) {
      return wrong(document.file + ":1:1: " + key.path + ": expected this key, got a file without it");
    }
  }
  return {};
}

}  // namespace

Result<NpuSpec> parse_npu_spec(const std::string& text, const std::string& file) {
  SYSTOLE_ASSIGN_OR_RETURN(const YamlDocument document, parse_yaml(text, file));
  return resolve_npu_spec(document);
}

Result<NpuSpec> resolve_npu_spec(const YamlDocument& document) {
  NpuSpec spec;
  spec.file = document.file;
  SYSTOLE_RETURN_IF_ERROR(fill(spec, document));
  for (const Complaint& complaint : inconsistencies(spec)) {
    const YamlValue* value = document.find(complaint.key);
    return Status(complaint.code, value ? document.at(*value, complaint.message)
                                        : document.file + ":1:1: " + complaint.key + ": " + complaint.message);
  }
  return spec;
}

Status apply_override(NpuSpec& spec, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) return wrong("'" + assignment + "': expected key=value");
  const std::string path = assignment.substr(0, equals), text = assignment.substr(equals + 1);
  const KeyInfo* key = find_key(path);
  if (!key) return wrong(path + ": " + unknown_key(path));
  NpuSpec changed = spec;
  const Status status = assign(changed, *key, text, false);
  if (!status.ok()) return wrong(path + ": " + status.message());
  for (const Complaint& complaint : inconsistencies(changed)) {
    return Status(complaint.code, "'" + assignment + "': " + complaint.key + ": " + complaint.message);
  }
  spec = std::move(changed);
  return {};
}

}  // namespace systole::spec
