// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// systole llm with ranks on links.
#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/cli/cli.h"

namespace systole::cli_tests {
namespace {

using Json = nlohmann::json;

const std::string kWide = llama(256, 512, 8, 8, 128);

TEST_F(Cli, LlmRanksOnLinksSayWhatIsWrong) {
  write("wide.json", kWide);
  const std::string command = "llm wide.json --device npu:edge-16x16 --prompt 16 --generate 2 ";
  fails(command + "--tp 4 --links nvlink44", 3, {"did you mean 'nvlink4'"});
  fails(command + "--tp 4 --links nvlink4 --topology star", 2, {"--topology: expected one of ring"});
  fails(command + "--tp 4 --links nvlink4 --algorithm tree", 2, {"--algorithm: expected one of ring, direct"});
  fails(command + "--tp 4 --links pcie-gen4-x16", 2, {"got one that needs 2"});
}

// Four ranks: parts that sum to the step, and exchanges that take what `systole links` says of one, as often as there
// are: two all-reduces a layer and the logits' gathering.
TEST_F(Cli, LlmRanksAreSplitInComputeMemoryAndCommunication) {
  write("wide.json", kWide);
  const std::string command = "llm wide.json --device npu:edge-16x16 --prompt 64 --generate 4 --batch 2 --json ";
  const Json one = Json::parse(systole(command + "--links nvlink4").out);
  EXPECT_EQ(one["prefill"]["ranks"]["communication_seconds"], 0.0);
  EXPECT_EQ(one["prefill"]["ranks"]["seconds"], one["prefill"]["seconds"]);
  const Outcome outcome = systole(command + "--tp 4 --links nvlink4 --topology ring");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json four = Json::parse(outcome.out);
  for (const Json& phase : {four["prefill"], four["decode"][0]}) {
    const Json& ranks = phase["ranks"];
    double sum = 0;
    for (const char* part : {"compute_seconds", "memory_seconds", "waiting_seconds", "communication_seconds"})
      sum += ranks[part].get<double>();
    EXPECT_NEAR(sum, ranks["seconds"].get<double>(), 1e-9 * sum);
    EXPECT_GT(ranks["seconds"].get<double>(), phase["seconds"].get<double>());
    EXPECT_EQ(ranks["collectives"], 5);
  }
  // bf16 rows of the width, of each token; memory is the device's DRAM.
  const double memory = four["prefill"]["dram_peak_bytes_per_s"];
  const auto time_of = [&](const std::string& what, int bytes) {
    return Json::parse(systole("links --config nvlink4 --devices 4 --collective " + what + " --bytes " +
                               std::to_string(bytes) + " --memory " + std::to_string(std::llround(memory)) +
                               "B/s --json")
                           .out)["seconds"][0]
        .get<double>();
  };
  const double prefill = 4 * time_of("all_reduce", 2 * 64 * 256 * 2) + time_of("all_gather", 2 * 128 * 4);
  EXPECT_NEAR(four["prefill"]["ranks"]["communication_seconds"].get<double>(), prefill, 1e-6 * prefill);
  const double decode = 4 * time_of("all_reduce", 2 * 256 * 2) + time_of("all_gather", 2 * 128 * 4);
  EXPECT_NEAR(four["decode"][0]["ranks"]["communication_seconds"].get<double>(), decode, 1e-6 * decode);
  EXPECT_NEAR(four["first_token_s"].get<double>(), four["prefill"]["ranks"]["seconds"].get<double>(), 1e-12);
  // A rank has a quarter of the products.
  EXPECT_LT(four["prefill"]["seconds"].get<double>(), one["prefill"]["seconds"].get<double>() * 0.5);
  const Json best = Json::parse(systole(command + "--tp 4 --links nvlink4 --topology switch --algorithm best").out);
  const Json ring = Json::parse(systole(command + "--tp 4 --links nvlink4 --topology switch").out);
  EXPECT_LT(best["decode"][0]["ranks"]["communication_seconds"], ring["decode"][0]["ranks"]["communication_seconds"]);
  const Outcome text = systole("llm wide.json --device npu:edge-16x16 --prompt 16 --generate 2 --tp 4 --links nvlink4");
  for (const char* words : {"one of 4 ranks, ring on ring of nvlink4", "of all ranks", "communication"})
    EXPECT_NE(text.out.find(words), std::string::npos) << words << "\n" << text.out;
}

}  // namespace
}  // namespace systole::cli_tests
