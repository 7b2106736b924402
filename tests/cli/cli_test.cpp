// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The command line as a user meets it: exit codes, messages, files. Runs the real program in a folder of its own.
#include "tests/cli/cli.h"

#include <pty.h>

#include <nlohmann/json.hpp>

#include "report/trace.h"

namespace systole::cli_tests {
namespace {

TEST_F(Cli, HelpTeachesAndEndsWell) {
  for (const char* arguments :
       {"--help", "run --help", "inspect --help", "devices --help", "bench --help", "npu --help", "models --help"}) {
    const Outcome outcome = systole(arguments);
    EXPECT_EQ(outcome.code, 0) << arguments;
    EXPECT_NE(outcome.out.find("Usage: systole"), std::string::npos) << arguments;
    EXPECT_NE(outcome.out.find("  systole "), std::string::npos) << arguments << ": no example";
  }
}

TEST_F(Cli, BenchMeasuresModelsAndOps) {
  const Outcome model = systole("bench lenet5 --device 'cpu?threads=1' --iterations 3 --warm-up 1 --json");
  ASSERT_EQ(model.code, 0) << model.err;
  const auto json = nlohmann::json::parse(model.out);
  EXPECT_EQ(json["iterations"], 3);
  EXPECT_GT(json["min_ns"].get<double>(), 0);
  EXPECT_LE(json["min_ns"].get<double>(), json["p50_ns"].get<double>());
  EXPECT_LE(json["p50_ns"].get<double>(), json["p99_ns"].get<double>());
  EXPECT_EQ(json["peaks"]["compute"][0]["type"], "f32");
  EXPECT_GT(json["peaks"]["compute"][0]["macs_per_s"].get<double>(), 1e8);
  int64_t macs = 0;
  for (const auto& op : json["ops"]) macs += op["macs"].get<int64_t>();
  EXPECT_EQ(macs, 416'520);

  const Outcome op = systole("bench --op conv2d --shape 1x8x9x9,16x8x3x3 --attribute stride=2 -n 2 --json");
  ASSERT_EQ(op.code, 0) << op.err;
  EXPECT_EQ(nlohmann::json::parse(op.out)["ops"][0]["macs"], 16 * 16 * 8 * 9);

  fails("bench", 2, {"MODEL", "--op"});
  fails("bench lenet5 --op matmul", 2, {"MODEL", "--op"});
  fails("bench --op matmul", 2, {"--shape"});
  fails("bench --op matmull --shape 4x4,4x4", 2, {"'matmull'", "did you mean 'matmul'"});
  fails("bench --op matmul --shape 4x4", 2, {"takes 2 shapes", "got 1"});
  fails("bench --op matmul --shape 4x4,3x4", 3, {"4"});
  fails("bench --op relu --shape 4x-4", 2, {"'4x-4'"});
  fails("bench --op relu --shape 4x4 --attribute stride=2", 2, {"relu has no 'stride'"});
}

TEST_F(Cli, DiffSetsTwoRunsSideBySide) {
  ASSERT_EQ(systole("run lenet5_int8 --device npu:edge-16x16 -o a").code, 0);
  ASSERT_EQ(systole("run lenet5_int8 --device npu:edge-16x16 --set dram.latency_cycles=90 -o b").code, 0);
  const Outcome same = systole("diff a a --within 0");
  EXPECT_EQ(same.code, 0) << same.out << same.err;
  EXPECT_NE(same.out.find("outputs: equal"), std::string::npos) << same.out;
  const Outcome other = systole("diff a b --json");
  ASSERT_EQ(other.code, 0) << other.err;
  const auto json = nlohmann::json::parse(other.out);
  EXPECT_EQ(json["facts"]["config.dram.latency_cycles"], nlohmann::json({"60", "90"}));
  EXPECT_EQ(json["outputs"], "equal");
  EXPECT_EQ(json["totals"][0]["name"], "latency");
  EXPECT_GT(json["totals"][0]["b"], json["totals"][0]["a"]);
  EXPECT_EQ(systole("diff a b --within 0").code, 1);
  EXPECT_EQ(systole("diff a b --within 50").code, 0);

  fails("diff a", 2, {"missing B"});
  fails("diff a b --within -1", 2, {"--within"});
  fails("diff a nowhere", 3, {"nowhere/run.json", "systole run -o"});
  write("b/layers.csv", "index,name\n1,conv,3\n");
  fails("diff a b", 3, {"b/layers.csv:2", "expected 2 columns, got 3"});
  write("b/run.json", "{\"totals\": {}, \"schema\": 7}");
  fails("diff a b", 3, {"b/run.json", "schema: expected 1, got 7"});
  for (const char* broken : {"", "[]", "{", "{\"totals\": 1}"}) {
    write("b/run.json", broken);
    fails("diff a b", 3, {"b/run.json", "expected a run's facts"});
  }
}

// The inputs that are made up index tables of 30,522 and of 2 rows.
TEST_F(Cli, SeededIndicesFitTheirTables) {
  const Outcome outcome = systole("run bert_base --device cpu --json");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST_F(Cli, WrongWordsAreUsageErrors) {
  fails("", 2, {"Usage: systole VERB"});
  fails("rnu", 2, {"unknown verb 'rnu'", "did you mean 'run'"});
  fails("run", 2, {"missing MODEL"});
  fails("run lenet5 --devise cpu", 2, {"unknown option '--devise'", "did you mean '--device'"});
  fails("run lenet5 --devi cpu", 2, {"unknown option"});
  fails("run lenet5 extra", 2, {"too many arguments"});
  fails("run lenet5 --verify cpu", 2, {"--verify", "expected ref"});
  fails("run lenet5 --weights int2", 2, {"--weights", "expected model or int8 or int4", "got 'int2'"});
  fails("run lenet5 --precision f8", 2, {"--precision", "expected native or model or bf16 or f16", "got 'f8'"});
  fails("compile lenet5 -o x.plan --precision f8", 2, {"--precision", "expected native, model, bf16 or f16"});
  fails("bench lenet5 --precision f8", 2, {"--precision", "expected native, model, bf16 or f16", "got 'f8'"});
  fails("compile lenet5 -o x.plan --weights int2", 2, {"--weights", "expected model, int8 or int4", "got 'int2'"});
  fails("run lenet5 --functional maybe", 2, {"--functional", "expected on or off", "got 'maybe'"});
  fails("run lenet5 --batch x", 2, {"batch"});
  fails("run lenet5 --trace", 2, {"-o"});
  for (const char* verb : {"run", "bench", "check", "compile -o x.plan", "inspect", "scaling"})
    fails(std::string(verb) + " lenet5 --batch -3", 2, {"--batch: expected at least 1, got -3"});
  fails("run lenet5 --seed -1", 2, {"--seed: expected 0 or more, got '-1'"});
  fails("dram --config hbm2 --trace x --window -1", 2, {"--window: expected 0 or more, got '-1'"});
  fails("diff-rtl --programs -1", 2, {"--programs: expected 0 or more, got '-1'"});
  fails("diff-rtl --programs 0", 2, {"--programs: expected 1 or more, got 0"});
  fails("validate --tolerance inf", 2, {"--tolerance: expected a finite number, got 'inf'"});
  fails("serve --rate nan", 2, {"--rate: expected a finite number, got 'nan'"});
  fails("npu", 2, {"missing action"});
  fails("npu list edge-16x16", 2, {"npu list: takes no NAME, got 'edge-16x16'"});
  fails("npu frobnicate", 2, {"unknown action 'frobnicate'"});
  fails("models make", 2, {"missing NAME"});
  fails("models list lenet", 3, {"no built-in network 'lenet'; did you mean 'lenet5'?"});
}

TEST_F(Cli, BadInputIsNamed) {
  fails("run lenet6", 3, {"'lenet6'", "did you mean 'lenet5'"});
  fails("run lenet5 --device cpuu", 3, {"cpuu", "did you mean 'cpu'"});
  fails("run lenet5 --device npu:edge-16x61", 3, {"edge-16x61", "edge-16x16"});
  fails("run lenet5 --device npu:edge-16x16 --set array.rowz=8", 3, {"array.rowz", "array.rows"});
  fails("run lenet5 --device cpu --set array.rows=8", 2, {"--set", "NPU"});
  fails("run lenet5 --inputs nput=x.npy", 2, {"'nput'", "did you mean 'input'"});
  fails("run lenet5 --inputs input=missing.npy", 3, {"missing.npy"});
  write("empty.onnx", "");
  fails("run empty.onnx", 3, {"empty.onnx"});
  write("text.onnx", "this is no model at all");
  fails("inspect text.onnx", 3, {"text.onnx"});
  fails("run 'gpt2?layers=99999999'", 3, {"layers=99999999", "from 1", "4096"});
  fails("run 'resnet50?image=0'", 3, {"image=0", "from 1"});
  fails("run lenet5 -o /proc/none/run", 4, {"cannot create"});
  fails("run lenet5 -o ''", 3, {"expected a run directory's name, got ''"});
  fails("run lenet5 -o empty.onnx", 3, {"empty.onnx exists and is not a run directory"});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(systole("run lenet5 -o slash/").code, 0) << "as a shell completes it";
  EXPECT_TRUE(fs::exists(folder_ / "slash" / "run.json"));
}

// The line that tells of progress is gone before the first result is printed, and was never on what is no terminal.
TEST_F(Cli, ProgressLeavesTheTerminalAlone) {
  const std::string command = "run resnet50 --device npu:edge-16x16 --functional off";
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  ASSERT_GE(child, 0);
  if (child == 0) {
    setenv("TERM", "xterm", 1);
    execl("/bin/sh", "sh", "-c", ("exec '" SYSTOLE_BINARY "' " + command).c_str(), nullptr);
    _exit(127);
  }
  std::string seen;
  char piece[4096];
  for (ssize_t got; (got = read(terminal, piece, sizeof piece)) > 0;) seen.append(piece, static_cast<size_t>(got));
  close(terminal);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_EQ(status, 0) << seen;
  const size_t table = seen.find(" #  layer");
  ASSERT_NE(table, std::string::npos) << seen;
  if (seen.find("working ... ") == std::string::npos) GTEST_SKIP() << "it was done before the line was due";
  EXPECT_EQ(seen.substr(table - 4, 4), "\r\x1b[K") << seen.substr(0, table + 40);
  EXPECT_EQ(systole(command).err, "");
}

TEST_F(Cli, TruncatedModelsAreRefusedWhole) {
  ASSERT_EQ(systole("models make lenet5 -o whole.onnx").code, 0);
  const std::string whole = content(folder_ / "whole.onnx");
  ASSERT_GT(whole.size(), 100'000u);
  for (size_t size : {size_t{10}, size_t{1000}, whole.size() / 2, whole.size() - 1}) {
    write("part.onnx", whole.substr(0, size));
    fails("run part.onnx -o run", 3, {"part.onnx"});
    EXPECT_FALSE(fs::exists(folder_ / "run")) << "a run directory of a failed run";
  }
}

TEST_F(Cli, YamlErrorsHaveFileLineAndKey) {
  const Outcome shown = systole("npu show edge-16x16");
  ASSERT_EQ(shown.code, 0);
  write("good.yaml", shown.out);
  EXPECT_EQ(systole("npu validate good.yaml").code, 0);
  const auto broken = [&](const std::string& from, const std::string& to) {
    std::string text = shown.out;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    write("bad.yaml", text.replace(at, from.size(), to));
  };
  broken("  rows: 16", "  rowz: 16");
  fails("npu validate bad.yaml", 3, {"bad.yaml:", "rowz", "rows"});
  broken("  rows: 16", "  rows: sixteen");
  fails("npu validate bad.yaml", 3, {"bad.yaml:", "array.rows", "expected", "got 'sixteen'"});
  broken("  rows: 16", "  rows: 16\n  rows: 16");
  fails("npu validate bad.yaml", 3, {"bad.yaml:", "rows"});
  broken("  rows: 16", "  rows: 0");
  fails("npu validate bad.yaml", 3, {"bad.yaml:", "array.rows"});
  fails("run lenet5 --device npu:bad.yaml", 3, {"bad.yaml:", "array.rows"});
}

TEST_F(Cli, UnsupportedIsItsOwnAnswer) {
  fails("run lenet5 --device npu:datacenter-128x128?fidelity=rtl", 4, {"fidelity=rtl", "array.rows", "got 128"});
  fails("run lenet5 --device npu:edge-16x16?fidelity=estimate", 4, {"fidelity=estimate"});
  fails("run lenet5_int8 --device npu:edge-16x16 --fallback none", 4, {"input/quantize", "casts to i8"});
  fails("run lenet5 --device null --fallback none", 4, {"conv"});
}

TEST_F(Cli, AModelBeyondTheDevicesMemoryIsRefusedWithBothNumbers) {
  const Outcome outcome = systole("run resnet50 --device npu:edge-16x16 --set dram.bytes=16MiB");
  EXPECT_EQ(outcome.code, 4) << outcome.err;
  EXPECT_NE(outcome.err.find("out_of_memory"), std::string::npos) << outcome.err;
  EXPECT_GE(std::count_if(outcome.err.begin(), outcome.err.end(),
                          [](char c) { return std::isdigit(static_cast<unsigned char>(c)); }),
            14);
}

TEST_F(Cli, TheSameSeedGivesTheSameBytes) {
  for (const char* run : {"one", "two"}) {
    const Outcome outcome =
        systole("run lenet5 --device npu:edge-16x16 --trace --dump-outputs " + std::string(run) + "_out -o " + run);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
  }
  for (const char* file : {"run.json", "layers.csv", "trace.pftrace"}) {
    EXPECT_EQ(content(folder_ / "one" / file), content(folder_ / "two" / file)) << file;
    EXPECT_FALSE(content(folder_ / "one" / file).empty()) << file;
  }
  EXPECT_EQ(content(folder_ / "one_out/output.npy"), content(folder_ / "two_out/output.npy"));
  ASSERT_EQ(systole("run lenet5 --device npu:edge-16x16 --seed 2 -o three --dump-outputs three_out").code, 0);
  EXPECT_NE(content(folder_ / "one_out/output.npy"), content(folder_ / "three_out/output.npy"));
  EXPECT_NO_THROW(nlohmann::json::parse(content(folder_ / "one/host.json")));
}

TEST_F(Cli, TheRunDirectoryAddsUp) {
  ASSERT_EQ(systole("run lenet5 --device npu:edge-16x16 --trace -o run").code, 0);
  const auto json = nlohmann::json::parse(content(folder_ / "run/run.json"));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["totals"]["macs"]["value"], 416520);
  int64_t sum = 0;
  for (const auto& [cause, cycles] : json["totals"]["cycles_by_cause"].items()) sum += cycles.get<int64_t>();
  EXPECT_EQ(sum, json["totals"]["cycles"]["value"].get<int64_t>());
  EXPECT_EQ(json["config"]["array.rows"]["value"], "16");
  auto spans = systole::report::read_perfetto_trace(content(folder_ / "run/trace.pftrace"));
  ASSERT_TRUE(spans.ok()) << spans.status().to_string();
  bool layer = false, engine = false;
  for (const auto& span : *spans) {
    layer = layer || (span.track == "layers" && span.name == "conv1");
    engine = engine || span.track.find("compute") != std::string::npos;
  }
  EXPECT_TRUE(layer);
  EXPECT_TRUE(engine);
}

TEST_F(Cli, AForeignFolderIsNotOverwritten) {
  fs::create_directories(folder_ / "mine");
  write("mine/notes.txt", "keep me");
  fails("run lenet5 --device ref -o mine", 3, {"mine", "not a run directory"});
  EXPECT_EQ(content(folder_ / "mine/notes.txt"), "keep me");
}

TEST_F(Cli, OutputsBecomeInputs) {
  ASSERT_EQ(systole("run lenet5 --device ref --dump-outputs a").code, 0);
  fails("run lenet5 --inputs input=a/output.npy", 3, {"input 'input'", "expected f32[1x1x28x28]", "got f32[1x10]"});
}

TEST_F(Cli, VerifyPassesOnEveryDevice) {
  for (const char* device : {"cpu", "npu:tiny-8x8", "npu:edge-16x16"}) {
    const Outcome outcome = systole(std::string("run lenet5 --verify ref --device ") + device);
    EXPECT_EQ(outcome.code, 0) << device << outcome.out;
    EXPECT_NE(outcome.out.find("verification passed"), std::string::npos) << device;
  }
}

TEST_F(Cli, JsonIsJson) {
  for (const char* arguments : {"devices --json", "npu list --json", "npu show tpu-v1 --json",
                                "npu validate tpu-v1 --json", "models list --json", "inspect lenet5 --json",
                                "run lenet5 --device npu:tiny-8x8 --json", "models make lenet5 --json"}) {
    const Outcome outcome = systole(arguments);
    EXPECT_EQ(outcome.code, 0) << arguments;
    EXPECT_NO_THROW(nlohmann::json::parse(outcome.out)) << arguments;
  }
}

TEST_F(Cli, ModelsListNamesOneOrAll) {
  const auto names = [&](const std::string& arguments) {
    std::vector<std::string> all;
    for (const auto& model : nlohmann::json::parse(systole(arguments + " --json").out)) all.push_back(model["name"]);
    return all;
  };
  EXPECT_EQ(names("models list lenet5"), std::vector<std::string>{"lenet5"});
  EXPECT_EQ(names("models list 'bert_base?layers=2'"), std::vector<std::string>{"bert_base"});
  EXPECT_GT(names("models list").size(), 20u);
}

TEST_F(Cli, DevicesTellWhatGpusNeed) {
  setenv("SYSTOLE_CUDA_DRIVER", "/nowhere/libcuda.so", 1);
  const Outcome outcome = systole("devices --json");
  unsetenv("SYSTOLE_CUDA_DRIVER");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::string missing;
  for (const auto& each : nlohmann::json::parse(outcome.out))
    if (each["device"].get<std::string>().starts_with("gpu") && !each["available"])
      missing += each["missing"].get<std::string>();
  EXPECT_TRUE(missing.find("no CUDA driver (/nowhere/libcuda.so)") != std::string::npos ||
              missing.find("install libffmpeg-nvenc-dev") != std::string::npos)
      << outcome.out;
}

TEST_F(Cli, DevicesTellWhetherTheRtlCanBeRun) {
  const auto state_of = [&](const std::string& device) {
    const Outcome outcome = systole("devices --json");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    for (const auto& each : nlohmann::json::parse(outcome.out))
      if (each["device"] == device) return each["option_states"].at(0);
    ADD_FAILURE() << "no " << device;
    return nlohmann::json();
  };
  const auto large = state_of("npu:tpu-v1");
  EXPECT_EQ(large["option"], "fidelity=rtl");
  EXPECT_EQ(large["state"], "unsupported");
  EXPECT_NE(large["missing"].get<std::string>().find("array.rows: the RTL expects 2 to 64, got 256"),
            std::string::npos);

  const std::string path = std::getenv("PATH");
  const fs::path tools = folder_ / "tools";
  fs::create_directories(tools);
  setenv("PATH", tools.c_str(), 1);
  auto small = state_of("npu:tiny-4x4");
  EXPECT_EQ(small["state"], "unavailable");
  EXPECT_NE(small["missing"].get<std::string>().find("apt-get install verilator g++"), std::string::npos) << small;
  for (const char* tool : {"verilator", "g++", "bash"}) fs::create_symlink("/bin/true", tools / tool);
  small = state_of("npu:tiny-4x4");
  setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(small["state"], "available") << small;
}

TEST_F(Cli, OverridesAndTimingOnly) {
  const auto cycles = [&](const std::string& arguments) {
    const Outcome outcome = systole("run lenet5 --json --device npu:edge-16x16 " + arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out)["totals"]["cycles"]["value"].get<int64_t>();
  };
  const int64_t plain = cycles("");
  EXPECT_EQ(cycles("--functional off"), plain);
  EXPECT_LT(cycles("--set dram.bytes_per_second=64GB/s"), plain);
}

}  // namespace
}  // namespace systole::cli_tests
