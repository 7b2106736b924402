// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// systole llm.
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/cli/cli.h"

namespace systole::cli_tests {
namespace {

using Json = nlohmann::json;

const std::string kTiny = llama(64, 128, 4, 2, 96);

TEST_F(Cli, LlmSaysWhatIsWrong) {
  write("tiny.json", kTiny);
  write("mamba.json", R"({"model_type": "mamba"})");
  fails("llm", 2, {"missing CONFIG"});
  fails("llm tiny.json --batch 0", 2, {"--batch: expected 1 to 1073741824, got 0"});
  fails("llm tiny.json --kv-block 9223372036854775807", 2, {"--kv-block: expected 1 to 1073741824, got 92233720"});
  fails("llm tiny.json --functional maybe", 2, {"--functional: expected on or off, got 'maybe'"});
  fails("llm tiny.json --prompt 8 --generate 4 --topology switch", 2,
        {"--topology: expected --links with it, got none"});
  fails("llm tiny.json --prompt 8 --generate 4 --tp 128 --links nvlink4", 2,
        {"--tp: expected 1 to 64 with --links, got 128"});
  fails("llm tiny.json --promt 3", 2, {"did you mean '--prompt'"});
  fails("llm llama-2-7 --device npu:edge-16x16", 3, {"did you mean 'llama-2-7b'"});
  fails("llm mamba.json --device npu:edge-16x16", 4, {"mamba.json: model_type: 'mamba'; there are gemma, gpt2"});
  fails("llm tiny.json --device npu:edge-16x16 --prompt 600", 2, {"728 positions, and tiny has 512"});
  fails("llm tiny.json --device npu:edge-16x16 --prompt 8 --generate 8 --tp 4", 3,
        {"4 ranks can't share 2 key and value heads evenly"});
  fails("llm tiny.json --device npu:edge-16x16 --kv-dtype int3", 2, {"--kv-dtype: expected bf16 or int8, got 'int3'"});
  fails("llm tiny.json --device npu:edge-16x16 --set array.weight_types=same --kv-dtype int8", 4,
        {"--kv-dtype int8", "keys and values of i8", "array.weight_types: same"});
  fails("llm tiny.json --device npu:edge-16x16 --kv-block 0", 2, {"--kv-block: expected 1 to 1073741824, got 0"});
  fails("llm tiny.json --device npu:edge-16x16 --weights int3", 2, {"--weights: expected bf16, f16, int8 or int4"});
  fails("llm tiny.json --device npu:edge-16x16 --weights f16", 4, {"--weights f16", "products of f16 and f16"});
  fails("llm tiny.json --device cpu", 4, {"llm simulates"});
  fails("llm llama-2-7b --device npu:datacenter-128x128 --batch 8", 4,
        {"llama-2-7b needs 14.80 GiB (12.31 GiB of weights, 2.50 GiB of keys and values: batch 8, 639 positions)",
         "has 7.99 GiB"});
  fails("llm llama-2-7b --device npu:datacenter-128x128 --batch 32 --weights int8", 4,
        {"needs 16.14 GiB (6.15 GiB of weights, 9.98 GiB of keys"});
  fails("llm llama-2-7b --device npu:datacenter-128x128 --batch 32 --weights int4", 4,
        {"needs 13.06 GiB (3.08 GiB of weights, 9.98 GiB of keys"});
  fails("llm llama-2-7b --device npu:datacenter-128x128 --batch 1073741824 --kv-block 1073741824", 4,
        {"out_of_memory", "batch 1073741824, 1073741824 positions"});
}

TEST_F(Cli, LlmTimesPrefillAndDecode) {
  write("tiny.json", kTiny);
  const std::string command = "llm tiny.json --device npu:edge-16x16 --prompt 64 --generate 257 --batch 2";
  const Outcome outcome = systole(command + " --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json["parameters"], 2 * 96 * 64 + 2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 128 + 2 * 64) + 64);
  EXPECT_EQ(json["memory"]["kv_bytes"], 2 * 2 * 2 * 2 * 16 * 2 * 320);
  ASSERT_EQ(json["decode"].size(), 4u);
  EXPECT_EQ(json["decode"][0]["past"], 64);
  EXPECT_EQ(json["decode"][1]["held_out"], true);
  EXPECT_EQ(json["decode"][3]["past"], 319);
  EXPECT_LT(json["decode"][0]["seconds"], json["decode"][3]["seconds"]);
  const auto at = [&](int i, const char* key) { return json["decode"][i][key].get<double>(); };
  const double share = (at(1, "past") - at(0, "past")) / (at(2, "past") - at(0, "past"));
  const double between = at(0, "seconds") * (1 - share) + at(2, "seconds") * share;
  EXPECT_NEAR(json["interpolation_error"].get<double>(), between / at(1, "seconds") - 1, 1e-9);
  // 256 tokens after the first, linear between the points that are not held out.
  const auto after = [&](double past) {
    const int from = past < at(2, "past") ? 0 : 2, to = past < at(2, "past") ? 2 : 3;
    const double along = (past - at(from, "past")) / (at(to, "past") - at(from, "past"));
    return at(from, "seconds") * (1 - along) + at(to, "seconds") * along;
  };
  double decode = 0;
  for (int i = 0; i < 256; ++i) decode += after(64 + i);
  EXPECT_NEAR(json["token_s"].get<double>(), decode / 256, 1e-9 * decode);
  const double all = json["first_token_s"].get<double>() + decode;
  EXPECT_NEAR(json["tokens_per_s"].get<double>(), 2 * 257 / all, 1e-9 * 2 * 257 / all);
  for (const Json& phase : {json["prefill"], json["decode"][3]}) {
    const double bytes = phase["dram_read_bytes"].get<double>() + phase["dram_write_bytes"].get<double>();
    const double macs = phase["macs"], rate = phase["dram_bytes_per_s"];
    EXPECT_NEAR(phase["ops_per_dram_byte"].get<double>(), 2 * macs / bytes, 1e-9 * macs);
    EXPECT_NEAR(rate, bytes / phase["seconds"].get<double>(), 1e-9 * rate);
    EXPECT_NEAR(phase["busy"]["DRAM"].get<double>(), rate / phase["dram_peak_bytes_per_s"].get<double>(), 1e-9);
    EXPECT_LE(phase["busy"]["DRAM"], 1.0);
    const double bound = phase["busy"][phase["bound"].get<std::string>()];
    for (const auto& [resource, busy] : phase["busy"].items()) EXPECT_LE(busy.get<double>(), bound) << resource;
    // The table's 32 pJ a byte of LPDDR, and no more than as much again for each product and on the chip.
    EXPECT_GT(phase["energy_j_estimated"].get<double>(), 32e-12 * bytes);
    EXPECT_LT(phase["energy_j_estimated"].get<double>(), 64e-12 * (bytes + macs));
  }
  // A step reads each weight and each key and value once.
  const double weights = json["memory"]["weight_bytes"], caches = json["memory"]["kv_bytes"];
  EXPECT_GT(json["decode"][3]["dram_read_bytes"], weights + caches * 0.98);
  EXPECT_LT(json["decode"][3]["dram_read_bytes"], 1.1 * (weights + caches));
  EXPECT_EQ(systole(command + " --json").out, outcome.out);
  const Outcome text = systole(command + " --kv-block 15 --tp 2");
  EXPECT_EQ(text.code, 0) << text.err;
  for (const char* what : {"first token", "each after it", "bound by", "roofline", "held out", "pages of 15 positions",
                           "one of 2 ranks", "exchanged"})
    EXPECT_NE(text.out.find(what), std::string::npos) << what << "\n" << text.out;
}

// As text the energy is a token's: of all prompts' tokens in prefill, of one of each request in decode.
TEST_F(Cli, LlmTellsTheEnergyOfAToken) {
  write("tiny.json", kTiny);
  const std::string command = "llm tiny.json --device npu:edge-16x16 --prompt 24 --generate 2 --batch 3";
  const Json json = Json::parse(systole(command + " --json").out);
  const std::string text = systole(command).out;
  const std::regex line("energy +([0-9.]+) (.)J a token");
  std::sregex_iterator at(text.begin(), text.end(), line);
  for (const double joules : {json["prefill"]["energy_j_estimated"].get<double>() / (3 * 24),
                              json["decode"][0]["energy_j_estimated"].get<double>() / 3}) {
    ASSERT_NE(at, std::sregex_iterator()) << text;
    const double unit = (*at)[2] == "n" ? 1e-9 : (*at)[2] == "u" ? 1e-6 : (*at)[2] == "m" ? 1e-3 : 0;
    EXPECT_NEAR(std::stod((*at)[1]) * unit, joules, 0.005 * joules) << text;  // three digits
    ++at;
  }
}

// int8 halves what the cache takes and what decode reads of it; pages change where it lies, not how much.
TEST_F(Cli, LlmCachesOfInt8AndInPages) {
  write("tiny.json", kTiny);
  const auto run = [&](const std::string& options) {
    const Outcome outcome = systole("llm tiny.json --device npu:edge-16x16 --prompt 300 --generate 4 --json" + options);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return Json::parse(outcome.out);
  };
  const auto read = [](const Json& json) { return json["decode"].back()["dram_read_bytes"].get<int64_t>(); };
  const Json bf16 = run(""), int8 = run(" --kv-dtype int8"), paged = run(" --kv-dtype int8 --kv-block 16");
  const int64_t cache = bf16["memory"]["kv_bytes"];
  EXPECT_EQ(cache, 2 * 2 * 2 * 16 * 2 * 303);
  EXPECT_EQ(int8["memory"]["kv_bytes"], cache / 2);
  EXPECT_EQ(int8["kv_dtype"], "int8");
  EXPECT_EQ(paged["memory"]["kv_bytes"], cache / 2 / 303 * 304);
  EXPECT_EQ(paged["memory"]["kv_block"], 16);
  EXPECT_NEAR(read(bf16) - read(int8), cache / 2, cache * 0.02);
  EXPECT_NEAR(read(paged), read(int8), cache * 0.02);
  EXPECT_GT(paged["decode"].back()["cycles"], int8["decode"].back()["cycles"]);
}

TEST_F(Cli, LlmBuiltinsRunAsModels) {
  const Outcome outcome =
      systole("run 'llama-3.2-1b?sequence=1&context=64&layers=1' --device npu:datacenter-128x128 --functional off");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("layer.0.down"), std::string::npos) << outcome.out;
  const Outcome checked = systole("check 'mistral-7b?layers=1' --device npu:datacenter-128x128 --json");
  EXPECT_EQ(checked.code, 0) << checked.err;
  const Json json = Json::parse(checked.out);
  EXPECT_EQ(json["elsewhere"], 1);  // tokens are looked up on the host
  EXPECT_EQ(json["ops"]["Gather"]["elsewhere"], 1);
  fails("models make llama-3.2-1b", 4, {"made of HAL ops"});
}

}  // namespace
}  // namespace systole::cli_tests
