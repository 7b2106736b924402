// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/bench_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/json_text.h"
#include "report/peaks_text.h"
#include "report/table.h"
#include "serve/measures.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;
using report::percent;
using report::si;

double least_of(const std::vector<double>& ns) { return ns.empty() ? 0 : *std::min_element(ns.begin(), ns.end()); }

void add_times(const std::vector<double>& ns, Json& json) {
  const serve::Percentiles p = serve::percentiles(ns);
  json["min_ns"] = least_of(ns);
  json["p50_ns"] = p.p50;
  json["p90_ns"] = p.p90;
  json["p99_ns"] = p.p99;
}

// Of the least time taken.
double roofline_share(const Roof& roof, const OpTimes& op) {
  return least_of(op.ns) > 0 ? roof.seconds() * 1e9 / least_of(op.ns) : 0;
}

}  // namespace

std::string bench_json(const Measured& measured) {
  Json json{{"model", measured.what},
            {"device", measured.device},
            {"kind", number_kind_name(measured.kind)},
            {"iterations", measured.run_ns.size()}};
  add_times(measured.run_ns, json);
  if (measured.peaks != Peaks()) json["peaks"] = report::peaks_json(measured.peaks);
  json["ops"] = Json::array();
  for (const OpTimes& op : measured.ops) {
    Json row{{"name", op.name}, {"op", op.op}, {"output", op.output}};
    add_times(op.ns, row);
    row["macs"] = op.macs;
    row["compulsory_bytes"] = op.bytes;
    const Roof roof = roof_of(measured.peaks, op.type, op.macs, op.bytes);
    if (roof.seconds() > 0 && least_of(op.ns) > 0) {
      row["roofline_ns"] = roof.seconds() * 1e9;
      row["roofline_share"] = roofline_share(roof, op);
      row["roofline_bound"] = roof.bound();
    }
    json["ops"].push_back(std::move(row));
  }
  return report::json_text(json);
}

std::string bench_text(const Measured& measured) {
  double sum = 0;
  for (const OpTimes& op : measured.ops) sum += least_of(op.ns);
  report::Table table({{"op", false, 40},
                       {"kind"},
                       {"output", false, 30},
                       {"least", true},
                       {"median", true},
                       {"99 %", true},
                       {"of all", true},
                       {"OP/s", true},
                       {"B/s", true},
                       {"of roofline", true},
                       {"bound by"}});
  for (const OpTimes& op : measured.ops) {
    const double seconds = least_of(op.ns) * 1e-9;
    if (seconds <= 0) continue;
    const serve::Percentiles p = serve::percentiles(op.ns);
    const Roof roof = roof_of(measured.peaks, op.type, op.macs, op.bytes);
    table.add({op.name, op.op, op.output, si(seconds, "s"), si(p.p50 * 1e-9, "s"), si(p.p99 * 1e-9, "s"),
               percent(seconds * 1e9 / sum), op.macs > 0 ? si(2 * static_cast<double>(op.macs) / seconds, "") : "",
               op.bytes > 0 ? si(static_cast<double>(op.bytes) / seconds, "") : "",
               roof.seconds() > 0 ? percent(roofline_share(roof, op)) : "", roof.bound()});
  }
  const serve::Percentiles runs = serve::percentiles(measured.run_ns);
  std::string text = table.text() + "\n" + measured.what + " on " + measured.device + "\n";
  text += "runs         " + std::to_string(measured.run_ns.size()) + " " + number_kind_name(measured.kind) +
          ": least " + si(least_of(measured.run_ns) * 1e-9, "s") + ", median " + si(runs.p50 * 1e-9, "s") +
          ", 90 % within " + si(runs.p90 * 1e-9, "s") + ", 99 % within " + si(runs.p99 * 1e-9, "s") +
          "; ops' least times add up to " + si(sum * 1e-9, "s") + "\n";
  if (measured.peaks != Peaks()) text += "\n" + report::peaks_table(measured.peaks);
  return text;
}

}  // namespace systole::cli
