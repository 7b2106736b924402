// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Which bytes of a list belong together, and which may stay on chip.
#include "devices/npu/compiler/transients.h"

#include <gtest/gtest.h>

#include "tests/npu_compiler/harness.h"

namespace systole::npu::testing {
namespace {

class Lists : public ::testing::Test {
 protected:
  std::shared_ptr<Buffer> arena_ = reference()->allocate({4096, 0, MemoryKind::kDeviceLocal, "arena"}).value();
  std::shared_ptr<Buffer> outside_ = reference()->allocate({4096, 0, MemoryKind::kDeviceLocal, "outside"}).value();
  std::vector<Command> commands_;

  TensorView at(int64_t offset, int64_t elements, bool transient = true) const {
    TensorView view;
    view.buffer = transient ? arena_ : outside_;
    view.offset = offset, view.transient = transient;
    view.desc = row_major(DType::kU8, {elements});
    return view;
  }
  void op(std::vector<TensorView> inputs, TensorView output) {
    commands_.push_back(OpCall{Copy{}, std::move(inputs), {std::move(output)}, "op"});
  }
  std::vector<TransientBytes> groups() const { return transient_bytes(commands_); }
};

TEST_F(Lists, AChainIsOneValueALink) {
  op({at(0, 100, false)}, at(0, 100));
  op({at(0, 100)}, at(128, 100));
  op({at(128, 100)}, at(0, 100));  // where the first was
  op({at(0, 100)}, at(0, 100, false));
  const auto found = groups();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].first, 0u);
  EXPECT_EQ(found[0].last, 1u);
  EXPECT_EQ(found[0].low, 0);
  EXPECT_EQ(found[1].first, 1u);
  EXPECT_EQ(found[1].last, 2u);
  EXPECT_EQ(found[1].low, 128);
  EXPECT_EQ(found[2].first, 2u);
  EXPECT_EQ(found[2].last, 3u);
  EXPECT_EQ(found[2].low, 0);
}

TEST_F(Lists, AnOpInPlaceEndsOneValueAndBeginsAnother) {
  op({at(0, 64, false)}, at(0, 64));
  op({at(0, 64)}, at(0, 64));
  op({at(0, 64)}, at(0, 64, false));
  const auto found = groups();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].uses, (std::vector<TransientBytes::Use>{{0, 1}, {1, 0}}));
  EXPECT_EQ(found[1].uses, (std::vector<TransientBytes::Use>{{1, 1}, {2, 0}}));
}

TEST_F(Lists, PartsOfAConcatenationAreOneValue) {
  op({at(0, 64, false)}, at(0, 64));
  op({at(64, 64, false)}, at(64, 64));
  op({at(0, 128)}, at(0, 128, false));
  const auto found = groups();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].low, 0);
  EXPECT_EQ(found[0].high, 128);
  EXPECT_EQ(found[0].last, 2u);
}

TEST_F(Lists, APartlyOverwrittenValueKeepsTheRest) {
  op({at(0, 100, false)}, at(0, 100));
  op({at(0, 50, false)}, at(50, 100));
  op({at(60, 50)}, at(0, 50, false));  // sees the second writer only
  op({at(0, 50)}, at(64, 50, false));  // the first writer's rest
  const auto found = groups();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].uses, (std::vector<TransientBytes::Use>{{0, 1}, {3, 0}}));
  EXPECT_EQ(found[1].uses, (std::vector<TransientBytes::Use>{{1, 1}, {2, 0}}));
}

TEST_F(Lists, WhatComesFromOutsideOrIsCopiedAsBytesStaysInMemory) {
  op({at(0, 64)}, at(128, 64, false));  // read before it is written
  op({at(0, 64, false)}, at(256, 64));
  commands_.push_back(CopyBytes{at(256, 64), at(0, 64, false), 64});
  op({at(0, 32, false)}, at(512, 32));
  op({at(512, 64)}, at(0, 64, false));  // half of it was never written here
  EXPECT_TRUE(groups().empty());
}

}  // namespace
}  // namespace systole::npu::testing
