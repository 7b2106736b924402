// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/diff_rtl_text.h"

#include <numeric>
#include <sstream>

#include "report/table.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;
using differential::Coverage;
using differential::Hazard;
using differential::Order;

std::string number(uint64_t value) { return report::with_separators(static_cast<int64_t>(value)); }

double a_minute(uint64_t programs, double seconds) {
  return seconds > 0 ? static_cast<double>(programs) * 60 / seconds : 0;
}

uint64_t of_order(const Coverage::Row& row, int order) {
  const auto& counts = row.counts[static_cast<size_t>(order)];
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}
uint64_t of_hazard(const Coverage::Row& row, int hazard) {
  uint64_t sum = 0;
  for (const auto& counts : row.counts) sum += counts[static_cast<size_t>(hazard)];
  return sum;
}

Json coverage_json(const Coverage& coverage) {
  Json rows = Json::array();
  for (const Coverage::Row& row : coverage.rows()) {
    Json counts = Json::object();
    for (int o = 0; o < differential::kOrders; ++o)
      for (int h = 0; h < differential::kHazards; ++h)
        if (const uint64_t n = row.counts[static_cast<size_t>(o)][static_cast<size_t>(h)])
          counts[name(static_cast<Order>(o))][name(static_cast<Hazard>(h))] = n;
    rows.push_back({{"earlier", differential::kind_name(row.earlier)},
                    {"later", differential::kind_name(row.later)},
                    {"counts", counts}});
  }
  return {
      {"pairs", coverage.pairs()}, {"pair_kinds", coverage.pair_kinds()}, {"cells", coverage.cells()}, {"rows", rows}};
}

}  // namespace

std::string describe(const differential::Failure& failure, const std::string& file) {
  const differential::Divergence& d = failure.verdict.divergence;
  std::ostringstream out;
  out << "seed " << failure.seed << ": model and " << failure.verdict.substrate << " differ (" << name(d.kind) << ")\n"
      << "  " << d.text << "\n";
  if (!d.command.empty())
    out << "  command " << d.sequence << " of " << failure.program.commands.size() << ", engine " << d.engine
        << ", cycle " << d.cycle << " after the doorbell:\n    " << d.command << "\n";
  if (failure.commands_before != failure.program.commands.size())
    out << "  shrunk from " << failure.commands_before << " commands to " << failure.program.commands.size() << "\n";
  if (!file.empty()) {
    out << "  again: systole diff-rtl --replay " << file << "\n";
  } else {
    std::istringstream text(to_text(failure.program));
    for (std::string line; std::getline(text, line);) out << "    | " << line << "\n";
  }
  return out.str();
}

std::string coverage_table(const Coverage& coverage) {
  std::vector<report::Table::Column> columns = {{"earlier"}, {"later"}};
  for (int o = 0; o < differential::kOrders; ++o) columns.push_back({name(static_cast<Order>(o)), true});
  for (int h = 1; h < differential::kHazards; ++h) columns.push_back({name(static_cast<Hazard>(h)), true});
  columns[2].title = "unordered";
  report::Table table(columns);
  for (const Coverage::Row& row : coverage.rows()) {
    std::vector<std::string> cells = {differential::kind_name(row.earlier), differential::kind_name(row.later)};
    for (int o = 0; o < differential::kOrders; ++o) cells.push_back(number(of_order(row, o)));
    for (int h = 1; h < differential::kHazards; ++h) cells.push_back(number(of_hazard(row, h)));
    table.add(cells);
  }
  return table.text();
}

std::string summary(const differential::Tally& tally, double seconds) {
  std::ostringstream out;
  out << number(tally.programs) << " programs (" << number(tally.illegal) << " end in an error), "
      << number(tally.commands) << " commands, " << number(tally.cycles) << " cycles; "
      << number(static_cast<uint64_t>(a_minute(tally.programs, seconds))) << " programs a minute\n";
  for (const auto& [error, count] : tally.errors) out << "  raised " << error << ": " << number(count) << "\n";
  for (const auto& [reason, count] : tally.dropped) out << "  left out, " << reason << ": " << number(count) << "\n";
  out << "coverage: " << tally.coverage.pair_kinds() << " pairs of commands, " << tally.coverage.cells()
      << " of (pair, order, hazard), " << number(tally.coverage.pairs()) << " all together\n"
      << (tally.failures.empty() ? "no divergence" : std::to_string(tally.failures.size()) + " programs diverge")
      << "\n";
  return out.str();
}

Json to_json(const differential::Tally& tally, double seconds, const SavedFiles& files) {
  Json failures = Json::array();
  for (const differential::Failure& f : tally.failures) {
    const differential::Divergence& d = f.verdict.divergence;
    const auto file = files.find(f.seed);
    failures.push_back({{"seed", f.seed},
                        {"substrate", f.verdict.substrate},
                        {"kind", name(d.kind)},
                        {"text", d.text},
                        {"command", d.command},
                        {"ring_index", d.sequence},
                        {"engine", d.engine},
                        {"cycle", d.cycle},
                        {"commands_before", f.commands_before},
                        {"commands", f.program.commands.size()},
                        {"file", file == files.end() ? "" : file->second},
                        {"program", to_text(f.program)}});
  }
  return {{"programs", tally.programs},
          {"illegal", tally.illegal},
          {"commands", tally.commands},
          {"cycles", tally.cycles},
          {"seconds", seconds},
          {"programs_per_minute", a_minute(tally.programs, seconds)},
          {"errors", tally.errors},
          {"left_out", tally.dropped},
          {"coverage", coverage_json(tally.coverage)},
          {"failures", failures}};
}

}  // namespace systole::cli
