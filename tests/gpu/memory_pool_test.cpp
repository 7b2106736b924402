// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/gpu/memory_pool.h"

#include <gtest/gtest.h>

#include "tests/gpu/provider_double.h"

namespace systole::gpu {
namespace {

TEST(MemoryPool, ClassesWasteAnEighthAtMost) {
  EXPECT_EQ(MemoryPool::class_of(1), 256);
  EXPECT_EQ(MemoryPool::class_of(256), 256);
  EXPECT_EQ(MemoryPool::class_of(257), 512);
  EXPECT_EQ(MemoryPool::class_of(4097), 4096 + 512);
  for (int64_t bytes : {int64_t{5000}, int64_t{1} << 20, (int64_t{1} << 20) + 1, int64_t{3000000000}}) {
    EXPECT_GE(MemoryPool::class_of(bytes), bytes);
    EXPECT_LE(MemoryPool::class_of(bytes) - bytes, bytes / 8 + MemoryPool::kGranule);
  }
}

TEST(MemoryPool, WhatIsGivenBackIsUsedAgain) {
  auto provider = std::make_shared<ProviderDouble>();
  auto pool = std::make_shared<MemoryPool>(provider, 1 << 20);
  Memory* first = nullptr;
  {
    auto block = pool->allocate(1000, "a");
    ASSERT_TRUE(block.ok());
    first = block->memory();
    EXPECT_EQ(block->bytes(), 1000);
    EXPECT_EQ(pool->use().in_use_bytes, 1000);
  }
  EXPECT_EQ(pool->use().in_use_bytes, 0);
  EXPECT_EQ(pool->use().kept_bytes, 1024);
  auto again = pool->allocate(1010, "of the same class");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->memory(), first);
  EXPECT_EQ(pool->use().kept_bytes, 0);
  EXPECT_EQ(pool->use().allocations, 1);
  EXPECT_EQ(pool->use().peak_bytes, 1010);
}

TEST(MemoryPool, TheLimitIsOfWhatWasAskedFor) {
  auto pool = std::make_shared<MemoryPool>(std::make_shared<ProviderDouble>(), 1000);
  auto whole = pool->allocate(1000, "whole");
  ASSERT_TRUE(whole.ok());
  const Status full = pool->allocate(1, "more").status();
  EXPECT_EQ(full.code(), Code::kOutOfMemory);
  EXPECT_NE(full.message().find("1 bytes asked for, 0 of 1000"), std::string::npos) << full.message();
}

TEST(MemoryPool, WhatIsKeptMakesRoom) {
  auto provider = std::make_shared<ProviderDouble>(4096);
  auto pool = std::make_shared<MemoryPool>(provider, 1 << 20);
  { auto kept = pool->allocate(2048, "kept"); }
  EXPECT_EQ(provider->allocated_bytes, 2048);
  auto large = pool->allocate(4096, "large");
  ASSERT_TRUE(large.ok()) << large.status().to_string();
  EXPECT_EQ(pool->use().kept_bytes, 0);
  const Status full = pool->allocate(256, "no room").status();
  EXPECT_EQ(full.code(), Code::kOutOfMemory);
  EXPECT_EQ(pool->use().in_use_bytes, 4096) << "what failed is not counted";
}

TEST(MemoryPool, KeepsNoMoreThanItsBound) {
  auto provider = std::make_shared<ProviderDouble>(MemoryPool::kMostKept * 4);
  auto pool = std::make_shared<MemoryPool>(provider, MemoryPool::kMostKept * 4);
  { auto large = pool->allocate(MemoryPool::kMostKept + 1, "large"); }
  EXPECT_EQ(provider->allocated_bytes, 0) << "given back to the provider";
  { auto small = pool->allocate(1 << 20, "small"); }
  EXPECT_EQ(provider->allocated_bytes, 1 << 20);
}

}  // namespace
}  // namespace systole::gpu
