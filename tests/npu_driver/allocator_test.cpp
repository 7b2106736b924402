// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/allocator.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace systole::npu {
namespace {

TEST(Allocator, FirstFitCoalescesInBothDirections) {
  Allocator allocator(4096, 4096);
  const uint64_t a = allocator.allocate(1024, 0, "a").value(), b = allocator.allocate(1024, 0, "b").value();
  const uint64_t c = allocator.allocate(2048, 0, "c").value();
  EXPECT_EQ(a, 4096u);
  EXPECT_EQ(b, 5120u);
  EXPECT_EQ(c, 6144u);
  allocator.free(a);
  allocator.free(c);
  EXPECT_FALSE(allocator.allocate(4096, 0, "all").ok());
  allocator.free(b);
  EXPECT_EQ(allocator.allocate(4096, 0, "all").value(), 4096u);
  EXPECT_EQ(allocator.in_use(), 4096);
  EXPECT_EQ(allocator.peak(), 4096);
}

TEST(Allocator, ErrorsHoldTheNumbers) {
  Allocator allocator(100, 1000);  // the granule leaves 128 .. 1088
  EXPECT_EQ(allocator.size(), 960);
  const uint64_t first = allocator.allocate(100, 0, "x").value();
  const Status status = allocator.allocate(900, 0, "weights").status();
  EXPECT_EQ(status.code(), Code::kOutOfMemory);
  EXPECT_EQ(status.message(), "'weights': asked for 900 bytes, 832 of 960 are free, the largest block has 832");
  EXPECT_EQ(allocator.allocate(0, 0, "x").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(allocator.allocate(-5, 0, "x").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(allocator.allocate(64, 48, "x").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(allocator.allocate(INT64_MAX, 0, "x").status().code(), Code::kOutOfMemory);
  allocator.free(first);
  EXPECT_EQ(allocator.in_use(), 0);
}

TEST(AllocatorDeath, FreeingWhatWasNotAllocatedAborts) {
  Allocator allocator(0, 4096);
  EXPECT_DEATH(allocator.free(64), "");
}

TEST(Allocator, RandomUseNeverOverlapsAndEndsWhole) {
  Allocator allocator(640, 1 << 20);
  std::mt19937 random(3);
  std::map<uint64_t, int64_t> live;
  for (int i = 0; i < 20000; ++i) {
    if (!live.empty() && random() % 2) {
      auto victim = std::next(live.begin(), static_cast<std::ptrdiff_t>(random() % live.size()));
      allocator.free(victim->first);
      live.erase(victim);
      continue;
    }
    const int64_t size = 1 + random() % 20000, alignment = 1ll << random() % 13;
    const auto address = allocator.allocate(size, alignment, "r");
    if (!address.ok()) continue;
    ASSERT_EQ(*address % static_cast<uint64_t>(alignment), 0u);
    const auto next = live.lower_bound(*address);
    if (next != live.end()) {
      ASSERT_LE(*address + static_cast<uint64_t>(size), next->first);
    }
    if (next != live.begin()) {
      ASSERT_LE(std::prev(next)->first + static_cast<uint64_t>(std::prev(next)->second), *address);
    }
    live[*address] = size;
  }
  for (const auto& [address, size] : live) allocator.free(address);
  EXPECT_EQ(allocator.in_use(), 0);
  EXPECT_TRUE(allocator.allocate(1 << 20, 0, "all").ok());
}

}  // namespace
}  // namespace systole::npu
