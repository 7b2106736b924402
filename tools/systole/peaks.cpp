// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/peaks.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "report/json_text.h"
#include "report/peaks_text.h"
#include "tools/systole/device_registry.h"
#include "tools/systole/exit.h"
#include "tools/systole/progress.h"
#include "tools/systole/verb.h"

namespace systole::cli {

Result<std::optional<Peaks>> peaks_of(Device& device, bool again) {
  auto* source = dynamic_cast<PeakSource*>(&device);
  if (source == nullptr) return std::optional<Peaks>();
  std::optional<Progress> progress;
  auto peaks = cached_peaks(*source, DiskCache(cache_directory("SYSTOLE_PEAKS_CACHE", "peaks")), again, [&] {
    end_progress();
    tell_on_terminal("measuring what " + device.info().uri + " reaches at best; later runs find it kept");
    progress.emplace("measuring peaks of " + device.info().uri);
  });
  if (!peaks.ok()) return peaks.status();
  return std::optional<Peaks>(std::move(peaks).value());
}

int run_peaks(const Arguments& arguments) {
  Options options(
      "peaks", "peaks [--device D] [--again] [--json]",
      "What a device reaches at best, measured: the roofline that 'run' and 'bench' hold ops against. compute: "
      "multiply-\n"
      "accumulates (2 operations each) in registers, by the operands' type; a type without a line is computed as "
      "another.\n"
      "read: bytes summed up, by footprint, so that caches are seen; stream: y = x + s, and copy: the runtime's own "
      "within\n"
      "the device's memory, both with bytes read and bytes written; to_device, from_device: from and to pinned memory "
      "of the\n"
      "host. Figures are kept per device and driver; measure on a machine that does nothing else.\n\n"
      "  systole peaks --device 'cpu?threads=1'\n  systole peaks --device gpu --again");
  options.add()("device,d", po::value<std::string>()->default_value("cpu"), "a device, with ?key=value options")(
      "again", "measure also where figures are kept, and replace them");
  if (!options.parse(arguments)) return options.exit_code;
  auto device = open_device(options.text("device"));
  if (!device.ok()) return fail(device.status());
  auto peaks = peaks_of(**device, options.has("again"));
  if (!peaks.ok()) return fail(peaks.status(), "peaks");
  const std::string& uri = (*device)->info().uri;
  if (!*peaks)
    return fail(
        Status(Code::kUnsupported, "device '" + uri + "' measures no peaks: its times are not those of hardware"),
        "peaks");
  if (options.json()) {
    nlohmann::ordered_json json = report::peaks_json(**peaks);
    json["device"] = uri;
    std::cout << report::json_text(json);
  } else {
    std::cout << uri << ": " << (*device)->info().description << "\n" << report::peaks_table(**peaks);
  }
  return kOk;
}

}  // namespace systole::cli
