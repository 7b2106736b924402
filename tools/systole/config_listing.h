// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What verbs say of configuration files: presets, and every value that holds.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "configs/spec/load.h"
#include "tools/systole/verb.h"

namespace systole::cli {

void list_presets(const std::vector<spec::Preset>& presets, bool as_json);
// The exit code of `VERB list`, or of a usage error: another action than list and show, no --config, or no `needed`
// option where there is no action. None where the verb goes on.
std::optional<int> list_or_refuse(const Options& options, const std::string& verb,
                                  std::vector<spec::Preset> (*presets)(), const char* needed);
// What `show` prints of a file: a table, or JSON.
void show_settings(const std::string& name, const std::string& description, const std::vector<spec::Setting>& settings,
                   const std::vector<std::string>& sources, bool as_json);
nlohmann::ordered_json settings_json(const std::vector<spec::Setting>& settings);

}  // namespace systole::cli
