// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "report/peaks_text.h"

#include <nlohmann/json.hpp>

#include "hal/profile.h"
#include "report/table.h"

namespace systole::report {

nlohmann::ordered_json peaks_json(const Peaks& peaks) {
  nlohmann::ordered_json json{{"kind", number_kind_name(NumberKind::kMeasured)},
                              {"compute", nlohmann::ordered_json::array()},
                              {"memory", nlohmann::ordered_json::array()}};
  for (const Peaks::Compute& each : peaks.compute)
    json["compute"].push_back({{"type", dtype_name(each.type)}, {"macs_per_s", each.macs_per_s}});
  for (const Peaks::Memory& each : peaks.memory)
    json["memory"].push_back(
        {{"probe", each.probe}, {"footprint_bytes", each.bytes}, {"bytes_per_s", each.bytes_per_s}});
  if (peaks.stream_over_copy() > 0) json["stream_over_copy"] = peaks.stream_over_copy();
  return json;
}

std::string peaks_table(const Peaks& peaks) {
  Table table({{"probe"}, {"of"}, {"rate", true}});
  for (const Peaks::Compute& each : peaks.compute)
    table.add({"compute", dtype_name(each.type), si(2 * each.macs_per_s, "OP/s")});
  for (const Peaks::Memory& each : peaks.memory)
    table.add({each.probe, binary_bytes(static_cast<double>(each.bytes)), si(each.bytes_per_s, "B/s")});
  std::string text = table.text();
  if (peaks.stream_over_copy() > 0) text += "stream is " + percent(peaks.stream_over_copy()) + " of copy\n";
  return text;
}

}  // namespace systole::report
