// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/run_text.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "report/table.h"

namespace systole::cli {
namespace {

using report::binary_bytes;
using report::Bound;
using report::percent;
using report::si;
using report::with_separators;

std::string format(const char* text, double a, double b = 0) {
  char line[160];
  std::snprintf(line, sizeof line, text, a, b);
  return line;
}

std::string or_blank(double value, const std::string& text) { return value > 0 ? text : ""; }

// Means are over the simulated cycles.
void limits(std::string& text, const report::Totals& sum, double cores) {
  const report::Limits& l = sum.limits;
  const auto mean = [&](int64_t over_cycles) {
    return static_cast<double>(over_cycles) / static_cast<double>(sum.cycles);
  };
  if (l.l2_hits + l.l2_misses > 0)
    text += "L2           " + percent(l.l2_hit_rate()) + " of the bursts hit (" + with_separators(l.l2_hits) +
            " hits, " + with_separators(l.l2_misses) + " misses), " + with_separators(l.l2_write_backs) +
            " written back\n";
  if (l.row_hits + l.row_misses > 0)
    text += "row hits     " + percent(l.row_hit_rate()) + " of the bursts" +
            format("; in flight %.3g reads, %.3g writes in the mean", mean(l.read_flight_cycles),
                   mean(l.write_flight_cycles)) +
            "\n";
  text += "queues      ";
  for (size_t q = 0; q < report::kQueueNames.size(); ++q)
    text += std::string(q ? ", " : " ") + report::kQueueNames[q] + format(" %.3g", mean(l.queue_cycles[q])) + " (" +
            std::to_string(l.queue_most[q]) + ")";
  text += cores > 1 ? " commands waiting in the mean in all cores (at most in one)\n"
                    : " commands waiting in the mean (at most)\n";
}

void energy(std::string& text, const report::Totals& sum, double clock_hz) {
  const report::Limits& l = sum.limits;
  text += "energy       ";
  if (l.energy_pj == 0) {
    text += "not told: the hardware names no energy.table\n";
    return;
  }
  const double joules = static_cast<double>(l.energy_pj) * 1e-12;
  text += si(joules, "J") + " estimated:";
  for (size_t p = 0; p < report::kEnergyParts.size(); ++p)
    text += std::string(p ? ", " : " ") + report::kEnergyParts[p] + " " +
            percent(static_cast<double>(l.energy_parts_pj[p]) / static_cast<double>(l.energy_pj));
  if (sum.device_macs > 0)
    text += format("; %.3g pJ a MAC", static_cast<double>(l.energy_pj) / static_cast<double>(sum.device_macs));
  text += ", " + si(joules * clock_hz / static_cast<double>(sum.cycles), "W") + "\n";
}

void achieved(std::string& text, const report::Totals& sum, int64_t least_bytes, const DeviceInfo& device) {
  const double clock = report::limit(device, "clock_hz");
  if (sum.cycles == 0 || clock == 0) return;
  const double seconds = static_cast<double>(sum.cycles) / clock;
  const double bytes = static_cast<double>(sum.dram_read_bytes + sum.dram_write_bytes);
  text += "compute      " + si(static_cast<double>(sum.device_macs) * 2 / seconds, "OP/s") + ", " +
          percent(sum.utilization) + " of the array's peak\n";
  text += "DRAM         " + binary_bytes(static_cast<double>(sum.dram_read_bytes)) + " read, " +
          binary_bytes(static_cast<double>(sum.dram_write_bytes)) + " written (" +
          binary_bytes(static_cast<double>(sum.compulsory_bytes)) + " if every operand moved once, " +
          binary_bytes(static_cast<double>(least_bytes)) + " if only weights, inputs and outputs did); " +
          si(bytes / seconds, "B/s") + ", " + percent(sum.bandwidth_share) + " of peak\n";
  if (sum.on_chip_bytes > 0)
    text += "on chip      " + binary_bytes(static_cast<double>(sum.on_chip_bytes)) +
            " more between ops stayed in the scratchpad\n";
  const double cores = report::cores(device);
  limits(text, sum, cores);
  text +=
      cores > 1 ? "cycles of " + with_separators(static_cast<int64_t>(cores)) + " cores by cause:" : "cycles by cause:";
  for (size_t i = 0; i < report::kBounds; ++i) {
    if (sum.stall_cycles[i] > 0) {
      text += std::string(" ") + report::bound_name(static_cast<Bound>(i + 1)) + " " +
              percent(static_cast<double>(sum.stall_cycles[i]) / (static_cast<double>(sum.cycles) * cores));
    }
  }
  text += "\n";
  energy(text, sum, clock);
}

// Of a measured run: what its ops reached, and what bounds them.
void roofline(std::string& text, const report::Totals& sum) {
  if (sum.roofed_ns <= 0) return;
  const double seconds = sum.roofed_ns * 1e-9, compute = sum.compute_bound_ns / sum.roofed_ns;
  text += "compute      " + si(static_cast<double>(sum.roofed_macs) * 2 / seconds, "OP/s") + "; memory at least " +
          si(static_cast<double>(sum.roofed_bytes) / seconds, "B/s") + "\n";
  text += "roofline     " + percent(sum.roof_ns / sum.roofed_ns) + ": the device's peaks allow " +
          si(sum.roof_ns * 1e-9, "s") + " for what took the ops " + si(seconds, "s") + "; bound by compute for " +
          percent(compute) + " of that time, by memory for " + percent(1 - compute) + "\n";
}

void picture(std::string& text, const graph::RunReport& run, const DeviceInfo& device, const SummaryFacts& facts) {
  constexpr size_t kTitle = 14, kMostWidth = 120;
  double from = 0, until = 0;
  for (const graph::NodeReport& node : run.nodes) {
    if (!node.profile || node.profile->kind != NumberKind::kSimulated) continue;
    if (until == 0) from = node.profile->start_ns;
    until = node.profile->end_ns;
  }
  if (facts.columns > kTitle + 20)
    text += report::bandwidth_picture(facts.traffic, report::limit(device, "dram_bytes_per_s"), from, until,
                                      std::min(facts.columns - kTitle, kMostWidth));
}

void fallbacks(std::string& text, const graph::RunReport& run, const std::vector<report::LayerRow>& rows) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const report::LayerRow& row : rows) {
    if (row.fallback) by_reason[row.op + " on " + row.device + ": " + row.why].push_back(row.name);
  }
  if (by_reason.empty()) {
    text += "fallbacks    none\n";
  }
  for (const auto& [reason, names] : by_reason) {
    text += "fallback     " + std::to_string(names.size()) + " x " + reason + " (" + names.front() +
            (names.size() > 1 ? ", ...)" : ")") + "\n";
  }
  for (const std::string& warning : run.warnings) text += "warning      " + warning + "\n";
}

