// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/thread_pool.h"

#include <gtest/gtest.h>

#include <chrono>

#include "devices/cpu/workers.h"

namespace systole::cpu {
namespace {

TEST(ThreadPool, CallsEveryItemOnceWhateverTheCount) {
  const Workers workers(3);
  for (int64_t count : {0, 1, 2, 3, 7, 64, 1000, 5'000'000}) {
    std::vector<std::atomic<uint8_t>> calls(static_cast<size_t>(count));
    workers.each(count, [&](int64_t i) { ++calls[static_cast<size_t>(i)]; });
    for (int64_t i = 0; i < count; ++i) ASSERT_EQ(calls[static_cast<size_t>(i)], 1) << i << " of " << count;
  }
}

// Loops follow each other so fast that threads come late to each, and so slowly that they fall asleep between.
TEST(ThreadPool, EveryLoopIsDoneWhenItReturns) {
  const Workers workers(4);
  int64_t plain = 0;
  for (int64_t loop = 0; loop < 20'000; ++loop) {
    std::atomic<int64_t> sum{0};
    const int64_t count = loop % 9;
    workers.each(count, [&](int64_t i) { sum.fetch_add(i + loop, std::memory_order_relaxed); });
    plain = 0;
    for (int64_t i = 0; i < count; ++i) plain += i + loop;
    ASSERT_EQ(sum.load(), plain) << loop;
    if (loop % 4000 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

TEST(ThreadPool, LoopsInsideALoopAndOfTwoThreadsAreSerial) {
  const Workers workers(2);
  std::atomic<int64_t> calls{0};
  auto outer = [&] {
    for (int loop = 0; loop < 500; ++loop)
      workers.each(4, [&](int64_t) { workers.each(3, [&](int64_t) { ++calls; }); });
  };
  std::thread other(outer);
  outer();
  other.join();
  EXPECT_EQ(calls.load(), 2 * 500 * 4 * 3);
}

}  // namespace
}  // namespace systole::cpu
