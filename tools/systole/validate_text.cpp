// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "tools/systole/validate_text.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "report/json_text.h"
#include "report/layers.h"
#include "report/table.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostRows = 40;  // of a source in markdown; of more, the farthest off
constexpr size_t kFarthest = 12;

bool every(const Checked&) { return true; }

std::string printed(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}
std::string signed_percent(double share) { return printed("%+.1f %%", share * 100); }
std::string plain_percent(double share) { return printed("%.1f %%", share * 100); }

std::string figure(double value, const std::string& unit) {
  if (unit == "cycles") return report::with_separators(static_cast<int64_t>(value + 0.5)) + " cycles";
  return printed("%.4g ", value) + unit;
}

std::string device_of(const Checked& one) {
  std::string text = one.what.hardware;
  for (const std::string& assignment : one.what.set) text += " " + assignment;
  return text;
}

std::string simulated_of(const Checked& one) {
  return one.ran() ? figure(one.simulated, one.what.published.unit) : "unsupported: " + one.status.message();
}

std::string error_of(const Checked& one) {
  if (!one.ran()) return "";
  return signed_percent(one.error) + (one.within() ? "" : " OUTSIDE " + printed("%g %%", one.what.tolerance_percent));
}

// "compute 71 %, dram 20 %": what most of the cycles belong to.
std::string bound_of(const Checked& one) {
  std::string text;
  for (size_t i = 0; i < one.causes.size(); ++i)
    if (one.causes[i] >= 0.15)
      text += (text.empty() ? "" : ", ") + std::string(report::bound_name(static_cast<report::Bound>(i + 1))) +
              printed(" %.0f %%", one.causes[i] * 100);
  return text;
}

ErrorSummary headline(const std::vector<CheckedSource>& sources) {
  std::vector<Checked> cases;
  for (const CheckedSource& source : sources)
    for (const Checked& one : source.cases)
      if (source.file.kind == "silicon" && one.structure == "exact" && !one.overridden) cases.push_back(one);
  ErrorSummary sum = summarize(cases, every);
  sum.worst = nullptr;
  return sum;
}

std::string headline_text(const std::vector<CheckedSource>& sources) {
  const ErrorSummary sum = headline(sources);
  if (sum.cases == 0) return "headline (silicon, exact structures): no case\n";
  return "headline (silicon, exact structures, no overrides): mean absolute error " + plain_percent(sum.mean) + " of " +
         std::to_string(sum.cases) + " cases\n";
}

std::string summary_text(const ErrorSummary& sum) {
  if (sum.cases == 0) return "no case ran";
  return "mean absolute error " + plain_percent(sum.mean) + " of " + std::to_string(sum.cases) + " cases, worst " +
         signed_percent(sum.worst->error) + " (" + sum.worst->what.name + ")" +
         (sum.unsupported ? ", " + std::to_string(sum.unsupported) + " unsupported" : "");
}

std::vector<Checked> farthest(std::vector<Checked> cases) {
  std::stable_sort(cases.begin(), cases.end(),
                   [](const Checked& a, const Checked& b) { return std::abs(a.error) > std::abs(b.error); });
  cases.resize(std::min(cases.size(), kFarthest));
  return cases;
}

}  // namespace

std::string validation_text(const std::vector<CheckedSource>& sources) {
  std::string text;
  for (const CheckedSource& source : sources) {
    text += source.file.name + ": " + source.file.title + " (" + source.file.kind + "; " + source.file.trust + ": " +
            source.file.source + ")\n";
    report::Table table({{"  case", false, 40},
                         {"on", false, 44},
                         {"published", true},
                         {"simulated", true, 90},
                         {"error", true},
                         {"cycles by cause", false, 60}});
    for (const Checked& one : source.cases)
      table.add({"  " + one.what.name, device_of(one), figure(one.what.published.value, one.what.published.unit),
                 simulated_of(one), error_of(one), bound_of(one)});
    text += table.text() + "  " + summary_text(summarize(source.cases, every)) + "\n\n";
  }
  return text + headline_text(sources);
}

