// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Two run directories side by side.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "configs/spec/text_file.h"
#include "report/json_text.h"
#include "report/table.h"
#include "tools/systole/exit.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Run {
  std::string directory;
  Json facts;                       // run.json
  std::vector<std::string> layers;  // names, in order; equal names are told apart by "#2"
  std::map<std::string, std::map<std::string, std::string>> rows;  // layer, column: cell of layers.csv
};

Status damaged(const std::string& path, const std::string& what) { return Status(Code::kDataLoss, path + ": " + what); }

Result<std::string> read_file(const std::string& path) {
  auto text = spec::read_text_file(path);
  if (text.ok()) return text;
  return Status(text.status().code(), text.status().message() + "; expected a directory of systole run -o");
}

// Cells of a line of layers.csv; quoted ones may hold commas and doubled quotes.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"')
        cells.back() += line[i++];
      else
        quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  return cells;
}

Status read_layers(const std::string& path, const std::string& text, Run& run) {
  std::istringstream lines(text);
  std::vector<std::string> titles;
  std::map<std::string, int> seen;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::vector<std::string> cells = cells_of(line);
    if (titles.empty()) {
      titles = cells;
      continue;
    }
    if (cells.size() != titles.size())
      return damaged(path + ":" + std::to_string(number),
                     "expected " + std::to_string(titles.size()) + " columns, got " + std::to_string(cells.size()));
    std::map<std::string, std::string> row;
    for (size_t c = 0; c < titles.size(); ++c) row[titles[c]] = cells[c];
    std::string name = row["name"];
    if (const int times = ++seen[name]; times > 1) name += "#" + std::to_string(times);
    run.layers.push_back(name);
    run.rows[name] = std::move(row);
  }
  return titles.empty() ? damaged(path, "it is empty") : Status();
}

Result<Run> read_run(const std::string& directory) {
  Run run;
  run.directory = directory;
  const std::string json = directory + "/run.json", csv = directory + "/layers.csv";
  SYSTOLE_ASSIGN_OR_RETURN(const std::string text, read_file(json));
  run.facts = Json::parse(text, nullptr, false);
  if (!run.facts.is_object() || !run.facts.contains("totals") || !run.facts["totals"].is_object())
    return damaged(json, "expected a run's facts (docs/run_directory.md)");
  if (const Json schema = run.facts.value("schema", Json()); schema != 1)
    return damaged(json, "schema: expected 1, got " + schema.dump());
  SYSTOLE_ASSIGN_OR_RETURN(const std::string rows, read_file(csv));
  SYSTOLE_RETURN_IF_ERROR(read_layers(csv, rows, run));
  return run;
}

