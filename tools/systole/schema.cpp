// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The JSON Schema of hardware files, from the table that reads them.
#include "tools/systole/schema.h"

#include "configs/spec/load.h"

namespace systole::cli {

nlohmann::ordered_json npu_schema() {
  using Json = nlohmann::ordered_json;
  Json root = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
               {"title", "Systole NPU configuration"},
               {"type", "object"},
               {"additionalProperties", false},
               {"properties", Json::object()},
               {"required", Json::array()}};
  for (const spec::KeyDescription& key : spec::described_keys()) {
    Json value;
    if (key.list) {
      value = {{"type", "array"}, {"items", {{"type", "string"}}}};
    } else if (key.text) {
      value = {{"type", "string"}};
    } else if (key.unit.empty()) {
      value = {{"type", key.whole ? "integer" : "number"}, {"minimum", key.least}, {"maximum", key.most}};
    } else {
      value = {{"type", Json::array({"string", "number"})},
               {"description", "a number with a unit of " + key.unit + ", or in it; from " +
                                   std::to_string(static_cast<int64_t>(key.least)) + " to " +
                                   std::to_string(static_cast<int64_t>(key.most))}};
    }
    if (!key.required && !key.otherwise.empty()) value["default"] = key.otherwise;
    Json* object = &root;
    std::string name = key.key;
    if (const size_t dot = name.find('.'); dot != std::string::npos) {
      const std::string section = name.substr(0, dot);
      name = name.substr(dot + 1);
      Json& at = root["properties"][section];
      if (at.is_null()) at = {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
      object = &at;
    }
    (*object)["properties"][name] = std::move(value);
    if (key.required) (*object)["required"].push_back(name);
  }
  return root;
}

}  // namespace systole::cli
