// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The verbs around a run: check, bisect, schema, completion, the manual; and what a full disk or a second process does
// to files.
#include <nlohmann/json.hpp>

#include "tests/cli/cli.h"

namespace systole::cli_tests {
namespace {

using Json = nlohmann::json;

TEST_F(Cli, CheckSaysWhatRunsWhereAndWhyNot) {
  const Outcome fine = systole("check lenet5 --device npu:edge-16x16 --strict");
  EXPECT_EQ(fine.code, 0) << fine.err;
  EXPECT_NE(fine.out.find("all ops run on npu:edge-16x16"), std::string::npos) << fine.out;
  const Outcome not_all = systole("check lenet5 --device npu:tpu-v1");
  EXPECT_EQ(not_all.code, 0) << not_all.err;
  EXPECT_NE(not_all.out.find("conv1"), std::string::npos) << not_all.out;
  EXPECT_NE(not_all.out.find("products of f32"), std::string::npos) << not_all.out;
  EXPECT_EQ(systole("check lenet5 --device npu:tpu-v1 --strict").code, 4);
  const Outcome as_json = systole("check lenet5 --device npu:tpu-v1 --json");
  const Json json = Json::parse(as_json.out);
  EXPECT_GT(json["elsewhere"].get<int>(), 0);
  EXPECT_EQ(json["ops"]["conv2d"]["on_device"].get<int>(), 0);
  bool reasons = false;
  for (const Json& node : json["nodes"]) reasons = reasons || !node["why"].get<std::string>().empty();
  EXPECT_TRUE(reasons);
  fails("check no_such_model --device cpu", 3, {"no_such_model"});
  fails("check lenet5 --device npu:nowhere", 3, {"nowhere"});
}

TEST_F(Cli, WeightsAreStoredAsAsked) {
  const Outcome four = systole("run lenet5 --device npu:edge-16x16 --weights int4 --verify ref -v");
  EXPECT_EQ(four.code, 0) << four.err;
  EXPECT_NE(four.out.find("weights: fc1 takes them as i4"), std::string::npos) << four.out;
  const Outcome refused = systole("run lenet5 --device npu:edge-16x16 --set array.weight_types=i8 --weights int4 -v");
  EXPECT_EQ(refused.code, 0) << refused.err;
  EXPECT_NE(refused.out.find("weights: fc1 keeps its floats: i4 weights of bf16"), std::string::npos) << refused.out;
  const Outcome compiled = systole("compile lenet5 --device npu:edge-16x16 --weights int4 -o four.plan");
  EXPECT_EQ(compiled.code, 0) << compiled.err;
  const auto digests = [&](const std::string& command) {
    return Json::parse(systole(command + " --json").out)["digests"];
  };
  EXPECT_EQ(digests("run four.plan"), digests("run lenet5 --device npu:edge-16x16 --weights int4"));
  fails("run four.plan --weights int8", 2, {"--weights", "compile the model again"});
}

TEST_F(Cli, BisectNamesTheFirstNodeThatParts) {
  const Outcome none = systole("run lenet5 --device npu:edge-16x16 --bisect");
  EXPECT_EQ(none.code, 0) << none.err;
  EXPECT_NE(none.out.find("no node parts"), std::string::npos) << none.out;
}

// Every key of every preset is one of the schema's, and all that it requires is there.
TEST_F(Cli, SchemaKnowsEveryKey) {
  const Json schema = Json::parse(systole("npu schema").out);
  EXPECT_EQ(schema["type"], "object");
  for (const Json& preset : Json::parse(systole("npu list --json").out)) {
    const Json values = Json::parse(systole("npu show --json " + preset["name"].get<std::string>()).out);
    for (const auto& [key, value] : values.items()) {
      const size_t dot = key.find('.');
      const Json& object = dot == std::string::npos ? schema : schema["properties"][key.substr(0, dot)];
      EXPECT_TRUE(object["properties"].contains(dot == std::string::npos ? key : key.substr(dot + 1))) << key;
    }
  }
  EXPECT_EQ(schema["properties"]["array"]["required"], (Json{"rows", "cols"}));
  EXPECT_EQ(schema["properties"]["array"]["properties"]["rows"]["type"], "integer");
}

TEST_F(Cli, CompletionOffersVerbsAndOptions) {
  const Outcome script = systole("completion bash");
  ASSERT_EQ(script.code, 0) << script.err;
  write("completion.bash", script.out + R"~(
COMP_WORDS=(systole ch); COMP_CWORD=1; _systole; echo "${COMPREPLY[@]}"
COMP_WORDS=(systole run --bis); COMP_CWORD=2; _systole; echo "${COMPREPLY[@]}"
)~");
  const std::string shell = "cd '" + folder_.string() +
                            "' && ln -sf '" SYSTOLE_BINARY
                            "' systole && PATH=\"$PWD:$PATH\" bash completion.bash > offered.txt 2>&1";
  EXPECT_EQ(std::system(shell.c_str()), 0);
  EXPECT_EQ(content(folder_ / "offered.txt"), "check\n--bisect\n");
  EXPECT_EQ(systole("completion zsh").code, 0);
  fails("completion fish", 2, {"fish", "bash or zsh"});
}

TEST_F(Cli, ManualHasEveryVerbAndTheExitCodes) {
  const Outcome manual = systole("man");
  ASSERT_EQ(manual.code, 0) << manual.err;
  EXPECT_TRUE(manual.out.starts_with(".TH SYSTOLE 1")) << manual.out.substr(0, 80);
  for (const char* part : {".SS run", ".SS check", ".SS bench", ".SS models", ".SH EXIT STATUS", "verification failed"})
    EXPECT_NE(manual.out.find(part), std::string::npos) << part;
  EXPECT_EQ(manual.out, content(fs::path(SYSTOLE_SOURCE_DIR) / "docs/systole.1"))
      << "docs/systole.1 is stale: systole man > docs/systole.1";
}

TEST_F(Cli, ACompiledPlanRunsAsItsModel) {
  const Outcome made = systole("compile lenet5 --device npu:tiny-8x8 -o lenet5.plan --json");
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(Json::parse(made.out)["compiled_lists"], 1) << made.out;
  const Outcome plan = systole("run lenet5.plan --json --verify ref --dump-outputs a");
  ASSERT_EQ(plan.code, 0) << plan.err;
  const Outcome model = systole("run lenet5 --device npu:tiny-8x8 --json --verify ref --dump-outputs b");
  ASSERT_EQ(model.code, 0) << model.err;
  Json one = Json::parse(plan.out), other = Json::parse(model.out);
  EXPECT_EQ(one["totals"], other["totals"]);
  EXPECT_EQ(one["config"], other["config"]);
  for (const auto& entry : fs::directory_iterator(folder_ / "a"))
    EXPECT_EQ(content(entry.path()), content(folder_ / "b" / entry.path().filename()));
  const Outcome seen = systole("inspect lenet5.plan");
  EXPECT_NE(seen.out.find("npu:tiny-8x8"), std::string::npos) << seen.out;
  fails("run lenet5.plan --device cpu", 2, {"compiled for npu:tiny-8x8", "compile the model again"});
  fails("run lenet5.plan --batch 2", 2, {"--batch", "compile the model again"});
  fails("compile lenet5.plan -o again.plan", 3, {"compiled already"});
  fails("compile lenet5", 2, {"-o FILE.plan"});
  fails("check lenet5.plan", 3, {"compiled plan"});
  write("cut.plan", content(folder_ / "lenet5.plan").substr(0, 5000));
  fails("run cut.plan", 3, {"cut.plan", "plan file: "});
}

// Files may grow to one block only: what doesn't fit is an error, and nothing half-written stays.
TEST_F(Cli, AFullDiskLeavesNothingBehind) {
  for (const std::string arguments :
       {"models make lenet5 -o model.onnx", "run lenet5 -o results", "compile lenet5 -o lenet5.plan"}) {
    fs::create_directories(folder_ / "room");
    write("full.sh", "cd room && trap '' XFSZ && ulimit -f 1 && '" SYSTOLE_BINARY "' " + arguments +
                         " 2>&1 >/dev/null | head -c 400 > /dev/fd/3; exit ${PIPESTATUS[0]}");
    const int status = std::system(("cd '" + folder_.string() + "' && bash full.sh 3> said.txt").c_str());
    EXPECT_NE(WEXITSTATUS(status), 0) << arguments;
    EXPECT_NE(content(folder_ / "said.txt").find("systole: "), std::string::npos) << content(folder_ / "said.txt");
    EXPECT_TRUE(fs::is_empty(folder_ / "room"))
        << arguments << " left " << fs::directory_iterator(folder_ / "room")->path();
    fs::remove_all(folder_ / "room");
  }
}

TEST_F(Cli, TwoProcessesWriteRunsSideBySide) {
  const std::string one = "'" SYSTOLE_BINARY "' run lenet5 --device npu:tiny-8x8 -o runs/";
  const std::string shell = "cd '" + folder_.string() + "' && (" + one + "a & p=$!; " + one + "b & q=$!; " + one +
                            "a; r=$?; wait $p && wait $q && exit $r) >/dev/null 2>said.txt";
  EXPECT_EQ(std::system(("bash -c \"" + shell + "\"").c_str()), 0) << content(folder_ / "said.txt");
  for (const char* run : {"a", "b"}) {
    const Json json = Json::parse(content(folder_ / "runs" / run / "run.json"));
    EXPECT_FALSE(json.empty());
    EXPECT_FALSE(content(folder_ / "runs" / run / "layers.csv").empty());
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "runs"), fs::directory_iterator{}), 2);
}

