// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/semaphore.h"

#include <gtest/gtest.h>

#include <thread>

namespace systole {
namespace {

using std::chrono::milliseconds;

TEST(Semaphore, OnlyGrows) {
  Semaphore semaphore(5);
  EXPECT_EQ(semaphore.signal(5).code(), Code::kInvalidArgument);
  EXPECT_EQ(semaphore.signal(4).code(), Code::kInvalidArgument);
  EXPECT_TRUE(semaphore.signal(6).ok());
  EXPECT_EQ(semaphore.value(), 6u);
}

TEST(Semaphore, DeadlineNamesBothValues) {
  Semaphore semaphore(2);
  Status status = semaphore.wait(9, after(milliseconds(1)));
  EXPECT_EQ(status.code(), Code::kDeadlineExceeded);
  EXPECT_NE(status.message().find("2"), std::string::npos);
  EXPECT_NE(status.message().find("9"), std::string::npos);
}

TEST(Semaphore, WaitBeforeSignal) {
  Semaphore semaphore;
  std::thread signaller([&] { EXPECT_TRUE(semaphore.signal(3).ok()); });
  EXPECT_TRUE(semaphore.wait(2).ok());
  signaller.join();
}

TEST(Semaphore, FirstFailureWinsAndSticks) {
  Semaphore semaphore;
  ASSERT_TRUE(semaphore.signal(1).ok());
  semaphore.fail(Status(Code::kDeviceFault, "first").with_origin("npu"));
  semaphore.fail(Status(Code::kInternal, "second"));
  for (uint64_t value : {0u, 1u, 2u}) {
    Status status = semaphore.wait(value);
    EXPECT_EQ(status.message(), "first");
    EXPECT_EQ(status.origin(), "npu");
  }
  EXPECT_EQ(semaphore.signal(2).code(), Code::kDeviceFault);
}

TEST(Semaphore, FailureWakesWaiters) {
  Semaphore semaphore;
  std::thread failer([&] { semaphore.fail(Status(Code::kDeviceLost, "gone")); });
  EXPECT_EQ(semaphore.wait(1).code(), Code::kDeviceLost);
  failer.join();
}

TEST(SemaphoreDeathTest, OkIsNoFailure) {
  Semaphore semaphore;
  EXPECT_DEATH(semaphore.fail(Status()), "");
}

struct Points {
  std::shared_ptr<Semaphore> a = std::make_shared<Semaphore>(), b = std::make_shared<Semaphore>();
  std::vector<SemaphorePoint> both{{a, 1}, {b, 1}};
};

TEST(WaitAll, NeedsEveryPoint) {
  Points p;
  EXPECT_EQ(wait_all(p.both, after(milliseconds(1))).code(), Code::kDeadlineExceeded);
  std::thread signaller([&] {
    EXPECT_TRUE(p.b->signal(1).ok());
    EXPECT_TRUE(p.a->signal(1).ok());
  });
  EXPECT_TRUE(wait_all(p.both).ok());
  signaller.join();
  EXPECT_TRUE(wait_all({}).ok());
}

TEST(WaitAll, AFailureEndsItAtOnce) {
  Points p;
  std::thread failer([&] { p.b->fail(Status(Code::kCancelled, "b")); });
  EXPECT_EQ(wait_all(p.both).code(), Code::kCancelled);  // a is never signalled
  failer.join();
}

TEST(WaitAny, OneIsEnoughThoughTheOtherFailed) {
  Points p;
  p.a->fail(Status(Code::kCancelled, "a"));
  EXPECT_EQ(wait_any(p.both, after(milliseconds(1))).code(), Code::kDeadlineExceeded);
  std::thread signaller([&] { EXPECT_TRUE(p.b->signal(1).ok()); });
  EXPECT_TRUE(wait_any(p.both).ok());
  signaller.join();
}

TEST(WaitAny, FailsWhenNothingCanBeReached) {
  Points p;
  p.a->fail(Status(Code::kCancelled, "a"));
  p.b->fail(Status(Code::kInternal, "b"));
  EXPECT_EQ(wait_any(p.both).message(), "a");
}

TEST(Wakeup, IsNotifiedUntilRemoved) {
  Semaphore semaphore;
  auto wakeup = std::make_shared<Wakeup>();
  semaphore.add_wakeup(wakeup);
  ASSERT_TRUE(semaphore.signal(1).ok());
  EXPECT_EQ(wakeup->epoch(), 1u);
  semaphore.remove_wakeup(wakeup);
  ASSERT_TRUE(semaphore.signal(2).ok());
  EXPECT_EQ(wakeup->epoch(), 1u);
}

TEST(Deadline, FarAheadIsForever) { EXPECT_EQ(after(milliseconds::max()), kForever); }

}  // namespace
}  // namespace systole
