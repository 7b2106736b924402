// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// systole validate, and what runs say of their accuracy.
#include <nlohmann/json.hpp>

#include "configs/spec/validation.h"
#include "tests/cli/cli.h"

namespace systole::cli_tests {
namespace {

using Json = nlohmann::json;

// tiny-4x4 at 100 MHz: a case's cycles are 10 ns each.
constexpr const char* kCases = R"(title: made up
source: this test
trust: computed
kind: silicon
hardware: tiny-4x4
dtype: i8
cases:
  product:
    ops: ["matmul 8x8,8x8"]
    published: 100 cycles
  same_in_ns: {ops: ["matmul 8x8,8x8"], published: 1000 ns}
  rate: {ops: ["matmul 8x8,8x8"], batch: 8, published: 1000 fps}
  twice: {ops: ["matmul 8x8,8x8 times=2"], published: 100 cycles}
  wider: {set: [array.cols=8], ops: ["matmul 8x8,8x8"], published: 100 cycles}
)";

TEST_F(Cli, ValidateSaysWhatIsWrong) {
  write("bad.yaml", "title: t\nsource: s\ntrust: read\nkind: silicon\nhardware: x\ncases: {a: {opps: [m]}}\n");
  write("gone.yaml", std::string(kCases).replace(std::string(kCases).find("tiny-4x4"), 8, "tiny-4x5"));
  write("shape.yaml", std::string(kCases).replace(std::string(kCases).find("8x8,8x8"), 7, "8x8,9x8"));
  write("g.csv", "m,k,n,latency_us\n8,8,8,one\n");
  fails("validate --filtr x", 2, {"did you mean '--filter'"});
  fails("validate --tolerance 0", 2, {"--tolerance: expected a percentage above 0"});
  fails("validate none.yaml", 3, {"none.yaml: can't be read"});
  fails("validate --filter no_such_case", 3, {"--filter 'no_such_case' matches none"});
  fails("validate bad.yaml", 3, {"bad.yaml:6:13: opps: expected a known key (nearest: ops)"});
  fails("validate gone.yaml", 3, {"gone: product: ", "did you mean 'tiny-4x4'"});
  fails("validate shape.yaml", 3, {"shape: product: "});
  fails("validate g.csv", 2, {"--device: expected npu:NAME for the table g.csv, got none"});
  fails("validate g.csv --device cpu", 2, {"--device: expected npu:PRESET or npu:FILE.yaml"});
  fails("validate none.yaml --device npu:tiny-4x4", 2, {"--device: expected a table with it"});
  fails("validate g.csv --device npu:tiny-4x4", 3, {"g.csv:2: expected extents m,k,n", "got '8,8,8,one'"});
}

TEST_F(Cli, ValidateComparesCases) {
  write("made.yaml", kCases);
  const Outcome outcome = systole("validate made.yaml --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out), source = json["sources"][0], cases = source["cases"];
  EXPECT_EQ(source["name"], "made");
  ASSERT_EQ(cases.size(), 5u);
  const double cycles = cases[0]["cycles"];
  EXPECT_GT(cycles, 64);  // 8 x 8 x 8 on 4 x 4 elements take 32 at best, beside the memory
  EXPECT_DOUBLE_EQ(cases[0]["simulated"].get<double>(), cycles);
  EXPECT_DOUBLE_EQ(cases[0]["error"].get<double>(), cycles / 100 - 1);
  EXPECT_NEAR(cases[1]["simulated"].get<double>(), cycles * 10, 1e-6 * cycles);
  EXPECT_NEAR(cases[2]["simulated"].get<double>(), 8 / (cycles * 10e-9), 1);
  EXPECT_GT(cases[3]["cycles"].get<double>(), cycles);
  EXPECT_NE(cases[4]["cycles"].get<double>(), cycles) << "the override has no effect";
  EXPECT_EQ(cases[4]["set"], Json({"array.cols=8"}));
  double sum = 0;
  for (const Json& one : cases) sum += std::abs(one["error"].get<double>());
  EXPECT_NEAR(source["summary"]["mean_absolute_error"].get<double>(), sum / 5, 1e-12);
  EXPECT_EQ(json["headline"]["cases"], 4) << "exact structures without overrides";
  EXPECT_EQ(systole("validate made.yaml --json").out, outcome.out);
  const Outcome text = systole("validate made.yaml --filter /twice@tiny");
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_NE(text.out.find("headline (silicon, exact structures, no overrides): mean absolute error"),
            std::string::npos);
  EXPECT_EQ(text.out.find("same_in_ns"), std::string::npos) << text.out;
  const Outcome markdown = systole("validate made.yaml --markdown");
  EXPECT_NE(markdown.out.find("| `made` | silicon | tiny-4x4 | exact | 5 |"), std::string::npos) << markdown.out;
}

// A preset's name may be a part of another's.
TEST_F(Cli, ValidateNamesEveryDevice) {
  std::string cases = kCases;
  write("tiny-4x4-more.yaml", systole("npu show tiny-4x4").out);
  cases += "  more: {hardware: ./tiny-4x4-more.yaml, ops: [\"matmul 8x8,8x8\"], published: 100 cycles}\n";
  cases.replace(cases.find("hardware: tiny-4x4"), 18, "hardware: ./tiny-4x4-more.yaml");
  cases += "  plain: {hardware: tiny-4x4, ops: [\"matmul 8x8,8x8\"], published: 100 cycles}\n";
  write("both.yaml", cases);
  const Outcome outcome = systole("validate both.yaml --markdown --write errors.yaml");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("| ./tiny-4x4-more.yaml, tiny-4x4 |"), std::string::npos) << outcome.out;
  const auto known = spec::load_known_errors_file((folder_ / "errors.yaml").string());
  ASSERT_TRUE(known.ok()) << known.status().message();
  ASSERT_EQ(known->size(), 1u) << "of the preset alone";
}

// One product in every unit: what its cycles, bytes and multiplications are in it; on two cores; a network by its
// batch.
TEST_F(Cli, ValidateTellsEveryUnit) {
  const std::string product = "{ops: [\"matmul 8x8,8x8\"], published: ";
  write("units.yaml",
        "title: t\nsource: s\ntrust: read\nkind: simulator\nhardware: tiny-4x4\ndtype: i8\ncases:\n"
        "  a: " +
            product + "1 cycles}\n  b: " + product + "1 us}\n  c: " + product +
            "1 ms}\n"
            "  d: " +
            product + "1 s}\n  e: " + product + "1 TOPS}\n  f: " + product +
            "1 GB/s}\n"
            "  g: " +
            product +
            "1 %}\n  h: {set: [cores=2], ops: [\"matmul 8x8,8x8\"], published: 1 us}\n"
            "  i: {model: lenet5_int8, published: 1 us}\n"
            "  j: {model: lenet5_int8, batch: 4, published: 1 us}\n");
  const Outcome outcome = systole("validate units.yaml --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out), cases = json["sources"][0]["cases"];
  const double cycles = cases[0]["cycles"], seconds = cycles * 10e-9;
  const auto near = [&](int i, double expected) {
    EXPECT_NEAR(cases[i]["simulated"].get<double>(), expected, 1e-6 * expected) << i;
  };
  near(0, cycles), near(1, seconds * 1e6), near(2, seconds * 1e3), near(3, seconds);
  near(4, 2 * 512 / seconds * 1e-12);
  near(6, 512 / (cycles * 16) * 100);
  const double bytes = cases[5]["simulated"].get<double>() * 1e9 * seconds;
  EXPECT_GE(bytes, 3 * 64) << "two operands and the result";
  EXPECT_LE(bytes, 6 * 64) << "and little besides";
  for (const Json& one : cases) {
    double sum = 0;
    for (const auto& [cause, share] : one["cycles_by_cause"].items()) sum += share.get<double>();
    EXPECT_NEAR(sum, 1, 1e-9) << one["name"];
  }
  EXPECT_GT(cases[9]["cycles"].get<double>(), 1.5 * cases[8]["cycles"].get<double>());
  EXPECT_EQ(json["headline"]["cases"], 0) << "no silicon";
}

// Errors below count as those above: for the mean, the worst, tolerances, and which rows of a long table are told.
TEST_F(Cli, ValidateCountsErrorsBelowAsThoseAbove) {
  const auto table = [&](const std::string& times) {
    write("t.csv", "m,k,n,latency_us\n" + times);
    return systole("validate t.csv --device npu:tiny-4x4 --dtype i8 --tolerance 60 --json");
  };
  const double us = Json::parse(table("8,8,8,1\n").out)["sources"][0]["cases"][0]["simulated"];
  const std::string above = "8,8,8," + std::to_string(us / 1.5);
  const Outcome outcome = table(above + "\n8,8,8," + std::to_string(us * 4) + "\n");
  EXPECT_EQ(outcome.code, 1) << "75 % below";
  const Json json = Json::parse(outcome.out), summary = json["sources"][0]["summary"];
  EXPECT_NEAR(summary["worst"]["error"].get<double>(), -0.75, 1e-5);
  EXPECT_NEAR(summary["mean_absolute_error"].get<double>(), (0.5 + 0.75) / 2, 1e-5);
  EXPECT_NEAR(json["headline"]["mean_absolute_error"].get<double>(), (0.5 + 0.75) / 2, 1e-5);
  std::string rows;
  for (int i = 0; i < 40; ++i) rows += above + "\n";
  write("long.csv", "m,k,n,latency_us\n" + rows + "8,8,4,1000\n");
  const Outcome markdown = systole("validate long.csv --device npu:tiny-4x4 --dtype i8 --markdown");
  EXPECT_NE(markdown.out.find("| 8x8x4 |"), std::string::npos) << markdown.out;
}

// Only measurements of silicon on presets that are the machine itself.
TEST_F(Cli, ValidateHeadsWithExactStructuresOnly) {
  write("analogue.yaml",
        "title: t\nsource: s\ntrust: read\nkind: silicon\nhardware: tpu-v3\ncases:\n"
        "  a: {ops: [\"matmul 8x8,8x8\"], published: 1 us}\n");
  const Json json = Json::parse(systole("validate analogue.yaml --json").out);
  EXPECT_EQ(json["sources"][0]["cases"][0]["structure"], "analogue");
  EXPECT_EQ(json["sources"][0]["summary"]["cases"], 1);
  EXPECT_EQ(json["headline"]["cases"], 0);
}

TEST_F(Cli, ValidateFailsWhereACaseLiesOutsideItsTolerance) {
  write("g.csv", "m,k,n,latency_us\n8,8,8,0.001\n");
  const std::string command = "validate g.csv --device npu:tiny-4x4 --dtype i8 ";
  EXPECT_EQ(systole(command).code, 0);
  const Outcome outside = systole(command + "--tolerance 50");
  EXPECT_EQ(outside.code, 1) << outside.err;
  EXPECT_NE(outside.out.find("OUTSIDE 50 %"), std::string::npos) << outside.out;
  const Json one = Json::parse(systole(command + "--json").out)["sources"][0]["cases"][0];
  write("exact.csv", "m,k,n,latency_us\n8,8,8," + std::to_string(one["simulated"].get<double>()) + "\n");
  EXPECT_EQ(systole("validate exact.csv --device npu:tiny-4x4 --dtype i8 --tolerance 1").code, 0);
  EXPECT_EQ(systole("validate exact.csv --device npu:tiny-4x4 --dtype i8 --tolerance 1 --set clock=90MHz").code, 1);
}

TEST_F(Cli, ValidateTellsWhatADeviceCantDo) {
  write("f32.csv", "m,k,n,latency_us\n8,8,8,1\n");
  const Outcome outcome = systole("validate f32.csv --device npu:tiny-4x4 --dtype f32");
  EXPECT_EQ(outcome.code, 4) << outcome.err;
  EXPECT_NE(outcome.out.find("unsupported: "), std::string::npos) << outcome.out;
}

TEST_F(Cli, ValidateWritesWhatRunsTellOfThemselves) {
  write("made.yaml", kCases);
  ASSERT_EQ(systole("validate made.yaml --write errors.yaml").code, 0);
  auto known = spec::load_known_errors_file((folder_ / "errors.yaml").string());
  ASSERT_TRUE(known.ok()) << known.status().message();
  ASSERT_EQ(known->size(), 1u);
  EXPECT_EQ((*known)[0].source, "made");
  EXPECT_EQ((*known)[0].hardware, "tiny-4x4");
  EXPECT_EQ((*known)[0].cases, 4) << "not the overridden one";
  write("more.yaml", kCases);
  ASSERT_EQ(systole("validate more.yaml --write errors.yaml").code, 0);
  known = spec::load_known_errors_file((folder_ / "errors.yaml").string());
  ASSERT_TRUE(known.ok()) << known.status().message();
  EXPECT_EQ(known->size(), 2u) << "merged";
  write("g.csv", "m,k,n,latency_us\n8,8,8,1\n");  // twice: what it wrote can be read
  for (int i = 0; i < 2; ++i) ASSERT_EQ(systole("validate g.csv --device npu:tiny-4x4 --write errors.yaml").code, 0);
  known = spec::load_known_errors_file((folder_ / "errors.yaml").string());
  ASSERT_TRUE(known.ok()) << known.status().message();
  EXPECT_EQ(known->size(), 3u);
  const std::string before = content(folder_ / "errors.yaml");
  write("v1.2.yaml", kCases);  // a name that would be three keys
  EXPECT_EQ(systole("validate v1.2.yaml --write errors.yaml").code, 3);
  fails("validate made.yaml --filter twice --write errors.yaml", 2,
        {"--write: expected whole sources", "part of made"});
  EXPECT_EQ(systole("validate made.yaml --write .").code, 3);
  EXPECT_EQ(content(folder_ / "errors.yaml"), before);
  ASSERT_EQ(systole("validate made.yaml --write errors.yaml").code, 0);
  EXPECT_EQ(content(folder_ / "errors.yaml"), before);
}

// configs/accuracy/published.yaml is what `systole validate --write` says now, on the sources that take moments.
TEST_F(Cli, TheKnownErrorsAreCurrent) {
  const auto stored = spec::load_known_errors("published");
  ASSERT_TRUE(stored.ok()) << stored.status().message();
  for (const std::string source : {"tpu_v1_isca17", "tpu_v3_pytorchsim"}) {
    const Outcome outcome = systole("validate --filter " + source + "/ --write now.yaml");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const auto now = spec::load_known_errors_file((folder_ / "now.yaml").string());
    ASSERT_TRUE(now.ok()) << now.status().message();
    bool found = false;
    for (const spec::KnownError& one : *now) {
      if (one.source != source) continue;
      for (const spec::KnownError& old : *stored) {
        if (old.source != source || old.hardware != one.hardware) continue;
        found = true;
        EXPECT_EQ(old.cases, one.cases) << source;
        EXPECT_EQ(old.mean_percent, one.mean_percent)
            << source << ": systole validate --write configs/accuracy/published.yaml";
        EXPECT_EQ(old.worst_percent, one.worst_percent) << source;
      }
    }
    EXPECT_TRUE(found) << source;
  }
}

TEST_F(Cli, EveryRunTellsItsAccuracy) {
  const auto accuracy = [&](const std::string& device) {
    const Outcome outcome = systole("run lenet5_int8 --json --functional off --device " + device);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.code == 0 ? Json::parse(outcome.out)["accuracy"] : Json();
  };
  const Json gemmini = accuracy("npu:gemmini-16x16");
  EXPECT_EQ(gemmini["config"], "preset gemmini-16x16");
  EXPECT_EQ(gemmini["structure"], "exact");
  EXPECT_EQ(gemmini["rtl"], "equal to the cycle in every case compared (docs/rtl.md)");
  EXPECT_EQ(gemmini["dram"], "the simple controller (docs/timing.md, section 7): uncalibrated");
  ASSERT_EQ(gemmini["published"].size(), 1u);
  EXPECT_EQ(gemmini["published"][0]["source"], "gemmini_resnet50");
  EXPECT_FALSE(gemmini.contains("uncalibrated"));

  const Json changed = accuracy("npu:gemmini-16x16 --set dram.config=ddr4-2400");
  EXPECT_EQ(changed["config"], "preset gemmini-16x16 with overrides");
  EXPECT_EQ(
      changed["dram"],
      "ddr4-2400 at bank level beside ramulator_2_1: cycles of 75 traces 0.000 % off in the mean, 0.000 % at most");
  EXPECT_EQ(changed["published"].size(), 0u);
  EXPECT_EQ(changed["uncalibrated"], "the preset's values are overridden, which no published figure was compared with");
  EXPECT_EQ(accuracy("npu:gemmini-16x16 --set dram.config=ddr5-4800")["dram"],
            "ddr5-4800 at bank level: uncalibrated, not compared with a reference");
  EXPECT_EQ(accuracy("npu:gemmini-16x16 --set dram.timing=fixed")["dram"], "a fixed latency, no model of a DRAM");
  EXPECT_EQ(accuracy("npu:tiny-8x8")["uncalibrated"], "no published figure of this preset was compared");
  const std::string rtl = accuracy("npu:tiny-8x8 --set scratchpad.read_latency=1")["rtl"];
  EXPECT_EQ(rtl.substr(0, 16), "not comparable: ") << rtl;

  write("mine.yaml", systole("npu show tiny-8x8").out);
  const Json mine = accuracy("npu:./mine.yaml");
  EXPECT_EQ(mine["config"], "file ./mine.yaml");
  EXPECT_EQ(mine["uncalibrated"], "a hardware file of one's own, which no published figure was compared with");

  const Outcome text = systole("run lenet5_int8 --device npu:gemmini-16x16 --functional off");
  for (const char* line :
       {"\naccuracy     RTL: equal", "\naccuracy     DRAM: the simple controller",
        "\naccuracy     published: gemmini_resnet50 (simulator, structure exact): mean absolute error"})
    EXPECT_NE(text.out.find(line), std::string::npos) << line;
  const Outcome cpu = systole("run lenet5_int8 --device cpu --json");
  EXPECT_EQ(Json::parse(cpu.out)["accuracy"], Json({{"times", "measured"}}));
}

}  // namespace
}  // namespace systole::cli_tests
