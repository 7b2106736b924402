// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Without values, layers that repeat are copies of the first one's commands: every op has the cycles and the bytes of
// one that was written.
#include <gtest/gtest.h>

#include "devices/npu/npu_device.h"
#include "graph/llm/llm_run.h"

namespace systole::graph::testing {
namespace {

RunReport report_of(const std::string& uri, const LlmConfig& config, const LlmStep& step) {
  Registry registry;
  EXPECT_TRUE(registry.add(npu_driver()).ok());
  auto device = registry.open(uri);
  EXPECT_TRUE(device.ok()) << device.status().to_string();
  LlmSetting setting;
  setting.config = config, setting.device = *device, setting.batch = 2;
  auto run = run_llm_step(setting, step);
  EXPECT_TRUE(run.ok()) << run.status().to_string();
  return run.ok() ? std::move(run->report) : RunReport();
}

TEST(LlmCycles, AreThoseOfLayersWrittenOneByOne) {
  LlmConfig c;
  c.name = "small", c.layers = 4, c.width = 96, c.heads = 6, c.kv_heads = 2, c.head_dim = 16, c.wide = 160;
  c.vocabulary = 112, c.positions = 64;
  for (const LlmStep& step : {LlmStep{24, 0}, LlmStep{1, 40}, LlmStep{8, 16}})
    for (const char* preset : {"npu:edge-16x16", "npu:edge-16x16?residency=off", "npu:edge-16x16?set=cores:2"}) {
      const std::string uri = preset;
      const RunReport on = report_of(uri, c, step),
                      off = report_of(uri + (uri.find('?') < uri.size() ? "&" : "?") + "functional=off", c, step);
      ASSERT_EQ(on.nodes.size(), off.nodes.size());
      EXPECT_EQ(on.simulated_ns, off.simulated_ns) << uri;
      int compared = 0;
      for (size_t n = 0; n < on.nodes.size(); ++n) {
        if (!on.nodes[n].profile) continue;
        ++compared;
        for (const char* counter : {"cycles", "commands", "dram_read_bytes", "dram_write_bytes", "array_busy_cycles"})
          EXPECT_EQ(on.nodes[n].profile->counter(counter), off.nodes[n].profile->counter(counter))
              << uri << " " << on.nodes[n].name << " " << counter;
      }
      EXPECT_GT(compared, 4 * 12);
    }
}

}  // namespace
}  // namespace systole::graph::testing
