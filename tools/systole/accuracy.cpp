// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/accuracy.h"

#include <algorithm>
#include <cstdio>

#include "configs/spec/load.h"
#include "configs/spec/validation.h"
#include "devices/npu/transport_rtl.h"
#include "hal/registry.h"

namespace systole::cli {
namespace {

std::string beside_rtl(const spec::NpuSpec& spec, const DeviceUri& uri) {
  if (const auto fidelity = uri.options.find("fidelity"); fidelity != uri.options.end() && fidelity->second == "rtl")
    return "this is the RTL";
  const Status rtl = npu::rtl_availability(spec, {spec::rtl_directory(), "", ""});
  if (rtl.code() == Code::kUnsupported) return "not comparable: " + rtl.message();
  return "equal to the cycle in every case compared (docs/rtl.md)";
}

std::string beside_dram_reference(const spec::NpuSpec& spec) {
  if (spec.dram.timing == "fixed") return "a fixed latency, no model of a DRAM";
  if (spec.dram.config.empty()) return "the simple controller (docs/timing.md, section 7): uncalibrated";
  const auto known = spec::load_known_errors("dram");
  if (!known.ok()) return known.status().message();
  const auto found = std::find_if(known->begin(), known->end(),
                                  [&](const spec::KnownError& one) { return one.hardware == spec.dram.config; });
  if (found == known->end()) return spec.dram.config + " at bank level: uncalibrated, not compared with a reference";
  char text[96];
  std::snprintf(text, sizeof text, ": cycles of %lld traces %.3f %% off in the mean, %.3f %% at most",
                static_cast<long long>(found->cases), found->mean_percent, found->worst_percent);
  return spec.dram.config + " at bank level beside " + found->source + text;
}

void published(const spec::NpuSpec& spec, report::Accuracy& accuracy) {
  const auto known = spec::load_known_errors("published");
  if (!known.ok()) {
    accuracy.uncalibrated = known.status().message();
    return;
  }
  for (const spec::KnownError& one : *known)
    if (one.hardware == spec.name)
      accuracy.published.push_back(
          {one.source, one.kind, one.structure, one.cases, one.mean_percent, one.worst_percent, one.worst_case});
  if (accuracy.published.empty()) accuracy.uncalibrated = "no published figure of this preset was compared";
}

}  // namespace

report::Accuracy accuracy_of(const DeviceInfo& device) {
  report::Accuracy accuracy{device.simulated ? "simulated" : "measured", "", "", "", "", {}, ""};
  const auto uri = parse_device_uri(device.uri);
  if (!device.simulated || !uri.ok()) return accuracy;
  const auto spec = overridden_spec(*uri);
  if (!spec.ok()) {
    accuracy.rtl = accuracy.dram = accuracy.uncalibrated = spec.status().message();
    return accuracy;
  }
  const auto plain = spec::load_npu_spec(uri->name);
  const bool preset = uri->name.find('/') == std::string::npos && !uri->name.ends_with(".yaml");
  const bool changed = !(plain.ok() && *plain == *spec);
  accuracy.config = (preset ? "preset " : "file ") + uri->name + (changed ? " with overrides" : "");
  accuracy.structure = spec->structure;
  accuracy.rtl = beside_rtl(*spec, *uri);
  accuracy.dram = beside_dram_reference(*spec);
  if (!preset || changed)
    accuracy.uncalibrated =
        std::string(preset ? "the preset's values are overridden" : "a hardware file of one's own") +
        ", which no published figure was compared with";
  else
    published(*spec, accuracy);
  return accuracy;
}

Result<spec::NpuSpec> overridden_spec(const DeviceUri& uri) {
  SYSTOLE_ASSIGN_OR_RETURN(spec::NpuSpec spec, spec::load_npu_spec(uri.name));
  if (const auto set = uri.options.find("set"); set != uri.options.end())
    SYSTOLE_RETURN_IF_ERROR(spec::apply_overrides(spec, set->second));
  return spec;
}

}  // namespace systole::cli
