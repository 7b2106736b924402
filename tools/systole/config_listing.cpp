// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/config_listing.h"

#include <algorithm>
#include <iostream>

#include "report/json_text.h"
#include "report/table.h"
#include "tools/systole/exit.h"

namespace systole::cli {

using Json = nlohmann::ordered_json;

void list_presets(const std::vector<spec::Preset>& presets, bool as_json) {
  Json json = Json::array();
  const bool structured =
      std::any_of(presets.begin(), presets.end(), [](const spec::Preset& preset) { return !preset.structure.empty(); });
  std::vector<report::Table::Column> columns = {{"preset"}, {"description", false, 110}};
  if (structured) columns.insert(columns.begin() + 1, {"structure"});
  report::Table table(columns);
  for (const spec::Preset& preset : presets) {
    std::vector<std::string> cells = {preset.name, preset.description};
    if (structured) cells.insert(cells.begin() + 1, preset.structure);
    table.add(cells);
    json.push_back(
        {{"name", preset.name}, {"path", preset.path}, {"description", preset.description}, {"valid", preset.valid}});
    if (structured) json.back()["structure"] = preset.structure;
  }
  std::cout << (as_json ? report::json_text(json) : table.text());
}

std::optional<int> list_or_refuse(const Options& options, const std::string& verb,
                                  std::vector<spec::Preset> (*presets)(), const char* needed) {
  const std::string action = options.text("action");
  if (action == "list") {
    list_presets(presets(), options.json());
    return kOk;
  }
  if (!action.empty() && action != "show")
    return usage_error(verb + ": unknown action '" + action + "'; list or show", verb);
  if (!options.has("config")) return usage_error(verb + ": missing --config NAME or FILE.yaml", verb);
  if (action.empty() && !options.has(needed)) return usage_error(verb + ": missing --" + needed, verb);
  return std::nullopt;
}

Json settings_json(const std::vector<spec::Setting>& settings) {
  Json json = Json::object();
  for (const spec::Setting& setting : settings) json[setting.key] = {{"value", setting.value}, {"unit", setting.unit}};
  return json;
}

void show_settings(const std::string& name, const std::string& description, const std::vector<spec::Setting>& settings,
                   const std::vector<std::string>& sources, bool as_json) {
  if (as_json) {
    std::cout << report::json_text(settings_json(settings));
    return;
  }
  std::cout << name << ": " << description << "\n";
  report::Table table({{"  key"}, {"value", false, 100}});
  for (const spec::Setting& setting : settings)
    if (setting.key.find('.') != std::string::npos)
      table.add({"  " + setting.key, setting.value + (setting.unit.empty() ? "" : " " + setting.unit)});
  std::cout << table.text();
  for (const std::string& source : sources) std::cout << "  source: " << source << "\n";
}

}  // namespace systole::cli
