// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// From a URI to an NPU.
#include <algorithm>

#include "configs/spec/quantity.h"
#include "devices/npu/device.h"
#include "devices/npu/npu_device.h"
#include "devices/npu/transport_rtl.h"
#include "devices/npu/transport_sim.h"

namespace systole {
namespace npu {
namespace {

constexpr uint32_t kWatchdogDefault = 10000000;  // the register's reset value

struct Options {
  ModelOptions model;
  uint32_t watchdog_cycles = kWatchdogDefault;
  Residency residency = Residency::kTensors;
  std::string fidelity = "model", waves;
};

Status wrong(const DeviceUri& uri, const std::string& key, const std::string& message,
             Code code = Code::kInvalidArgument) {
  return Status(code, "device '" + uri.to_string() + "': " + key + ": " + message);
}

Result<bool> on_or_off(const DeviceUri& uri, const std::string& key, const std::string& text) {
  if (text == "on") return true;
  if (text == "off") return false;
  return wrong(uri, key, "expected on or off, got '" + text + "'");
}

Result<Residency> parse_residency(const DeviceUri& uri, const std::string& text) {
  if (text == "on") return Residency::kTensors;
  if (text == "weights") return Residency::kWeights;
  if (text == "both") return Residency::kBoth;
  if (text == "off") return Residency::kOff;
  return wrong(uri, "residency", "expected on, weights, both or off, got '" + text + "'");
}

Status check_fidelity(const DeviceUri& uri, const std::string& fidelity) {
  if (fidelity == "model" || fidelity == "rtl") return {};
  if (fidelity == "estimate") {
    return Status(Code::kUnsupported, "device '" + uri.to_string() +
                                          "': fidelity=estimate: an NPU has no closed-form estimate here; use model");
  }
  return wrong(uri, "fidelity", "expected estimate, model or rtl, got '" + fidelity + "'");
}

Result<Options> parse_options(const DeviceUri& uri) {
  Options options;
  for (const auto& [key, text] : uri.options) {
    if (key == "fidelity") {
      options.fidelity = text;
    } else if (key == "functional") {
      SYSTOLE_ASSIGN_OR_RETURN(options.model.functional, on_or_off(uri, key, text));
    } else if (key == "race_check") {
      SYSTOLE_ASSIGN_OR_RETURN(options.model.race_check, on_or_off(uri, key, text));
    } else if (key == "fast_forward") {
      SYSTOLE_ASSIGN_OR_RETURN(options.model.fast_forward, on_or_off(uri, key, text));
    } else if (key == "waves") {
      options.waves = text;
    } else if (key == "residency") {
      SYSTOLE_ASSIGN_OR_RETURN(options.residency, parse_residency(uri, text));
    } else if (key == "watchdog") {
      const auto cycles = spec::parse_whole(text, spec::Dimension::kCount);
      if (!cycles.ok()) return wrong(uri, key, cycles.status().message());
      if (*cycles > INT32_MAX) return wrong(uri, key, "expected at most 2147483647 cycles, got " + text);
      options.watchdog_cycles = static_cast<uint32_t>(*cycles);
    }
  }
  SYSTOLE_RETURN_IF_ERROR(check_fidelity(uri, options.fidelity));
  if (options.fidelity == "rtl" && (!options.model.functional || options.model.race_check))
    return wrong(uri, "fidelity",
                 "RTL always computes values, and finds no races: functional=off and race_check=on are the model's");
  if (options.fidelity != "rtl" && !options.waves.empty())
    return wrong(uri, "waves", "only fidelity=rtl writes waveforms");
  return options;
}

// Deep, so that a simulator is seldom stopped to refill it.
uint32_t ring_size(const spec::NpuSpec& spec) {
  uint32_t count = 65536;
  while (count > 2 && static_cast<int64_t>(count) * contract::kDescriptorBytes > spec.dram.bytes / 16 / spec.cores)
    count /= 2;
  return count;
}

Status check_capabilities(const Capabilities& caps, const spec::NpuSpec& spec) {
  const auto check = [](const char* name, uint64_t device, int64_t wanted) {
    if (device == static_cast<uint64_t>(wanted)) return Status();
    return Status(Code::kFailedPrecondition, std::string("the device's ") + name + " is " + std::to_string(device) +
                                                 ", its hardware file says " + std::to_string(wanted));
  };
  SYSTOLE_RETURN_IF_ERROR(check("array rows", caps.rows, spec.array.rows));
  SYSTOLE_RETURN_IF_ERROR(check("array columns", caps.cols, spec.array.cols));
  SYSTOLE_RETURN_IF_ERROR(check("scratchpad size", caps.scratchpad_bytes, spec.scratchpad.bytes));
  SYSTOLE_RETURN_IF_ERROR(check("accumulator rows", caps.accumulator_rows, spec.accumulator.rows));
  SYSTOLE_RETURN_IF_ERROR(check("number of cores", caps.cores, spec.cores));
  return check("memory size", caps.dram_bytes, spec.dram.bytes);
}

Result<std::shared_ptr<Device>> open(const DeviceUri& uri) {
  if (uri.name.empty()) return wrong(uri, "name", "expected npu:PRESET or npu:FILE.yaml");
  SYSTOLE_ASSIGN_OR_RETURN(const Options options, parse_options(uri));
  SYSTOLE_ASSIGN_OR_RETURN(spec::NpuSpec spec, spec::load_npu_spec(uri.name));
  if (const auto set = uri.options.find("set"); set != uri.options.end()) {
    if (const Status status = spec::apply_overrides(spec, set->second); !status.ok())
      return wrong(uri, "set", status.message(), status.code());
  }
  ModelOptions model = options.model;
  model.rtl = spec::rtl_directory();
  SYSTOLE_ASSIGN_OR_RETURN(auto transport, options.fidelity == "rtl"
                                               ? make_rtl_transport(spec, {spec::rtl_directory(), "", options.waves})
                                               : make_model_transport(spec, model));
  SYSTOLE_ASSIGN_OR_RETURN(auto hardware, bring_up(spec, std::move(transport), options.watchdog_cycles));
  hardware->functional = options.model.functional;
  DeviceUri canonical = uri;
  canonical.options["fidelity"] = options.fidelity;
  return std::shared_ptr<Device>(
      std::make_shared<NpuDevice>(canonical.to_string(), std::move(hardware), options.residency));
}

std::vector<OptionState> option_states(const std::string& name) {
  const auto spec = spec::load_npu_spec(name);
  return {{"fidelity=rtl", spec.ok() ? rtl_availability(*spec, {spec::rtl_directory(), "", ""}) : spec.status()}};
}

}  // namespace

Result<std::shared_ptr<Hardware>> bring_up(const spec::NpuSpec& spec, std::unique_ptr<Transport> transport,
                                           uint32_t watchdog_cycles) {
  DriverConfig config;
  config.ring_descriptors = ring_size(spec);
  config.cores = static_cast<uint32_t>(spec.cores);
  config.dram_bytes = static_cast<uint64_t>(spec.dram.bytes);
  config.watchdog_cycles = watchdog_cycles;
  config.timeout_cycles = 2ull * std::max(watchdog_cycles, kWatchdogDefault);
  auto hardware = std::make_shared<Hardware>(spec, std::move(transport), config);
  SYSTOLE_ASSIGN_OR_RETURN(const Capabilities caps, hardware->driver.probe());
  SYSTOLE_RETURN_IF_ERROR(check_capabilities(caps, spec));
  config.core_stride_log2 = caps.core_stride_log2;
  SYSTOLE_RETURN_IF_ERROR(hardware->driver.init(config));
  return hardware;
}

}  // namespace npu

DriverInfo npu_driver() {
  DriverInfo driver;
  driver.scheme = "npu";
  driver.description = "systolic-array NPU from a hardware file, simulated in SystemC";
  driver.option_names = {"fast_forward", "fidelity", "functional", "race_check",
                         "residency",    "set",      "watchdog",   "waves"};
  driver.enumerate = [] {
    std::vector<std::pair<std::string, std::string>> names;
    for (const spec::Preset& preset : spec::npu_presets()) names.emplace_back(preset.name, preset.description);
    return names;
  };
  driver.availability = [] { return Status(); };
  driver.option_states = npu::option_states;
  driver.open = npu::open;
  return driver;
}

}  // namespace systole
