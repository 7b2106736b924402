// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// NPUs, DRAMs and links by preset name or file: loading, overriding and describing them.
#pragma once

#include <string>
#include <vector>

#include "configs/spec/dram_device.h"
#include "configs/spec/link_spec.h"
#include "configs/spec/npu_spec.h"
#include "hal/status.h"

namespace systole::spec {

// A path when it ends in .yaml or has a '/', a preset's name otherwise. kNotFound names the nearest preset;
// kInvalidArgument reads "file:line:col: key: expected ..., got ...".
Result<NpuSpec> load_npu_spec(const std::string& preset_or_path);
Result<NpuSpec> parse_npu_spec(const std::string& text, const std::string& file);

// "array.rows=32", "dram.bytes_per_second=68GB/s". The spec is unchanged where it fails.
Status apply_override(NpuSpec& spec, const std::string& assignment);
// "array.rows:32,clock:1GHz": several, as in a device's URI. Those before the first that fails are applied.
Status apply_overrides(NpuSpec& spec, const std::string& assignments);

// The same for a DRAM, and for links.
Result<DramDevice> load_dram_device(const std::string& preset_or_path);
Result<DramDevice> parse_dram_device(const std::string& text, const std::string& file);
Status apply_override(DramDevice& device, const std::string& assignment);
Result<LinkSpec> load_link_spec(const std::string& preset_or_path);
Result<LinkSpec> parse_link_spec(const std::string& text, const std::string& file);
Status apply_override(LinkSpec& spec, const std::string& assignment);

// The same for an energy table.
Result<EnergyTable> load_energy_table(const std::string& preset_or_path);
Result<EnergyTable> parse_energy_table(const std::string& text, const std::string& file);

struct Preset {
  std::string name, path;
  std::string description;  // or what is wrong with its file
  bool valid = false;
  std::string structure;  // of an NPU: exact, analogue, estimate-only
};
// Sorted by name. Looked for in $SYSTOLE_CONFIGS/npu, /dram, /links and /energy where that is set; else in the
// installation that this library or program lies in, wherever that was moved; else in the source tree; else where the
// build was to be installed.
std::vector<Preset> npu_presets();
std::vector<Preset> dram_presets();
std::vector<Preset> link_presets();
std::vector<Preset> energy_presets();

// The NPU's SystemVerilog, looked for in the same places.
std::string rtl_directory();

// One resolved value: in the base unit, so that programs can read it.
struct Setting {
  std::string key, value, unit;
};
std::vector<Setting> resolved_settings(const NpuSpec& spec);
std::vector<Setting> resolved_settings(const DramDevice& device);
std::vector<Setting> resolved_settings(const LinkSpec& spec);
// One key that a hardware file may have. least and most: of numbers, in the base unit.
struct KeyDescription {
  std::string key, unit, otherwise;  // otherwise: the default, "" where the key is required
  bool required = false, text = false, list = false, whole = false;
  double least = 0, most = 0;
};
std::vector<KeyDescription> described_keys();
// For people: a block of lines.
std::string describe(const NpuSpec& spec);

// Multiply-accumulates a cycle; 0 where the array can't multiply the type.
double peak_macs_per_cycle_i8(const NpuSpec& spec);
double peak_macs_per_cycle_bf16(const NpuSpec& spec);
int64_t accumulator_bytes(const NpuSpec& spec);

}  // namespace systole::spec
