// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A trace on a DRAM at bank level.
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>

#include "configs/spec/load.h"
#include "configs/spec/text_file.h"
#include "report/json_text.h"
#include "report/table.h"
#include "sim/memory/dram/checker.h"
#include "sim/memory/dram/trace.h"
#include "tools/systole/config_listing.h"
#include "tools/systole/exit.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;
namespace dram = memory::dram;

struct Outcome {
  spec::DramDevice device;
  std::string trace;
  dram::Replay replay;
  dram::Stats stats;
  double host_seconds = 0;

  uint64_t requests() const { return replay.reads + replay.writes; }
  double seconds() const { return static_cast<double>(replay.cycles) * device.timing.tick; }
  double bandwidth() const {
    return replay.cycles ? static_cast<double>(requests()) * static_cast<double>(device.burst_bytes()) / seconds() : 0;
  }
  double latency() const {
    return replay.reads
               ? static_cast<double>(replay.latency_cycles) / static_cast<double>(replay.reads) * device.timing.tick
               : 0;
  }
  double share(uint64_t count) const {
    return requests() ? static_cast<double>(count) / static_cast<double>(requests()) : 0;
  }
  uint64_t commands(std::initializer_list<dram::Command> kinds) const {
    uint64_t sum = 0;
    for (const dram::Command kind : kinds) sum += stats.total.commands[static_cast<int>(kind)];
    return sum;
  }
  uint64_t activates() const { return commands({dram::Command::kActivate}); }
  uint64_t refreshes() const { return commands({dram::Command::kRefresh, dram::Command::kRefreshBank}); }
  double host_rate() const { return host_seconds > 0 ? static_cast<double>(requests()) / host_seconds : 0; }
};

// Of this thread, so that others' work on the machine does not count.
double core_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Result<std::vector<dram::Access>> read_trace(const std::string& path) {
  SYSTOLE_ASSIGN_OR_RETURN(const std::string text, spec::read_text_file(path));
  std::vector<dram::Access> trace;
  if (const std::string wrong = dram::parse_trace(text, trace); !wrong.empty())
    return Status(Code::kInvalidArgument, path + ":" + wrong);
  return trace;
}

Json json_of(const Outcome& o) {
  return {{"device", o.device.name},
          {"trace", o.trace},
          {"config", settings_json(spec::resolved_settings(o.device))},
          {"requests", o.requests()},
          {"reads", o.replay.reads},
          {"writes", o.replay.writes},
          {"cycles", o.replay.cycles},
          {"seconds", o.seconds()},
          {"bytes_per_second", o.bandwidth()},
          {"peak_share", o.bandwidth() / o.device.peak_bytes_per_second()},
          {"mean_read_latency_seconds", o.latency()},
          {"row_hit_share", o.share(o.stats.total.row_hits)},
          {"activations", o.activates()},
          {"refreshes", o.refreshes()},
          {"forwarded_reads", o.stats.total.forwarded},
          {"merged_writes", o.stats.total.merged},
          {"energy_joules", o.stats.energy},
          {"host", {{"core_seconds", o.host_seconds}, {"requests_per_core_second", o.host_rate()}}}};
}

void print(const Outcome& o) {
  report::Table table({{o.device.name}, {o.device.description, false, 100}});
  const auto number = [](uint64_t n) { return report::with_separators(static_cast<int64_t>(n)); };
  table.add({"requests", number(o.requests()) + " (" + number(o.replay.reads) + " reads, " + number(o.replay.writes) +
                             " writes of " + number(static_cast<uint64_t>(o.device.burst_bytes())) + " bytes)"});
  table.add({"cycles", number(o.replay.cycles)});
  table.add({"time", report::si(o.seconds(), "s")});
  table.add({"bandwidth", report::si(o.bandwidth(), "B/s") + ", " +
                              report::percent(o.bandwidth() / o.device.peak_bytes_per_second()) + " of peak"});
  if (o.replay.reads) table.add({"mean read latency", report::si(o.latency(), "s")});
  table.add({"row hits", report::percent(o.share(o.stats.total.row_hits))});
  table.add({"activations", number(o.activates())});
  table.add({"refreshes", number(o.refreshes())});
  if (o.stats.energy > 0)
    table.add(
        {"energy", report::si(o.stats.energy, "J") + ", " +
                       report::si(o.share(1) * o.stats.energy / static_cast<double>(o.device.burst_bytes()) / 8, "J") +
                       " a bit"});
  table.add({"host", report::si(o.host_rate(), "requests/s of a core")});
  std::cout << table.text();
}

