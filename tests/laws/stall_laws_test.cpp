// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Every built-in network on several NPUs, timing only: the causes of every op sum to its cycles, and its bursts are its
// own. A device gives the last cause what the others leave, so that here only a cycle counted twice shows, as a cause
// below 0; that each cycle is of the right cause is walked in tests/sim/accounting_test.cpp.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "configs/spec/load.h"
#include "graph/builtin/builtin.h"
#include "graph/executor.h"
#include "graph/import.h"
#include "package/devices.h"
#include "tests/laws/npu_runs.h"

namespace systole::laws {
namespace {

// Smaller than published where that takes long; all else as it is.
// Not `all`: those that take a small array seconds.
std::vector<std::string> networks(bool all) {
  static const std::set<std::string> kQuick = {"lenet5", "resnet50_block", "bert_layer", "mobilenet_v1"};
  static const std::map<std::string, int64_t> kLess = {{"layers", 2}, {"sequence", 32}, {"frames", 60},
                                                       {"image", 64}, {"size", 8},      {"text", 64}};
  static const std::map<std::string, int64_t> kWidth = {{"vgg16", 512}, {"sd_unet", 32}};
  std::vector<std::string> names = {"lenet5_int8", "mobilenet_v1_int8?image=64&width=25"};
  for (const graph::BuiltinInfo& model : graph::builtin_models()) {
    if (!all && !kQuick.contains(model.name)) continue;
    if (model.int8) continue;  // the scales of larger ones come from a long probe
    std::string name = model.name, before = "?";
    for (const auto& [option, otherwise] : model.sizes) {
      const auto less = kLess.find(option);
      const auto width = option == "width" ? kWidth.find(model.name) : kWidth.end();
      const int64_t size = width != kWidth.end() ? width->second : less != kLess.end() ? less->second : otherwise;
      if (size >= otherwise) continue;
      name += before + option + "=" + std::to_string(size);
      before = "&";
    }
    names.push_back(name);
  }
  return names;
}

class StallLaws : public testing::TestWithParam<std::string> {};

TEST_P(StallLaws, EveryCycleOfEveryNetworkIsExplained) {
  const auto device = open_device("npu:" + GetParam() + "?functional=off"), cpu = open_device("cpu");
  const auto machine = spec::load_npu_spec(GetParam());
  ASSERT_TRUE(device.ok() && cpu.ok() && machine.ok());
  for (const std::string& name : networks(GetParam().starts_with("datacenter"))) {
    graph::BuiltinOptions withheld;
    withheld.values = false;
    auto made = graph::make_builtin(name, withheld);
    ASSERT_TRUE(made.ok()) << name << ": " << made.status().to_string();
    auto imported = graph::import_graph(std::move(made).value());
    ASSERT_TRUE(imported.ok()) << name << ": " << imported.status().to_string();
    graph::SessionOptions options;
    options.device = *device;
    options.fallback = *cpu;
    auto session = graph::compile(*imported, options);
    ASSERT_TRUE(session.ok()) << name << ": " << session.status().to_string();
    graph::TensorMap inputs, outputs;
    for (const graph::ValueId id : imported->inputs)
      inputs[imported->at(id).name] = graph::make_host_tensor(imported->at(id).dtype, imported->at(id).shape);
    graph::RunReport report;
    const Status status = (*session)->run(inputs, outputs, &report);
    ASSERT_TRUE(status.ok()) << name << ": " << status.to_string();
    int64_t cycles = 0;
    for (const graph::NodeReport& node : report.nodes) {
      if (!node.profile || node.profile->kind != NumberKind::kSimulated) continue;
      const ProfileRecord& record = *node.profile;
      int64_t sum = 0;
      for (const char* cause : kCauses) {
        EXPECT_GE(record.counter(cause), 0) << name << ", " << node.name << ": " << cause;
        sum += record.counter(cause);
      }
      EXPECT_EQ(sum, record.counter("cycles")) << name << ", " << node.name;
      EXPECT_EQ(record.counter("dram_row_hits") + record.counter("dram_row_misses"),
                (record.counter("dram_read_bytes") + record.counter("dram_write_bytes")) / machine->dma.burst_bytes)
          << name << ", " << node.name << ": each burst is of one op";
      cycles += record.counter("cycles");
    }
    EXPECT_GT(cycles, 0) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(On, StallLaws, testing::Values("edge-16x16", "edge-32x32", "datacenter-128x128"),
                         [](const auto& each) {
                           std::string name = each.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace systole::laws