std::string validation_markdown(const std::vector<CheckedSource>& sources) {
  std::string text =
      "| source | kind | on | structure | cases | mean absolute error | worst |\n|---|---|---|---|---|---|---|\n";
  for (const CheckedSource& source : sources) {
    const ErrorSummary sum = summarize(source.cases, every);
    text += "| `" + source.file.name + "` | " + source.file.kind + " | " + sum.hardware + " | " + sum.structure +
            " | " + std::to_string(sum.cases) + " | " + plain_percent(sum.mean) + " | " +
            (sum.worst ? signed_percent(sum.worst->error) + " (" + sum.worst->what.name + ")" : "") + " |\n";
  }
  text += "\n" + headline_text(sources);
  for (const CheckedSource& source : sources) {
    const bool all = source.cases.size() <= kMostRows;
    text += "\n### " + source.file.name + "\n" + source.file.title + ". Source (" + source.file.trust +
            "): " + source.file.source + ".\n";
    if (!source.file.note.empty()) text += "\n" + source.file.note + "\n";
    text += "\n" + std::string(all ? "" : "The " + std::to_string(kFarthest) + " farthest off:\n\n") +
            "| case | on | published | simulated | error | cycles by cause | |\n|---|---|---|---|---|---|---|\n";
    for (const Checked& one : all ? source.cases : farthest(source.cases))
      text += "| " + one.what.name + " | " + device_of(one) + " | " +
              figure(one.what.published.value, one.what.published.unit) + " | " + simulated_of(one) + " | " +
              error_of(one) + " | " + bound_of(one) + " | " + one.what.note + " |\n";
  }
  return text;
}

std::string validation_json(const std::vector<CheckedSource>& sources) {
  Json all = Json::array();
  const auto summary = [](const ErrorSummary& sum) {
    Json json{{"cases", sum.cases}, {"unsupported", sum.unsupported}, {"mean_absolute_error", sum.mean}};
    if (sum.worst) json["worst"] = {{"case", sum.worst->what.name}, {"error", sum.worst->error}};
    return json;
  };
  for (const CheckedSource& source : sources) {
    Json cases = Json::array();
    for (const Checked& one : source.cases) {
      Json json{
          {"name", one.what.name},      {"hardware", one.what.hardware},   {"set", one.what.set},
          {"structure", one.structure}, {"unit", one.what.published.unit}, {"published", one.what.published.value}};
      if (one.ran()) {
        json["simulated"] = one.simulated;
        json["error"] = one.error;
        json["cycles"] = one.cycles;
        for (size_t i = 0; i < one.causes.size(); ++i)
          json["cycles_by_cause"][report::bound_name(static_cast<report::Bound>(i + 1))] = one.causes[i];
      } else {
        json["unsupported"] = one.status.message();
      }
      if (one.what.tolerance_percent > 0)
        json["tolerance_percent"] = one.what.tolerance_percent, json["within"] = one.within();
      if (!one.what.note.empty()) json["note"] = one.what.note;
      cases.push_back(std::move(json));
    }
    all.push_back({{"name", source.file.name},
                   {"title", source.file.title},
                   {"source", source.file.source},
                   {"trust", source.file.trust},
                   {"kind", source.file.kind},
                   {"note", source.file.note},
                   {"cases", std::move(cases)},
                   {"summary", summary(summarize(source.cases, every))}});
  }
  return report::json_text({{"sources", std::move(all)}, {"headline", summary(headline(sources))}});
}

std::string errors_yaml(const std::vector<CheckedSource>& sources, std::vector<spec::KnownError> known) {
  for (const CheckedSource& source : sources) {
    std::erase_if(known, [&](const spec::KnownError& old) { return old.source == source.file.name; });
    std::vector<std::string> seen;
    for (const Checked& one : source.cases) {
      const bool file = one.what.hardware.find_first_of("./") != std::string::npos;
      if (file || std::find(seen.begin(), seen.end(), one.what.hardware) != seen.end()) continue;
      seen.push_back(one.what.hardware);
      const ErrorSummary sum = summarize(source.cases, [&](const Checked& other) {
        return other.what.hardware == one.what.hardware && !other.overridden;
      });
      if (sum.cases)
        known.push_back({source.file.name, sum.hardware, sum.structure, source.file.kind, sum.cases, sum.mean * 100,
                         sum.worst->error * 100, sum.worst->what.name});
    }
  }
  std::stable_sort(known.begin(), known.end(), [](const spec::KnownError& a, const spec::KnownError& b) {
    return std::tie(a.source, a.hardware) < std::tie(b.source, b.hardware);
  });
  std::string text =
      "# SPDX-FileCopyrightText: 2026 The Systole authors\n# SPDX-License-Identifier: Apache-2.0\n"
      "# Written by: systole validate --write configs/accuracy/published.yaml\n"
      "# By source (a file of configs/validation) and preset without overrides; percent.\n";
  std::string last;
  for (const spec::KnownError& one : known) {
    if (one.source != last) text += one.source + ":\n";
    last = one.source;
    text += "  " + one.hardware + ":\n    structure: " + one.structure + "\n    kind: " + one.kind +
            "\n    cases: " + std::to_string(one.cases) + "\n    mean_percent: \"" + printed("%.1f", one.mean_percent) +
            "\"\n    worst_percent: \"" + printed("%.1f", one.worst_percent) + "\"\n    worst_case: \"" +
            one.worst_case + "\"\n";
  }
  return text;
}

}  // namespace systole::cli