TEST_F(Cli, DiffRtlComparesProgramsAndReplaysThem) {
  const Outcome outcome = systole("diff-rtl --substrates model,interpreter -n 40 --seed 3 --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_GE(json["programs"].get<int>(), 38);
  EXPECT_EQ(json["failures"].size(), 0u);
  EXPECT_GT(json["coverage"]["cells"].get<int>(), 150);
  EXPECT_NE(
      systole("diff-rtl --substrates model,interpreter -n 5 --npu tiny-8x8 --coverage").out.find("read_after_write"),
      std::string::npos);

  const std::string program = "systole-program 1\nnpu 8x8\nfence sequence=3 irq=1\n";
  write("good.program", program);
  EXPECT_EQ(systole("diff-rtl --substrates model,interpreter --replay good.program").code, 0);
  write("racing.program",
        "systole-program 1\nload dram_addr=0x58000 row_bytes=64 n0=1 n1=1 n2=1\n"
        "store dram_addr=0x14000 row_bytes=64 n0=1 n1=1 n2=1\nfence sequence=3 irq=1\n");
  fails("diff-rtl --substrates model,interpreter --replay racing.program", 3, {"racing.program", "race"});
  // Another bound of the queue would go unseen, another legality not: the model raises an error that no one expects.
  write("wrong.program", "systole-program 1\nload row_bytes=64 n0=1 n1=1 n2=1\nfence sequence=3 irq=1\n");
  const Outcome wrong = systole("diff-rtl --substrates model,interpreter --replay wrong.program --save-dir kept");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_NE(wrong.out.find("dma_fault"), std::string::npos) << wrong.out;
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "kept"), fs::directory_iterator{}), 1);

  write("bad.program", "systole-program 1\nnop\nlaod\n");
  fails("diff-rtl --replay bad.program --substrates model,interpreter", 3, {"bad.program:3: expected", "'laod'"});
  fails("diff-rtl --replay nowhere", 3, {"nowhere: can't be read"});
  fails("diff-rtl --substrates rtl", 2, {"expected model and at least one other"});
  fails("diff-rtl --substrates model,verilog", 2, {"'verilog'"});
  fails("diff-rtl --waves x.fst --substrates model,interpreter", 2, {"--waves"});
  fails("diff-rtl --npu tiny-8x8 --set dram.bytes=64KiB --substrates model,interpreter", 4, {"dram.bytes", "524288"});
  fails("diff-rtl --npu 4x4 --set dma.outstandin=2 --substrates model,interpreter", 3, {"dma.outstandin"});
}

}  // namespace
}  // namespace systole::cli_tests