void passes(std::string& text, const graph::RunReport& run, bool verbose) {
  std::map<std::string, int> kinds;
  for (const std::string& line : run.passes) ++kinds[line.substr(0, line.find_first_of(": "))];
  text += "passes       " + std::to_string(run.passes.size()) + " changes:";
  for (const auto& [kind, times] : kinds) text += " " + kind + " " + std::to_string(times);
  text += verbose || run.passes.empty() ? "\n" : " (-v lists them)\n";
  if (!verbose) return;
  for (const std::string& line : run.passes) text += "  " + line + "\n";
}

}  // namespace

std::string layer_table(const std::vector<report::LayerRow>& rows) {
  report::Table table({{"#", true},
                       {"layer", false, 34},
                       {"op", false, 12},
                       {"on"},
                       {"output", false, 28},
                       {"MACs", true},
                       {"cycles", true},
                       {"time", true},
                       {"util", true},
                       {"DRAM", true},
                       {"least", true},
                       {"of bw", true},
                       {"op/B", true},
                       {"of roof", true},
                       {"bound by"}});
  for (const report::LayerRow& row : rows) {
    const double bytes = static_cast<double>(row.dram_read_bytes + row.dram_write_bytes);
    table.add({std::to_string(row.index), row.name, row.op, row.device, row.shape,
               or_blank(static_cast<double>(row.macs), si(static_cast<double>(row.macs), "")),
               or_blank(static_cast<double>(row.cycles), with_separators(row.cycles)),
               si(row.time_ns * 1e-9, "s") + (row.kind == NumberKind::kEstimated ? "~" : ""),
               or_blank(row.utilization, percent(row.utilization)), or_blank(bytes, binary_bytes(bytes)),
               or_blank(bytes + row.rate, binary_bytes(static_cast<double>(row.compulsory_bytes))),
               or_blank(row.bandwidth_share, percent(row.bandwidth_share)),
               or_blank(row.intensity, format("%.1f", row.intensity)), or_blank(row.rate, percent(row.rate)),
               row.rate > 0 ? row.roof.bound() : report::bound_name(row.bound)});
  }
  return table.text();
}

