// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "configs/spec/dram_keys.h"
#include "configs/spec/link_keys.h"
#include "configs/spec/load.h"
#include "configs/spec/npu_keys.h"

namespace systole::spec {
namespace {

std::string size_text(int64_t bytes) {
  const char* names[] = {"B", "KiB", "MiB", "GiB"};
  int step = 0;
  while (step < 3 && bytes % 1024 == 0 && bytes >= 1024) bytes /= 1024, ++step;
  return std::to_string(bytes) + " " + names[step];
}

std::vector<Setting> settings_of(Keys keys, void* spec) {
  std::vector<Setting> result;
  for (const KeyInfo& key : keys) result.push_back({key.path, value_text(key.slot(spec)), base_unit(key.dimension)});
  return result;
}

}  // namespace

std::vector<Setting> resolved_settings(const NpuSpec& spec) {
  NpuSpec copy = spec;
  return settings_of(npu_keys(), &copy);
}

std::vector<Setting> resolved_settings(const DramDevice& device) {
  DramDevice copy = device;
  return settings_of(dram_keys(), &copy);
}

std::vector<Setting> resolved_settings(const LinkSpec& spec) {
  LinkSpec copy = spec;
  return settings_of(link_keys(), &copy);
}

std::vector<KeyDescription> described_keys() {
  NpuSpec defaults;
  std::vector<KeyDescription> result;
  for (const KeyInfo& key : npu_keys()) {
    const Slot slot = key.slot(&defaults);
    KeyDescription d;
    d.key = key.path, d.unit = base_unit(key.dimension), d.required = key.required;
    if (!d.required) d.otherwise = value_text(slot);
    d.text = std::holds_alternative<std::string*>(slot),
    d.list = std::holds_alternative<std::vector<std::string>*>(slot);
    d.whole = std::holds_alternative<int*>(slot) || std::holds_alternative<int64_t*>(slot);
    d.least = key.least, d.most = key.most;
    result.push_back(std::move(d));
  }
  return result;
}

double peak_macs_per_cycle_i8(const NpuSpec& spec) {
  const ArraySpec& a = spec.array;
  return a.int8_interval ? static_cast<double>(a.rows) * a.cols * spec.cores / a.int8_interval : 0.0;
}

double peak_macs_per_cycle_bf16(const NpuSpec& spec) {
  const ArraySpec& a = spec.array;
  return a.bf16_interval ? static_cast<double>(a.rows) * a.cols * spec.cores / a.bf16_interval : 0.0;
}

int64_t accumulator_bytes(const NpuSpec& spec) {
  return static_cast<int64_t>(spec.accumulator.rows) * spec.array.cols * 4;
}

std::string describe(const NpuSpec& s) {
  const auto tops = [&](double macs) { return macs * 2 * static_cast<double>(s.clock.hz) / 1e12; };
  char line[256];
  std::string text = s.name + ": " + s.description + "\n";
  const auto add = [&](auto... values) {
    std::snprintf(line, sizeof line, values...);
    text += line;
  };
  add("  structure    %s\n", s.structure.c_str());
  if (s.cores > 1) add("  cores        %d, each with the array and memories below; rates are all cores'\n", s.cores);
  add("  array        %d x %d at %.9g MHz: %.4g TOPS int8, %.4g TFLOPS bf16\n", s.array.rows, s.array.cols,
      static_cast<double>(s.clock.hz) / 1e6, tops(peak_macs_per_cycle_i8(s)), tops(peak_macs_per_cycle_bf16(s)));
  add("  scratchpad   %s in %d banks, lines of %d bytes\n", size_text(s.scratchpad.bytes).c_str(), s.scratchpad.banks,
      s.scratchpad.line_bytes);
  add("  accumulators %s (%d rows)\n", size_text(accumulator_bytes(s)).c_str(), s.accumulator.rows);
  add("  vector       %d lanes\n", s.vector.lanes);
  if (s.dram.timing == "fixed")
    add("  dram         %s, %d cycles after any request\n", size_text(s.dram.bytes).c_str(), s.dram.latency_cycles);
  else
    add("  dram         %s, %.4g GB/s over %d channels\n", size_text(s.dram.bytes).c_str(),
        s.dram.bytes_per_second / 1e9, s.dram.channels);
  for (const Setting& setting : resolved_settings(s)) {
    if (setting.key.find('.') == std::string::npos) continue;
    add("  %-28s %s%s%s\n", setting.key.c_str(), setting.value.c_str(), setting.unit.empty() ? "" : " ",
        setting.unit.c_str());
  }
  for (const std::string& source : s.sources) text += "  source: " + source + "\n";
  return text;
}

}  // namespace systole::spec
