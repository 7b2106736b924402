// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// systole scaling, and what a run says of several cores.
#include <nlohmann/json.hpp>

#include "tests/cli/cli.h"

namespace systole::cli_tests {
namespace {

using Json = nlohmann::json;

TEST_F(Cli, ScalingComparesCores) {
  const std::string what = "scaling lenet5_int8 --device npu:tiny-8x8 --set dram.timing=fixed --cores 1,2,4";
  const Outcome table = systole(what);
  ASSERT_EQ(table.code, 0) << table.err;
  EXPECT_NE(table.out.find("speedup"), std::string::npos) << table.out;
  const Outcome as_json = systole(what + " --json");
  const Json points = Json::parse(as_json.out)["points"];
  ASSERT_EQ(points.size(), 3u);
  for (const Json& point : points) {
    int64_t causes = 0;
    for (const auto& [cause, cycles] : point["cycles_of_cores"].items()) causes += cycles.get<int64_t>();
    EXPECT_EQ(causes, point["cores"].get<int64_t>() * point["cycles"].get<int64_t>());
  }
  EXPECT_EQ(points[0]["speedup"].get<double>(), 1.0);
  EXPECT_GT(points[1]["speedup"].get<double>(), 1.0);
  fails("scaling lenet5 --device cpu", 2, {"--device", "cpu"});
  fails("scaling lenet5 --device npu:tiny-8x8 --cores 1,17", 2, {"--cores", "1 to 16", "17"});
  fails("scaling lenet5 --device npu:tiny-8x8 --cores ''", 2, {"--cores"});
  fails("scaling lenet5 --device 'npu:tiny-8x8?fidelity=rtl' --cores 2", 3, {"fidelity"});
}

// No cycles, no speedup: 0 / 0 is no figure.
TEST_F(Cli, ScalingOfNothingIsUnsupported) {
  const fs::path model = "/usr/share/libonnx-testdata/data/node/test_identity/model.onnx";
  if (!fs::exists(model)) GTEST_SKIP() << "libonnx-testdata is not installed";
  fails("scaling " + model.string() + " --device npu:tiny-8x8", 4, {"nothing of it runs on npu:tiny-8x8"});
}

TEST_F(Cli, ARunOnSeveralCoresSaysSo) {
  const Outcome run =
      systole("run lenet5_int8 --device npu:tiny-8x8 --set cores=2 --set noc.topology=crossbar --verify ref");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("cycles of 2 cores by cause"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("verification passed"), std::string::npos) << run.out;
  fails("run lenet5 --device 'npu:tiny-8x8?fidelity=rtl' --set cores=2", 4, {"cores"});
  fails("run lenet5 --device npu:tiny-8x8 --set cores=17", 3, {"cores"});
}

// Of several cores no commands are saved: the plan's are compiled when it is opened.
TEST_F(Cli, APlanForSeveralCoresRuns) {
  const std::string plan = "out.plan", on = " --device npu:tiny-8x8 --set cores=2";
  const Outcome compiled = systole("compile lenet5_int8" + on + " -o " + plan);
  ASSERT_EQ(compiled.code, 0) << compiled.err;
  EXPECT_NE(compiled.out.find("0 of them compiled lists"), std::string::npos) << compiled.out;
  const auto cycles = [&](const std::string& what) {
    return Json::parse(systole("run " + what + " --json").out)["totals"]["cycles"]["value"].get<int64_t>();
  };
  EXPECT_EQ(cycles(plan), cycles("lenet5_int8" + on));
}

}  // namespace
}  // namespace systole::cli_tests
