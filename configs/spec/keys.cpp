// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/keys.h"

#include <algorithm>
#include <cstdio>

namespace systole::spec {
namespace {

struct ValueText {
  std::string operator()(const int* v) const { return std::to_string(*v); }
  std::string operator()(const int64_t* v) const { return std::to_string(*v); }
  std::string operator()(const double* v) const {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.9g", *v);
    return buffer;
  }
  std::string operator()(const std::string* v) const { return *v; }
  std::string operator()(const std::vector<std::string>* v) const {
    std::string all;
    for (const std::string& item : *v) all += (all.empty() ? "" : "; ") + item;
    return all;
  }
};

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
Status assign(void* spec, const KeyInfo& key, const std::string& text, bool quoted) {
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

Status assign(void* spec, const KeyInfo& key, const YamlValue& value) {
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

std::vector<std::string> sections(Keys keys) {
  std::vector<std::string> result;
  for (const KeyInfo& key : keys) {
    const std::string section = section_of(key.path);
    if (!section.empty() && std::find(result.begin(), result.end(), section) == result.end()) result.push_back(section);
  }
  return result;
}

}  // namespace

std::string unknown_key(Keys keys, const std::string& path) {
  const std::string section = section_of(path);
  std::vector<std::string> known;
  for (const KeyInfo& key : keys) {
    if (section_of(key.path) == section) known.push_back(key.path);
  }
  if (section.empty()) {
    for (const std::string& name : sections(keys)) known.push_back(name.substr(0, name.size() - 1));
  }
  if (known.empty()) {
    for (const KeyInfo& key : keys) known.push_back(key.path);
  }
  std::string near = nearest_name(path, known.data(), known.size());
  if (!near.empty()) return "expected a known key (nearest: " + near + "), got '" + path + "'";
  std::string all;
  for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
  return "expected one of " + all + ", got '" + path + "'";
}

static bool is_section(Keys keys, const std::string& path) {
  const auto names = sections(keys);
  return std::find(names.begin(), names.end(), path + ".") != names.end();
}

Status fill(Keys keys, void* spec, const YamlDocument& document) {
  for (const YamlValue& value : document.values) {
    if (is_section(keys, value.path)) {
      if (value.kind != YamlValue::Kind::kMap) return wrong(document.at(value, "expected a map, got a value"));
      continue;
    }
    const KeyInfo* key = find_key(keys, value.path);
    if (!key) return wrong(document.at(value, unknown_key(keys, value.path)));
    const Status status = assign(spec, *key, value);
    if (!status.ok()) return wrong(document.at(value, status.message()));
  }
  for (const KeyInfo& key : keys) {
    if (key.required && !document.find(key.path)) {
      return wrong(document.file + ":1:1: " + key.path + ": expected this key, got a file without it");
    }
  }
  return {};
}

const KeyInfo* find_key(Keys keys, const std::string& path) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const KeyInfo& key) { return path == key.path; });
  return found == keys.end() ? nullptr : &*found;
}

Status assign_text(const KeyInfo& key, void* spec, const std::string& text) { return assign(spec, key, text, false); }

std::string value_text(const Slot& slot) { return std::visit(ValueText{}, slot); }

Status status_of(const Complaint& complaint, const YamlDocument& document) {
  const YamlValue* value = document.find(complaint.key);
  return Status(complaint.code, value ? document.at(*value, complaint.message)
                                      : document.file + ":1:1: " + complaint.key + ": " + complaint.message);
}

}  // namespace systole::spec
