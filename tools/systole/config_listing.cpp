// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/config_listing.h"

#include <iostream>

#include "report/table.h"

namespace systole::cli {

using Json = nlohmann::ordered_json;

void list_presets(const std::vector<spec::Preset>& presets, bool as_json) {
  Json json = Json::array();
  report::Table table({{"preset"}, {"description", false, 110}});
  for (const spec::Preset& preset : presets) {
    table.add({preset.name, preset.description});
    json.push_back(
        {{"name", preset.name}, {"path", preset.path}, {"description", preset.description}, {"valid", preset.valid}});
  }
  std::cout << (as_json ? json.dump(2) + "\n" : table.text());
}

Json settings_json(const std::vector<spec::Setting>& settings) {
  Json json = Json::object();
  for (const spec::Setting& setting : settings) json[setting.key] = {{"value", setting.value}, {"unit", setting.unit}};
  return json;
}

}  // namespace systole::cli
