// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "configs/spec/yaml_reader.h"

#include <yaml-cpp/yaml.h>

#include <set>

#include "configs/spec/text_file.h"

namespace systole::spec {
namespace {

std::string position(const std::string& file, const YAML::Mark& mark) {
  return file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

class Flattener {
 public:
  explicit Flattener(YamlDocument& document) : document_(document) {}

  Status map(const YAML::Node& node, const std::string& parent) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        return reject(entry.first, parent.empty() ? "(top)" : parent, "expected a name as key");
      }
      const std::string path = parent.empty() ? entry.first.Scalar() : parent + "." + entry.first.Scalar();
      if (!seen.insert(path).second) return reject(entry.first, path, "expected each key once, got a duplicate");
      SYSTOLE_RETURN_IF_ERROR(value(entry.first, entry.second, path));
    }
    return {};
  }

 private:
  Status reject(const YAML::Node& at, const std::string& path, const std::string& message) const {
    return Status(Code::kInvalidArgument, position(document_.file, at.Mark()) + ": " + path + ": " + message);
  }

  Status value(const YAML::Node& key, const YAML::Node& node, const std::string& path) {
    YamlValue result;
    result.path = path;
    result.line = key.Mark().line + 1;
    result.column = key.Mark().column + 1;
    if (node.IsMap()) {
      result.kind = YamlValue::Kind::kMap;
      document_.values.push_back(std::move(result));
      return map(node, path);
    }
    if (node.IsScalar()) {
      result.kind = YamlValue::Kind::kScalar;
      result.text = node.Scalar();
      result.quoted = node.Tag() == "!";
    } else if (node.IsSequence()) {
      result.kind = YamlValue::Kind::kList;
      for (const auto& item : node) {
        if (!item.IsScalar()) return reject(item, path, "expected a list of plain values, got a nested one");
        result.items.push_back(item.Scalar());
      }
    }
    document_.values.push_back(std::move(result));
    return {};
  }

  YamlDocument& document_;
};

}  // namespace

const YamlValue* YamlDocument::find(const std::string& path) const {
  for (const YamlValue& value : values) {
    if (value.path == path) return &value;
  }
  return nullptr;
}

std::string YamlDocument::at(const YamlValue& value, const std::string& message) const {
  return file + ":" + std::to_string(value.line) + ":" + std::to_string(value.column) + ": " + value.path + ": " +
         message;
}

Result<YamlDocument> parse_yaml(const std::string& text, const std::string& file) {
  YamlDocument document;
  document.file = file;
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap()) return Status(Code::kInvalidArgument, file + ":1:1: (top): expected a map of keys");
    SYSTOLE_RETURN_IF_ERROR(Flattener(document).map(root, ""));
  } catch (const YAML::Exception& error) {
    return Status(Code::kInvalidArgument, position(file, error.mark) + ": (syntax): " + error.msg);
  }
  return document;
}

Result<YamlDocument> read_yaml_file(const std::string& path) {
  SYSTOLE_ASSIGN_OR_RETURN(const std::string text, read_text_file(path));
  return parse_yaml(text, path);
}

}  // namespace systole::spec
