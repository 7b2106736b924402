// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One YAML file as flat data with positions: the only code that sees yaml-cpp. Nothing is typed here: a scalar stays
// the text that was written (quantity.h reads it), so that no library rule turns `010` into 8 or `on` into true.
#pragma once

#include <string>
#include <vector>

#include "hal/status.h"

namespace systole::spec {

struct YamlValue {
  enum class Kind { kScalar, kList, kMap, kNull };
  std::string path;  // "scratchpad.banks"
  Kind kind = Kind::kNull;
  std::string text;                // kScalar
  bool quoted = false;             // written in quotes: a string, whatever it looks like
  std::vector<std::string> items;  // kList of scalars
  int line = 0, column = 0;        // of the key, from 1
};

// Every key of every map, parents first, in the file's order.
struct YamlDocument {
  std::string file;
  std::vector<YamlValue> values;

  const YamlValue* find(const std::string& path) const;
  // "file:line:col: key: message"
  std::string at(const YamlValue& value, const std::string& message) const;
};

// Refuses what is no map, duplicate keys, aliases that name nothing, keys that are not scalars, nested lists. kNotFound
// where the file can't be read.
Result<YamlDocument> parse_yaml(const std::string& text, const std::string& file);
Result<YamlDocument> read_yaml_file(const std::string& path);

}  // namespace systole::spec
