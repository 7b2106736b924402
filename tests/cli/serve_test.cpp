// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// systole serve.
#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/cli/cli.h"
#include "tests/tolerance.h"

namespace systole::cli_tests {
namespace {

using Json = nlohmann::json;

const std::string kRoofline =
    " --parameters 6738415616 --weights 6.74GB --kv-token 512KiB --peak-flops 200TFLOP/s --peak-bytes 800GB/s"
    " --kv-memory 8GB";

TEST_F(Cli, ServeSaysWhatIsWrong) {
  write("bad.csv", "arrival_s,prompt,output\n0,5\n");
  write("none.csv", "arrival_s,prompt,output\n");
  write("good.csv", "arrival_s,prompt,output\n0,5,3\n");
  write("cost.csv", "phase,sequences,tokens,nanoseconds\nprefill,1,5,100\ndecode,1,5,0\n");
  fails("serve --trace bad.csv" + kRoofline, 3, {"bad.csv:2: expected 3 fields (arrival_s,prompt,output), got '0,5'"});
  fails("serve --trace none.csv" + kRoofline, 3, {"none.csv: expected a request, got none"});
  fails("serve --trace missing.csv" + kRoofline, 3, {"missing.csv: can't be read"});
  fails("serve --trace good.csv --cost cost.csv --kv-blocks 9", 3, {"cost.csv:3: expected whole numbers from 1 on"});
  fails("serve --trace good.csv --cost cost.csv", 2, {"--kv-blocks: expected a number, or --kv-memory and --kv-token"});
  fails("serve --kv-blocks 10", 2, {"--parameters: expected with a roofline (or --cost FILE, or --model), got none"});
  fails("serve --requests 0" + kRoofline, 2, {"--requests: expected 1 to 10000000, got 0"});
  fails("serve --prompt normal:3" + kRoofline, 2, {"--prompt: expected fixed:N, uniform:LEAST:MOST"});
  fails("serve --policy static,eager" + kRoofline, 2, {"--policy: expected some of", "got 'eager'"});
  fails("serve --timeout 5" + kRoofline, 2, {"--timeout: expected a number with a unit (s, ms, us, ns, ps), got '5'"});
  fails("serve --max-batch 0" + kRoofline, 2, {"--max-batch: expected 1 to 1000000, got 0"});
  fails("serve --block 0" + kRoofline, 2, {"--block: expected 1 to"});
  fails("serve --chunk 8 --max-batch 8" + kRoofline, 2, {"--chunk: expected 0, or more than --max-batch", "got 8"});
  fails("serve --policy static,static" + kRoofline, 2, {"--policy: expected each once, got 'static' again"});
  fails("serve --overhead 10000000000s" + kRoofline, 2, {"--overhead: expected at most 1000000s"});
  fails("serve --timeout 99999999999s" + kRoofline, 2, {"--timeout: expected at most 1000000s"});
  fails("serve --rate 1e-300" + kRoofline, 2, {"--rate: expected 0.001 to 1e9 a second, got 1e-300"});
  fails("serve --requests 10000000 --rate 0.001" + kRoofline, 2,
        {"--rate: expected all --requests within 1e8 seconds"});
  fails("serve --trace good.csv --seed 3" + kRoofline, 2, {"--seed: expected without --trace"});
  fails("serve --cost cost.csv" + kRoofline, 2, {"--cost: expected one of --model, --cost and a roofline"});
  fails("serve --device npu:edge-16x16" + kRoofline, 2, {"--device: expected beside --model"});
  fails("serve --topology switch" + kRoofline, 2, {"--topology: expected beside --model"});
  fails("serve --trace ." + kRoofline, 3, {".: can't be read"});
  write("steep.csv", "phase,sequences,tokens,nanoseconds\nprefill,1,1,1\nprefill,1,2,1000000000000000\ndecode,1,1,5\n");
  write("long.csv", "arrival_s,prompt,output\n0,1000000,1\n");
  fails("serve --trace long.csv --cost steep.csv --kv-blocks 1000000", 3, {"served within 31 years of the clock"});
  fails("serve --rat 3" + kRoofline, 2, {"did you mean '--rate'"});
}

TEST_F(Cli, ServeComparesPolicies) {
  const std::string command = "serve --requests 1000 --rate 8 --seed 3 --slo-ttft 1s -o out" + kRoofline;
  const Outcome outcome = systole(command + " --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json["cost"]["kind"], "estimated");
  const Json& runs = json["policies"];
  ASSERT_EQ(runs.size(), 3u);
  const auto at = [&](int run, const char* key) { return runs[run][key].get<double>(); };
  EXPECT_EQ(runs[0]["policy"], "continuous");
  EXPECT_GT(at(0, "output_tokens_per_second"), at(2, "output_tokens_per_second"));
  EXPECT_GT(at(0, "goodput_requests_per_second"), at(2, "goodput_requests_per_second"));
  EXPECT_LT(runs[0]["latency_seconds"]["p95"], runs[2]["latency_seconds"]["p95"]);
  for (const Json& run : runs) EXPECT_EQ(run["requests"], 1000);
  for (const char* name : {"requests.continuous.csv", "occupancy.static.csv"})
    EXPECT_GT(content(folder_ / "out" / name).size(), 1000u) << name;
  EXPECT_EQ(systole(command + " --json").out, outcome.out);
  EXPECT_NE(systole(command).out.find("whole request p95"), std::string::npos);
}

// Steps of a small model on an NPU: their table, and the same result from the table alone.
TEST_F(Cli, ServeSimulatesItsSteps) {
  write("tiny.json", llama(64, 128, 4, 4, 96));
  const std::string load =
      "serve --requests 300 --rate 300 --prompt uniform:8:64 --output exponential:8 --max-batch 16 ";
  const std::string model = load + "--model tiny.json --device npu:edge-16x16 ";
  const Outcome outcome = systole(model + "-o out --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json["cost"]["kind"], "simulated");
  ASSERT_EQ(json["cost"]["held_out"].size(), 4u);
  for (const Json& each : json["cost"]["held_out"])
    EXPECT_LT(std::abs(each["interpolation_error"].get<double>()), tests::kHeldOutStep) << each.dump();
  EXPECT_EQ(json["policies"][0]["requests"], 300);
  const std::string blocks = std::to_string(json["policies"][0]["kv_blocks"].get<int64_t>());
  const Json again = Json::parse(systole(load + "--cost out/cost.csv --kv-blocks " + blocks + " --json").out);
  EXPECT_EQ(again["policies"], json["policies"]);
  const Outcome ranks = systole(model + "--tp 4 --links nvlink4 --policy continuous");
  EXPECT_EQ(ranks.code, 0) << ranks.err;
  EXPECT_NE(ranks.out.find("4 ranks, ring on ring of nvlink4 (simulated)"), std::string::npos) << ranks.out;
  fails(load + "--model tiny.json --device cpu", 4, {"steps are simulated: expected npu:PRESET"});
  fails("serve --model tiny.json --device npu:edge-16x16 --requests 5 --prompt fixed:600", 3,
        {"at most the 512 positions of tiny, got one of"});
}

}  // namespace
}  // namespace systole::cli_tests