std::string plain(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// "key" or "config.key" of both runs where they are not the same.
Json differing_facts(const Run& a, const Run& b) {
  Json differ = Json::object();
  const auto compare = [&](const std::string& name, const Json& x, const Json& y) {
    if (x != y) differ[name] = {plain(x), plain(y)};
  };
  for (const char* key : {"model", "device", "precision", "seed", "functional", "versions", "inputs"})
    compare(key, a.facts.value(key, Json()), b.facts.value(key, Json()));
  const Json ours = a.facts.value("config", Json::object()), theirs = b.facts.value("config", Json::object());
  for (const auto& [key, setting] : ours.items())
    compare("config." + key, setting.value("value", Json()),
            theirs.contains(key) ? theirs[key].value("value", Json()) : Json());
  for (const auto& [key, setting] : theirs.items())
    if (!ours.contains(key)) compare("config." + key, Json(), setting.value("value", Json()));
  return differ;
}

struct Number {
  std::string name, unit;
  double a, b;
  double share() const { return a == b ? 0 : a == 0 ? HUGE_VAL : (b - a) / std::abs(a); }
};

std::vector<Number> total_numbers(const Run& a, const Run& b) {
  std::vector<Number> numbers;
  const auto add = [&](const std::string& name, const std::string& unit, const Json& x, const Json& y) {
    if (x.is_number() && y.is_number()) numbers.push_back({name, unit, x, y});
  };
  const Json theirs = b.facts["totals"];
  for (const auto& [name, total] : a.facts["totals"].items()) {
    if (!theirs.contains(name) || !total.is_object()) continue;
    if (total.contains("value")) {
      add(name, total.value("unit", ""), total["value"], theirs[name].value("value", Json()));
    } else {
      for (const auto& [cause, cycles] : total.items())
        add(name + "." + cause, "cycle", cycles, theirs[name].value(cause, Json()));
    }
  }
  return numbers;
}

double cell(const Run& run, const std::string& layer, const char* column) {
  const auto row = run.rows.find(layer);
  if (row == run.rows.end()) return 0;
  const auto found = row->second.find(column);
  return found == row->second.end() ? 0 : std::strtod(found->second.c_str(), nullptr);
}

std::vector<std::string> all_layers(const Run& a, const Run& b) {
  std::vector<std::string> names = a.layers;
  for (const std::string& name : b.layers)
    if (!a.rows.contains(name)) names.push_back(name);
  return names;
}

constexpr const char* kColumns[] = {"cycles", "dram_read_bytes", "dram_write_bytes"};

std::vector<Number> layer_numbers(const Run& a, const Run& b) {
  std::vector<Number> numbers;
  for (const std::string& layer : all_layers(a, b))
    for (const char* column : kColumns)
      numbers.push_back({layer + ": " + column, "", cell(a, layer, column), cell(b, layer, column)});
  return numbers;
}

std::string number_text(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? report::with_separators(static_cast<int64_t>(value))
                                                              : std::to_string(value);
}

std::string share_text(const Number& n) {
  if (n.a == n.b) return "";
  if (n.a == 0) return "new";
  char text[32];
  std::snprintf(text, sizeof text, "%+.3g %%", 100 * n.share());
  return text;
}

// "equal", "differ" or "not in both": digests of the outputs.
std::string values_of(const Run& a, const Run& b) {
  const Json x = a.facts.value("digests", Json()), y = b.facts.value("digests", Json());
  return x.is_null() || y.is_null() ? "not in both" : x == y ? "equal" : "differ";
}

void print_table(const char* title, const std::vector<Number>& numbers, bool all) {
  report::Table table({{title}, {"A", true}, {"B", true}, {"B - A", true}, {"of A", true}});
  size_t differ = 0;
  for (const Number& n : numbers) {
    differ += n.a != n.b;
    if (n.a != n.b || all)
      table.add({n.name, number_text(n.a), number_text(n.b), n.a == n.b ? "" : number_text(n.b - n.a), share_text(n)});
  }
  if (differ || all) std::cout << table.text();
  std::cout << differ << " of " << numbers.size() << " " << title << " figures differ\n\n";
}

void print(const Run& a, const Run& b, bool all) {
  report::Table facts({{""}, {"A", false, 60}, {"B", false, 60}});
  facts.add({"run", a.directory, b.directory});
  const Json differ = differing_facts(a, b);
  for (const auto& [name, pair] : differ.items()) facts.add({name, pair[0], pair[1]});
  std::cout << facts.text() << "\n";
  print_table("total", total_numbers(a, b), all);
  print_table("layer", layer_numbers(a, b), all);
  std::cout << "outputs: " << values_of(a, b) << "\n";
}

Json numbers_json(const std::vector<Number>& numbers) {
  Json list = Json::array();
  for (const Number& n : numbers)
    if (n.a != n.b) list.push_back({{"name", n.name}, {"unit", n.unit}, {"a", n.a}, {"b", n.b}});
  return list;
}

}  // namespace

int run_diff(const Arguments& arguments) {
  Options options(
      "diff", "diff A B [--within PERCENT] [--all]",
      "Two run directories (systole run -o DIR) side by side: what was run, totals, and of each layer cycles "
      "and DRAM bytes,\nwhere they differ. With --within the exit code is 1 where cycles of the whole or of a "
      "layer differ by more, or outputs\nare known to differ.\n\n"
      "  systole run lenet5_int8 --device npu:edge-16x16 -o model\n"
      "  systole run lenet5_int8 --device 'npu:edge-16x16?fidelity=rtl' -o rtl\n"
      "  systole diff model rtl --within 0");
  options.add()("within", po::value<double>(), "cycles may differ by so much, in percent of A")(
      "all,a", "figures that are equal, too");
  options.positional("A", true);
  options.positional("B", true);
  if (!options.parse(arguments)) return options.exit_code;
  if (options.has("within") && !(options["within"].as<double>() >= 0))
    return usage_error("--within: expected a percentage of 0 or more", "diff");
  const auto a = read_run(options.text("A")), b = read_run(options.text("B"));
  if (!a.ok()) return fail(a.status());
  if (!b.ok()) return fail(b.status());
  const auto totals = total_numbers(*a, *b), layers = layer_numbers(*a, *b);
  if (options.json())
    std::cout << report::json_text(Json{{"facts", differing_facts(*a, *b)},
                                        {"totals", numbers_json(totals)},
                                        {"layers", numbers_json(layers)},
                                        {"outputs", values_of(*a, *b)}});
  else
    print(*a, *b, options.has("all"));
  if (!options.has("within")) return kOk;
  const double most = options["within"].as<double>() / 100;
  const auto beyond = [&](const Number& n) {
    return (n.name == "cycles" || n.name.ends_with(": cycles")) && std::abs(n.share()) > most;
  };
  const bool parted = std::any_of(totals.begin(), totals.end(), beyond) ||
                      std::any_of(layers.begin(), layers.end(), beyond) || values_of(*a, *b) == "differ";
  return parted ? kVerificationFailed : kOk;
}

}  // namespace systole::cli
