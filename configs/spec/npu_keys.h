// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every key of an NPU's YAML file: where its value goes, its dimension, its range. Reading, overriding, validating and
// describing all walk this one table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "configs/spec/quantity.h"
#include "configs/spec/yaml_reader.h"

namespace systole::spec {

using Slot = std::variant<int*, int64_t*, double*, std::string*, std::vector<std::string>*>;

struct KeyInfo {
  const char* path;
  Dimension dimension;
  bool required;
  double least, most;  // numbers only, in the base unit
  Slot (*slot)(NpuSpec&);
};

std::span<const KeyInfo> npu_keys();
const KeyInfo* find_key(const std::string& path);  // null where nothing has this path

Result<NpuSpec> resolve_npu_spec(const YamlDocument& document);

// What the values say together; the range of each alone is checked when it is read. `key` names the one to blame;
// kUnsupported: hardware that may well exist, but no model of it does.
struct Complaint {
  std::string key, message;
  Code code = Code::kInvalidArgument;
};
std::vector<Complaint> inconsistencies(const NpuSpec& spec);

}  // namespace systole::spec
