// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Keys of a YAML file as a table: where each value goes, its dimension, its range. Reading, overriding, validating and
// describing all walk such a table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "configs/spec/quantity.h"
#include "configs/spec/yaml_reader.h"

namespace systole::spec {

using Slot = std::variant<int*, int64_t*, double*, std::string*, std::vector<std::string>*>;

struct KeyInfo {
  const char* path;
  Dimension dimension;
  bool required;
  double least, most;        // numbers only, in the base unit
  Slot (*slot)(void* spec);  // spec: of the type that the table is for
};
using Keys = std::span<const KeyInfo>;

const KeyInfo* find_key(Keys keys, const std::string& path);  // null where nothing has this path

// Puts the document's values where the keys say. kInvalidArgument reads "file:line:col: key: expected ..., got ...".
Status fill(Keys keys, void* spec, const YamlDocument& document);
// One value from the command line; what is wrong reads "expected ..., got ...".
Status assign_text(const KeyInfo& key, void* spec, const std::string& text);
// "expected a known key (nearest: ...), got ..."
std::string unknown_key(Keys keys, const std::string& path);
std::string value_text(const Slot& slot);

// What the values say together; the range of each alone is checked when it is read. `key` names the one to blame;
// kUnsupported: hardware that may well exist, but no model of it does.
struct Complaint {
  std::string key, message;
  Code code = Code::kInvalidArgument;
};
// At the key's place in the file.
Status status_of(const Complaint& complaint, const YamlDocument& document);

// What a document says. `settle` fills in what follows from its values and gives what they don't agree on.
template <class Spec, class Settle>
Result<Spec> resolve(Keys keys, const YamlDocument& document, Settle settle) {
  Spec spec;
  spec.file = document.file;
  SYSTOLE_RETURN_IF_ERROR(fill(keys, &spec, document));
  for (const Complaint& complaint : settle(spec)) return status_of(complaint, document);
  return spec;
}

}  // namespace systole::spec
