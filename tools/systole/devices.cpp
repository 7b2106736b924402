// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <nlohmann/json.hpp>

#include "report/json_text.h"
#include "report/table.h"
#include "tools/systole/device_registry.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

const char* state_name(const Status& state) {
  if (state.ok()) return "available";
  return state.code() == Code::kUnsupported ? "unsupported" : "unavailable";
}

}  // namespace

int run_devices(const Arguments& arguments) {
  Options options(
      "devices", "devices [--json]",
      "Lists every device that can be named with --device, and for one that is missing here what would give it; so "
      "too\n"
      "the options that need more than their device does, as an NPU's RTL.\n"
      "An NPU's fidelity and the number of CPU threads are options of its name: 'npu:edge-16x16?fidelity=model',\n"
      "'cpu?threads=1'.\n\n"
      "  systole devices\n  systole run lenet5 --device 'npu:edge-16x16?race_check=on'");
  if (!options.parse(arguments)) return options.exit_code;

  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  report::Table table({{"device"}, {"state"}, {"description", false, 100}});
  for (const DriverInfo& driver : devices().drivers()) {
    const Status available = driver.availability ? driver.availability() : Status();
    for (const auto& [name, description] : driver.enumerate()) {
      const std::string uri = name.empty() ? driver.scheme : driver.scheme + ":" + name;
      table.add({uri, state_name(available), available.ok() ? description : available.message()});
      nlohmann::ordered_json states = nlohmann::ordered_json::array();
      for (const OptionState& each : driver.option_states ? driver.option_states(name) : std::vector<OptionState>()) {
        table.add({uri + "?" + each.option, state_name(each.state), each.state.message()});
        states.push_back(
            {{"option", each.option}, {"state", state_name(each.state)}, {"missing", each.state.message()}});
      }
      json.push_back({{"device", uri},
                      {"available", available.ok()},
                      {"description", description},
                      {"options", driver.option_names},
                      {"option_states", states},
                      {"missing", available.message()}});
    }
    if (!available.ok() || !driver.missing) continue;
    for (const auto& [name, state] : driver.missing()) {
      const std::string uri = driver.scheme + ":" + name;
      table.add({uri, state_name(state), state.message()});
      json.push_back({{"device", uri},
                      {"available", false},
                      {"description", ""},
                      {"options", driver.option_names},
                      {"option_states", nlohmann::ordered_json::array()},
                      {"missing", state.message()}});
    }
  }
  std::cout << (options.json() ? report::json_text(json) : table.text());
  return 0;
}

}  // namespace systole::cli