// What the command line changes of the preset; a usage error's code, or kOk.
int override_device(const Options& options, spec::DramDevice& device) {
  std::vector<std::string> assignments;
  const auto number = [&](const char* name, std::initializer_list<const char*> keys) {
    if (!options.has(name)) return;
    for (const char* key : keys)
      assignments.push_back(std::string(key) + "=" + std::to_string(options[name].as<uint64_t>()));
  };
  number("channels", {"organization.channels"});
  number("queue", {"controller.read_queue", "controller.write_queue"});
  for (const std::string& assignment : options.list("set")) assignments.push_back(assignment);
  for (const std::string& assignment : assignments)
    if (const Status status = spec::apply_override(device, assignment); !status.ok()) return fail(status);
  return kOk;
}

int replay(const Options& options, const spec::DramDevice& device) {
  const auto trace = read_trace(options.text("trace"));
  if (!trace.ok()) return fail(trace.status());
  Outcome outcome{device, options.text("trace")};
  dram::Dram memory(device);
  dram::Checker checker(device);
  if (options.has("check")) memory.set_log(&checker);
  const double begin = core_seconds();
  outcome.replay = dram::replay(memory, *trace, options["window"].as<uint64_t>());
  outcome.host_seconds = core_seconds() - begin;
  outcome.stats = memory.stats(outcome.replay.cycles);
  if (options.json())
    std::cout << report::json_text(json_of(outcome));
  else
    print(outcome);
  if (!options.has("check")) return kOk;
  for (const std::string& message : checker.first_ones()) std::cerr << message << "\n";
  std::cerr << checker.violations() << " violations in " << checker.commands() << " commands\n";
  return checker.violations() ? kVerificationFailed : kOk;
}

}  // namespace

int run_dram(const Arguments& arguments) {
  Options options(
      "dram", "dram --config NAME|FILE.yaml --trace FILE | dram list | dram show --config NAME|FILE.yaml",
      "Replays a trace on a DRAM at bank level and prints cycles, bandwidth, latency, row hits and energy. A trace has "
      "one burst\na line, 'R 0x1f40' or 'W 0x1f40'; requests enter in order, as many a cycle as are taken, while fewer "
      "reads are under\nway than the window. A DRAM is one YAML file: 'list' names the presets, 'show' prints every "
      "value "
      "(docs/dram.md).\n\n"
      "  systole dram --config ddr4-2400 --trace layer.trace --window 64 --queue 32\n"
      "  systole dram --config hbm2 --channels 8 --trace layer.trace --window 512\n"
      "  systole dram show --config lpddr5-6400");
  options.add()("config", po::value<std::string>(), "a preset's name or a YAML file")(
      "trace", po::value<std::string>(), "file of requests")("window", po::value<uint64_t>()->default_value(64),
                                                             "reads that may be under way")(
      "queue", po::value<uint64_t>(), "bursts that may wait in a channel, of reads and of writes each")(
      "channels", po::value<uint64_t>(), "channels")("set", po::value<std::vector<std::string>>(),
                                                     "override key=value")(
      "check", "hold every command against the device's timing; exit code 1 where one is too early");
  options.positional("action", false);
  if (!options.parse(arguments)) return options.exit_code;
  if (const auto code = list_or_refuse(options, "dram", spec::dram_presets, "trace")) return *code;
  if (options["window"].as<uint64_t>() == 0) return usage_error("--window: expected 1 or more, got 0", "dram");
  auto device = spec::load_dram_device(options.text("config"));
  if (!device.ok()) return fail(device.status());
  if (const int code = override_device(options, *device); code != kOk) return code;
  if (!options.has("action")) return replay(options, *device);
  show_settings(device->name, device->description, spec::resolved_settings(*device), device->sources, options.json());
  return kOk;
}

}  // namespace systole::cli
