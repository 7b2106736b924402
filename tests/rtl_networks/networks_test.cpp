// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The same driver and compiler on model and RTL: random products and convolutions, and networks. Outputs to the bit;
// times and counters of every op equal: cycles, their causes, DRAM bytes.
#include <gtest/gtest.h>

#include <cctype>
#include <cstdio>

#include "tests/rtl_networks/groups.h"
#include "tests/support/models.h"

namespace systole::graph {
namespace {

struct Case {
  std::string npu;
  Group group;
};

class RtlNetworks : public testing::TestWithParam<Case> {};

TEST_P(RtlNetworks, ModelAndRtlAreTheSame) {
  const auto& [npu, group] = GetParam();
  if (!group.file.empty()) SKIP_WITHOUT(group.file);
  auto comparison = compare_model_and_rtl(npu, group.settings);
  if (comparison.status().code() == Code::kUnavailable) GTEST_SKIP() << comparison.status().message();
  ASSERT_TRUE(comparison.ok()) << comparison.status().to_string();
  const Status status = group.run(*comparison);
  ASSERT_TRUE(status.ok()) << status.to_string();
  for (const std::string& difference : comparison->differences()) ADD_FAILURE() << difference;
  for (const Part& part : kParts) EXPECT_EQ(comparison->spread(part).most, 0) << part.title;
  const int64_t cycles = comparison->reference_cycles(kParts[0]);
  EXPECT_GT(cycles, 0);
  std::printf("%d networks, %zu ops, %ld cycles\n", comparison->networks(), comparison->ops().size(), cycles);
}

// All but the longest on a small array, and one network on a larger one, which takes longer to Verilate than to run.
std::vector<Case> cases() {
  std::vector<Case> made;
  for (const Group& group : comparison_groups()) {
    if (group.quick) made.push_back({"tiny-8x8", group});
    if (group.name.starts_with("MobileNetV1 0.25")) made.push_back({"edge-16x16", group});
  }
  return made;
}

INSTANTIATE_TEST_SUITE_P(On, RtlNetworks, testing::ValuesIn(cases()), [](const auto& each) {
  std::string name;
  for (const char c : each.param.npu + "_" + each.param.group.name)
    name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

}  // namespace
}  // namespace systole::graph