std::string summary(const graph::RunReport& run, const std::vector<report::LayerRow>& rows, const DeviceInfo& device,
                    const MemoryUse& memory, const SummaryFacts& facts) {
  const report::Totals sum = report::totals(rows, run, device);
  const double latency = (device.simulated ? sum.simulated_ns : sum.measured_ns) * 1e-9;
  std::string text =
      facts.model + " on " + device.uri + (device.functional ? "" : " (timing only: values are not computed)") + "\n";
  text += "latency      " + si(latency, "s") + (device.simulated ? " simulated" : " measured") +
          format(", %.1f inferences/s", latency > 0 ? static_cast<double>(facts.batch) / latency : 0);
  if (sum.estimated_ns > 0)
    text += "; host work beside it " + si(sum.estimated_ns * 1e-9, "s") + " (~ estimated, not included)";
  text += "\n";
  achieved(text, sum, run.least_bytes, device);
  roofline(text, sum);
  picture(text, run, device, facts);
  text += "memory       ";
  for (const graph::ArenaReport& arena : run.arenas) {
    text += arena.device + (arena.kind == MemoryKind::kDeviceLocal ? ": activations " : ": inputs and outputs ") +
            binary_bytes(static_cast<double>(arena.peak_bytes)) + " (" +
            binary_bytes(static_cast<double>(arena.sum_bytes)) + " without reuse); ";
  }
  text += "device peak " + binary_bytes(static_cast<double>(memory.peak_bytes)) + ", packed constants " +
          binary_bytes(static_cast<double>(memory.prepared_bytes)) + "\n";
  for (const Counter& most : memory.high_water) {
    const std::string name = most.name.substr(0, most.name.rfind("_bytes"));
    if (most.value > 0)
      text += name + std::string(13 - name.size(), ' ') + binary_bytes(static_cast<double>(most.value)) + " of " +
              binary_bytes(report::limit(device, most.name)) + " used at most\n";
  }
  fallbacks(text, run, rows);
  passes(text, run, facts.verbose);
  if (device.simulated && facts.wall_seconds > 0) {
    text += "simulation   " + with_separators(sum.cycles) + " cycles in " + si(facts.wall_seconds, "s") + ": " +
            si(static_cast<double>(sum.cycles) / facts.wall_seconds, "cycles per host second") + "\n";
  }
  return text;
}

namespace {

void add_specials(const graph::VerifyReport& report, std::vector<std::string>& lines) {
  constexpr size_t kMost = 10;
  size_t nodes = 0;
  for (const graph::NodeCheck& node : report.nodes) {
    if (node.nans + node.infinities == 0 && node.saturated == 0) continue;
    if (++nodes > kMost) continue;
    lines.push_back("values of " + node.op + " " + node.name + ": " + std::to_string(node.nans) + " NaN, " +
                    std::to_string(node.infinities) + " infinite, " + std::to_string(node.saturated) + " saturated");
  }
  if (nodes > kMost) lines.push_back("... and of " + std::to_string(nodes - kMost) + " nodes more");
}

}  // namespace

std::string first_parting(const graph::VerifyReport& report) {
  for (size_t i = 0; i < report.nodes.size(); ++i) {
    const graph::NodeCheck& node = report.nodes[i];
    if (node.ok) continue;
    return "the first node that parts is number " + std::to_string(i + 1) + " of " +
           std::to_string(report.nodes.size()) + ", " + node.op + " " + node.name + " on " + node.device +
           ": element " + std::to_string(node.where) + format(" is %.6g, ref has %.6g", node.got, node.want) +
           format(" (error %.3g, bound %.3g)", node.worst_abs, node.bound);
  }
  return "no node parts: all " + std::to_string(report.nodes.size()) + " are within their bound";
}

std::vector<std::string> verification_lines(const graph::VerifyReport& report) {
  std::vector<std::string> lines;
  size_t bad = 0;
  const graph::NodeCheck* worst = nullptr;
  for (const graph::NodeCheck& node : report.nodes) {
    if (worst == nullptr || node.of_bound > worst->of_bound) worst = &node;
    if (node.ok) continue;
    if (++bad <= 10)
      lines.push_back("FAILED " + node.op + " " + node.name + " on " + node.device +
                      format(": worst error %.3g, bound %.3g", node.worst_abs, node.bound));
  }
  if (worst != nullptr) {
    lines.push_back(std::to_string(report.nodes.size() - bad) + " of " + std::to_string(report.nodes.size()) +
                    " nodes within their bound; nearest to it: " + worst->name +
                    format(" at %.3g of its bound (worst error %.3g)", worst->of_bound, worst->worst_abs));
  }
  add_specials(report, lines);
  for (const graph::OutputCheck& output : report.outputs) {
    lines.push_back("output " + output.name +
                    format(": worst error %.3g of the largest magnitude %.4g", output.worst_rel, output.largest) +
                    (output.emulated ? format("; the bf16 emulation has %.3g", output.emulated_rel) : "") +
                    (output.finite ? "" : "; NOT FINITE"));
  }
  lines.push_back(report.ok ? "verification passed" : "verification FAILED");
  return lines;
}

}  // namespace systole::cli
