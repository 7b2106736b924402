// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Collectives of several devices on simulated links.
#include "tools/systole/links.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "configs/spec/load.h"
#include "configs/spec/quantity.h"
#include "report/json_text.h"
#include "report/table.h"
#include "sim/links/collective.h"
#include "tools/systole/config_listing.h"
#include "tools/systole/exit.h"
#include "tools/systole/verb.h"

namespace systole::cli {
namespace {

using Json = nlohmann::ordered_json;

Status wrong_key(const std::string& complaint) { return Status(Code::kInvalidArgument, "--" + complaint); }

struct Question {
  links::Shape shape;
  links::Collective collective;
  int concurrent = 1;
  int64_t host_bytes = 0;
};

struct Outcome {
  std::vector<double> seconds;  // until each collective's end, in the order in which they end
  double host_seconds = 0;      // until the last byte of the host's is there
  double closed = 0;            // 0: no closed form
  int64_t sent = 0, received = 0, packets = 0;
  double busiest = 0;  // share of its peak, over the collectives' time
  double blocked = 0;  // longest of a channel
  uint64_t events = 0;
};

double seconds(links::Femtoseconds time) { return static_cast<double>(time) * 1e-15; }

Outcome simulate(const Question& q) {
  links::Network network(q.shape);
  Outcome o;
  for (int i = 0; i < q.concurrent; ++i)
    links::begin(network, q.collective, [&] { o.seconds.push_back(seconds(network.now())); });
  for (int device = 0; q.host_bytes > 0 && device < q.shape.devices; ++device)
    network.send(network.add_flow(network.fabric().host, device), q.host_bytes, false,
                 [&] { o.host_seconds = seconds(network.now()); });
  network.run();
  const double all = std::max(o.seconds.back(), o.host_seconds);
  for (size_t i = 0; i < network.fabric().channels.size(); ++i) {
    const links::ChannelStats& stats = network.stats(static_cast<int>(i));
    const double rate = static_cast<double>(network.fabric().channels[i].bytes_per_second);
    o.busiest = std::max(o.busiest, static_cast<double>(stats.wire_bytes) / rate / all);
    o.blocked = std::max(o.blocked, seconds(stats.blocked));
    o.packets += stats.packets;
  }
  o.sent = network.sent_bytes(), o.received = network.received_bytes(), o.events = network.events();
  if (q.concurrent == 1 && q.host_bytes == 0) o.closed = links::closed_form_seconds(q.shape, q.collective).value_or(0);
  return o;
}

// Bytes a second that each device's ways must carry at least, as NCCL's tests call it: of an all-reduce 2(N - 1)/N.
double bus_bandwidth(const Question& q, double time) {
  links::Collective ring = q.collective;
  ring.algorithm = links::Algorithm::kRing;
  return static_cast<double>(links::sent_by_device(ring, q.shape.devices)) / time;
}

Json json_of(const Options& options, const Question& q, const Outcome& o) {
  Json json{{"links", q.shape.link.name},
            {"topology", options.text("topology")},
            {"devices", q.shape.devices},
            {"collective", options.text("collective")},
            {"algorithm", options.text("algorithm")},
            {"bytes", q.collective.bytes},
            {"chunks", q.collective.chunks},
            {"concurrent", q.concurrent},
            {"kind", "simulated"},
            {"seconds", o.seconds},
            {"bytes_per_second", static_cast<double>(q.collective.bytes) / o.seconds.back()},
            {"bus_bytes_per_second", bus_bandwidth(q, o.seconds.back())},
            {"sent_bytes", o.sent},
            {"received_bytes", o.received},
            {"packet_hops", o.packets},
            {"busiest_channel_share", o.busiest},
            {"longest_blocked_seconds", o.blocked},
            {"config", settings_json(spec::resolved_settings(q.shape.link))}};
  if (o.closed > 0) json["closed_form_seconds"] = o.closed;
  if (q.host_bytes > 0)
    json["host"] = {
        {"links", q.shape.host_link.name}, {"bytes_to_each_device", q.host_bytes}, {"seconds", o.host_seconds}};
  return json;
}

void print(const Options& options, const Question& q, const Outcome& o) {
  report::Table table({{q.shape.link.name}, {q.shape.link.description, false, 100}});
  const auto number = [](int64_t n) { return report::with_separators(n); };
  table.add({"collective", options.text("collective") + " of " + number(q.collective.bytes) + " bytes, " +
                               options.text("algorithm") + " on " + options.text("topology") + ", " +
                               std::to_string(q.shape.devices) + " devices"});
  for (size_t i = 0; i < o.seconds.size(); ++i) table.add({i ? "" : "time (simulated)", report::si(o.seconds[i], "s")});
  if (o.closed > 0)
    table.add({"closed form",
               report::si(o.closed, "s") + ", simulated " + report::percent(o.seconds[0] / o.closed - 1) + " above"});
  table.add({"bandwidth", report::si(static_cast<double>(q.collective.bytes) / o.seconds.back(), "B/s") +
                              ", of a device's ways " + report::si(bus_bandwidth(q, o.seconds.back()), "B/s")});
  if (q.host_bytes > 0)
    table.add({"host", number(q.host_bytes) + " bytes to each device in " + report::si(o.host_seconds, "s")});
  table.add({"sent, received", number(o.sent) + " bytes, " + number(o.received) + " bytes"});
  table.add({"packets on channels", number(o.packets)});
  table.add({"busiest channel", report::percent(o.busiest) + " of its peak"});
  table.add({"longest without credit", report::si(o.blocked, "s")});
  std::cout << table.text();
}

// One of the names, or what was expected.
template <class Enum>
Status choose(const Options& options, const char* option, const std::vector<std::pair<const char*, Enum>>& names,
              Enum& value) {
  std::string all;
  for (const auto& [name, each] : names) {
    if (options.text(option) == name) {
      value = each;
      return {};
    }
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  return wrong_key(std::string(option) + ": expected one of " + all + ", got '" + options.text(option) + "'");
}

Status read_amount(const Options& options, const char* option, spec::Dimension dimension, int64_t& value) {
  if (!options.has(option)) return {};
  const auto parsed = spec::parse_whole(options.text(option), dimension);
  if (!parsed.ok()) return wrong_key(std::string(option) + ": " + parsed.status().message());
  value = *parsed;
  return {};
}

Status read_shape(const Options& options, const spec::LinkSpec& link, links::Shape& shape) {
  shape.link = link;
  shape.devices = options["devices"].as<int>();
  SYSTOLE_RETURN_IF_ERROR(read_topology(options.text("topology"), shape.topology));
  int64_t memory = 0;
  SYSTOLE_RETURN_IF_ERROR(read_amount(options, "memory", spec::Dimension::kBytesPerSecond, memory));
  shape.memory_bytes_per_second = static_cast<double>(memory);
  if (options.has("memory") && memory == 0) return wrong_key("memory: expected at least 1 MB/s, got 0");
  if (options.text("host") == "port") {
    shape.host = links::Host::kSwitchPort;
    shape.host_link = link;
  } else if (options.has("host")) {
    SYSTOLE_ASSIGN_OR_RETURN(shape.host_link, spec::load_link_spec(options.text("host")));
    shape.host = links::Host::kOwnLinks;
  }
  if (const std::string wrong = wrong_with(shape); !wrong.empty()) return wrong_key(wrong);
  return {};
}

Status read_question(const Options& options, const spec::LinkSpec& link, Question& q) {
  using links::Algorithm, links::Operation;
  SYSTOLE_RETURN_IF_ERROR(read_shape(options, link, q.shape));
  SYSTOLE_RETURN_IF_ERROR(choose<Operation>(options, "collective",
                                            {{"all_reduce", Operation::kAllReduce},
                                             {"all_gather", Operation::kAllGather},
                                             {"reduce_scatter", Operation::kReduceScatter}},
                                            q.collective.operation));
  SYSTOLE_RETURN_IF_ERROR(
      choose<Algorithm>(options, "algorithm",
                        {{"ring", Algorithm::kRing}, {"direct", Algorithm::kDirect}, {"one_shot", Algorithm::kOneShot}},
                        q.collective.algorithm));
  SYSTOLE_RETURN_IF_ERROR(read_amount(options, "bytes", spec::Dimension::kBytes, q.collective.bytes));
  SYSTOLE_RETURN_IF_ERROR(read_amount(options, "host-bytes", spec::Dimension::kBytes, q.host_bytes));
  q.collective.chunks = options["chunks"].as<int>();
  q.concurrent = options["concurrent"].as<int>();
  if (q.host_bytes > 0 && q.shape.host == links::Host::kNone)
    return wrong_key("host-bytes: expected --host with it, got none");
  if (const std::string wrong = wrong_with(q.shape, q.collective, {q.concurrent, q.host_bytes}); !wrong.empty())
    return wrong_key(wrong);
  return {};
}

}  // namespace

Status read_topology(const std::string& name, links::Topology& topology) {
  if (name == "ring")
    topology = links::Topology::kRing;
  else if (name == "fully_connected")
    topology = links::Topology::kFullyConnected;
  else if (name == "switch")
    topology = links::Topology::kSwitch;
  else
    return wrong_key("topology: expected one of ring, fully_connected, switch, got '" + name + "'");
  return {};
}

int run_links(const Arguments& arguments) {
  Options options(
      "links",
      "links --config NAME|FILE.yaml --collective all_reduce --bytes 64MiB [--topology T] [--devices N] | links list | "
      "links show --config NAME|FILE.yaml",
      "Simulates a collective of several devices on their links, packet by packet, and prints its time beside the "
      "closed "
      "form\nwhere there is one. Links are one YAML file: 'list' names the presets, 'show' prints every value "
      "(docs/links.md).\n\n"
      "  systole links --config nvlink4 --topology ring --devices 4 --collective all_reduce --bytes 64MiB\n"
      "  systole links --config nvlink4 --topology switch --devices 8 --collective all_gather --algorithm direct "
      "--bytes "
      "1MiB\n"
      "  systole links --config pcie-gen4-x16 --topology switch --host port --host-bytes 16MiB --collective all_reduce "
      "--bytes 16MiB");
  options.add()("config", po::value<std::string>(), "a preset's name or a YAML file")(
      "topology", po::value<std::string>()->default_value("ring"), "ring, fully_connected or switch")(
      "devices", po::value<int>()->default_value(4), "devices, 2 to 64")(
      "collective", po::value<std::string>()->default_value("all_reduce"), "all_reduce, all_gather or reduce_scatter")(
      "algorithm", po::value<std::string>()->default_value("ring"), "ring, direct or one_shot")(
      "bytes", po::value<std::string>(), "of the whole tensor")("chunks", po::value<int>()->default_value(1),
                                                                "pieces of a part that go on one by one")(
      "concurrent", po::value<int>()->default_value(1), "so many of it at once")(
      "memory", po::value<std::string>(), "what each device's memory gives to transfers, as 400GB/s; no limit without")(
      "host", po::value<std::string>(),
      "a host: links of its own to each device (a preset or file), or 'port' of the switch")(
      "host-bytes", po::value<std::string>(), "that the host sends each device meanwhile")(
      "set", po::value<std::vector<std::string>>(), "override key=value");
  options.positional("action", false);
  if (!options.parse(arguments)) return options.exit_code;
  if (const auto code = list_or_refuse(options, "links", spec::link_presets, "bytes")) return *code;
  auto link = spec::load_link_spec(options.text("config"));
  if (!link.ok()) return fail(link.status());
  for (const std::string& assignment : options.list("set"))
    if (const Status status = spec::apply_override(*link, assignment); !status.ok()) return fail(status);
  if (options.has("action")) {
    show_settings(link->name, link->description, spec::resolved_settings(*link), link->sources, options.json());
    return kOk;
  }
  Question question;
  if (const Status status = read_question(options, *link, question); !status.ok()) return fail(status, "links");
  const Outcome outcome = simulate(question);
  if (options.json())
    std::cout << report::json_text(json_of(options, question, outcome));
  else
    print(options, question, outcome);
  return kOk;
}

}  // namespace systole::cli
