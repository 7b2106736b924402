// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Decode that DRAM holds back takes as long as its weights, keys and values take at the rate that the DRAM gives a
// single long matmul.
#include <gtest/gtest.h>

#include "devices/npu/npu_device.h"
#include "graph/edit.h"
#include "graph/executor.h"
#include "graph/llm/llm_run.h"
#include "tests/tolerance.h"

namespace systole::graph::testing {
namespace {

std::shared_ptr<Device> phone() {
  Registry registry;
  EXPECT_TRUE(registry.add(npu_driver()).ok());
  auto device = registry.open("npu:phone-lpddr5?functional=off");
  EXPECT_TRUE(device.ok()) << device.status().to_string();
  return device.ok() ? *device : nullptr;
}

// Bytes a second of 32 MiB of weights that one row of activations meets.
double achieved(const std::shared_ptr<Device>& device) {
  Sketch net("probe", 1, 1, {}, Sketch::Weights::kWithheld);
  net.lower_to(DType::kBF16);
  const ValueId x = net.input("x", {1, 4096}, DType::kBF16), w = net.weight("w", {4096, 4096}, 1);
  const ValueId y = net.op("MatMul", "product", Matmul{}, {x, w}, {1, 4096});
  auto session = compile(net.finish({{"y", y}}).value(), {device});
  EXPECT_TRUE(session.ok()) << session.status().to_string();
  TensorMap outputs;
  RunReport report;
  EXPECT_TRUE((*session)->run({{"x", make_host_tensor(DType::kBF16, {1, 4096})}}, outputs, &report).ok());
  return 4096.0 * 4096 * 2 / (report.simulated_ns * 1e-9);
}

TEST(LlmLaw, DecodeTakesWhatItsBytesTake) {
  LlmSetting setting;
  setting.device = phone();
  LlmConfig& c = setting.config;
  c.name = "small", c.layers = 1, c.width = 2048, c.heads = 16, c.kv_heads = 8, c.head_dim = 128, c.wide = 4096;
  c.vocabulary = 4096, c.positions = 4096;
  const double rate = achieved(setting.device);
  EXPECT_GT(rate, 0.7 * 51.2e9);
  EXPECT_LT(rate, 51.2e9) << "its peak";
  for (const auto& [batch, past] : {std::pair<int64_t, int64_t>{1, 256}, {4, 2047}}) {
    setting.batch = batch;
    const auto run = run_llm_step(setting, {1, past});
    ASSERT_TRUE(run.ok()) << run.status().to_string();
    const double bytes = static_cast<double>(run->weight_bytes + cache_bytes(setting, past + 1));
    const double ratio = run->report.simulated_ns * 1e-9 / (bytes / rate);
    RecordProperty("batch_" + std::to_string(batch), std::to_string(ratio));
    EXPECT_NEAR(ratio, 1, tests::kLlmLaw) << "batch " << batch << ", " << bytes << " bytes at " << rate;
  }
}

}  // namespace
}  // namespace systole::graph::testing
