// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// systole links.
#include <nlohmann/json.hpp>

#include "tests/cli/cli.h"
#include "tests/tolerance.h"

namespace systole::cli_tests {
namespace {

using Json = nlohmann::json;

TEST_F(Cli, LinksSayWhatIsWrong) {
  write("bad.yaml", "name: x\ndescription: y\nlink:\n  latence: 4ns\n");
  fails("links --bytes 1MiB", 2, {"missing --config"});
  fails("links --config nvlink4 --bytes 1MiB --memory 0GB/s", 2, {"--memory: expected at least 1 MB/s, got 0"});
  fails("links --config nvlink4", 2, {"missing --bytes"});
  fails("links play", 2, {"unknown action 'play'"});
  fails("links --config nvlink4 --bytes 1MiB --topology star", 2,
        {"--topology: expected one of ring, fully_connected, switch, got 'star'"});
  fails("links --config nvlink4 --bytes 1MiB --collective scatter", 2, {"--collective: expected one of all_reduce"});
  fails("links --config nvlink4 --bytes 0", 2, {"--bytes: expected at least 1, got 0"});
  fails("links --config nvlink4 --bytes 1Mi", 2, {"--bytes: expected a size in bytes"});
  fails("links --config nvlink4 --bytes 1MiB --devices 1", 2, {"--devices: expected 2 to 64, got 1"});
  fails("links --config nvlink4 --bytes 1MiB --host-bytes 1MiB", 2, {"--host-bytes: expected --host with it"});
  fails("links --config nvlink4 --bytes 1MiB --concurrent 65", 2, {"--concurrent: expected 1 to 64, got 65"});
  // Each alone is no more than a billion packets, all together are.
  fails("links --config nvlink4 --bytes 8GiB --concurrent 64", 2,
        {"--bytes: expected at most 1000000000 packets on channels, got about 12884"});
  fails("links --config nvlink4 --topology switch --host port --bytes 1MiB --host-bytes 64GiB --devices 8", 2,
        {"--bytes: expected at most 1000000000 packets on channels, got about 4"});
  fails("links --config nvlink4 --bytes 1MiB --host port", 2, {"--host: expected links of its own without a switch"});
  fails("links --config pcie-gen4-x16 --bytes 1MiB", 2, {"got one that needs 2"});
  fails("links --config nvlink44 --bytes 1MiB", 3, {"did you mean 'nvlink4'"});
  fails("links --config bad.yaml --bytes 1MiB", 3, {"bad.yaml:4:3: link.latence: expected a known key"});
  fails("links --config nvlink4 --bytes 1MiB --host nvlink44", 3, {"did you mean 'nvlink4'"});
  fails("links --config nvlink4 --bytes 1MiB --set link.lanes=3", 3, {"link.lanes: expected a known key"});
}

TEST_F(Cli, LinksBesideTheClosedForm) {
  const Outcome outcome = systole("links --config nvlink4 --devices 4 --bytes 1MiB --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  const double time = json["seconds"][0], form = json["closed_form_seconds"];
  EXPECT_NEAR(time, form, tests::kClosedForm * form);
  EXPECT_EQ(json["sent_bytes"], 4 * 2 * 3 * (1 << 20) / 4);
  EXPECT_EQ(json["sent_bytes"], json["received_bytes"]);
  EXPECT_EQ(json["kind"], "simulated");
  EXPECT_EQ(systole("links --config nvlink4 --devices 4 --bytes 1MiB --json").out, outcome.out);
  const Json both = Json::parse(systole("links --config nvlink4 --bytes 1MiB --concurrent 2 --json").out);
  EXPECT_EQ(both["seconds"].size(), 2u);
  EXPECT_GT(both["seconds"][1], 1.5 * time);
  EXPECT_FALSE(both.contains("closed_form_seconds"));
}

TEST_F(Cli, LinksShowAndList) {
  EXPECT_NE(systole("links list").out.find("nvlink4"), std::string::npos);
  const Json json = Json::parse(systole("links show --config nvlink4 --set link.per_device=6 --json").out);
  EXPECT_EQ(json["link.per_device"]["value"], "6");
}

// Inputs and outputs of a run over a link: their bytes over its bandwidth and its latency, apart from the run's time.
TEST_F(Cli, RunTimesTheHostLink) {
  const std::string command =
      "run mobilenet_v1_int8?image=96\\&width=25 --device npu:edge-16x16 --functional off --json ";
  const Outcome outcome = systole(command + "--host-link pcie-gen3-x16");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out), plain = Json::parse(systole(command).out);
  EXPECT_EQ(json["totals"], plain["totals"]);
  EXPECT_FALSE(plain.contains("host_link"));
  const Json& link = json["host_link"];
  EXPECT_EQ(link["input"]["kind"], "simulated");
  const double bytes = link["input_bytes"];
  EXPECT_EQ(bytes, 96 * 96 * 3 * 4);
  // After the first packet and the latency edge-16x16's DRAM, of 12.8 GB/s, holds back the link of 15.75 GB/s.
  const double expected = (256 + 24) / 15.753846 + 350 + bytes / 12.8;
  EXPECT_NEAR(link["input"]["value"].get<double>(), expected, tests::kClosedForm * expected);
  EXPECT_GT(link["output"]["value"].get<double>(), 350);
  // The key of the NPU does as much, and the option goes before it.
  const std::string key = command + "--set host.link=pcie-gen3-x16 ";
  EXPECT_EQ(Json::parse(systole(key).out)["host_link"], link);
  EXPECT_EQ(Json::parse(systole(key + "--host-link nvlink4").out)["host_link"]["config"], "nvlink4");
  fails("run lenet5 --device npu:edge-16x16 --set host.link=pcie-gen33", 3, {"host.link: ", "did you mean"});
  fails("run lenet5 --device ref --host-link pcie-gen3-x16", 4, {"is not simulated"});
  fails("run lenet5 --device npu:edge-16x16 --host-link pcie-gen33 --dump-outputs dump", 3, {"did you mean"});
  EXPECT_FALSE(fs::exists(folder_ / "dump")) << "said before anything ran";
}

}  // namespace
}  // namespace systole::cli_tests
