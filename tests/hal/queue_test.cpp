// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/hal/fake_device.h"

namespace systole {
namespace {

using std::chrono::milliseconds;
using Timeline = std::shared_ptr<Semaphore>;
Timeline timeline() { return std::make_shared<Semaphore>(); }

TEST(Queue, IndexesAreChecked) {
  auto device = FakeDevice::make();
  EXPECT_EQ(device->queue(2).status().code(), Code::kOutOfRange);
  EXPECT_EQ(device->queue(-1).status().code(), Code::kOutOfRange);
  EXPECT_EQ(device->queue(1).value(), device->queue(1).value());
  EXPECT_NE(device->queue(0).value(), device->queue(1).value());
}

TEST(Queue, ARunsFailureHasItsOriginAndIsPassedOn) {
  auto device = FakeDevice::make([] {
    return Status(Code::kDeviceFault, "bad").with_fault({FaultReport::Kind::kBadDescriptor, 7, 0, 0, 0, ""});
  });
  Queue* queue = *device->queue(1);
  auto first = timeline(), second = timeline();
  ASSERT_TRUE(queue->submit({{}, {op_list(device)}, {}, {{first, 1}}, nullptr}).ok());
  ASSERT_TRUE(queue->submit({{{first, 1}}, {}, {}, {{second, 1}}, nullptr}).ok());
  Status status = second->wait(1);
  EXPECT_EQ(status.code(), Code::kDeviceFault);
  EXPECT_EQ(status.origin(), "fake queue 1, sequence 1");
  ASSERT_NE(status.fault(), nullptr);
  EXPECT_EQ(status.fault()->sequence, 1u);
  EXPECT_EQ(status.fault()->device_code, 7u);
  EXPECT_EQ(device->health(), Health::kOk);
}

TEST(Queue, DestructionStopsAWaitThatNobodySignals) {
  auto device = FakeDevice::make();
  auto never = timeline(), done = timeline(), behind = timeline();
  {
    Queue queue(device.get(), 0);
    ASSERT_TRUE(queue.submit({{{never, 1}}, {}, {}, {{done, 1}}, nullptr}).ok());
    ASSERT_TRUE(queue.submit({{}, {}, {}, {{behind, 1}}, nullptr}).ok());
  }
  EXPECT_EQ(done->wait(1).code(), Code::kCancelled);
  EXPECT_EQ(behind->wait(1).code(), Code::kCancelled);
}

TEST(Queue, TheHeadMayBeCancelledWhileItWaits) {
  auto device = FakeDevice::make();
  Queue* queue = *device->queue();
  auto never = timeline(), done = timeline(), behind = timeline();
  auto head = queue->submit({{{never, 1}}, {}, {}, {{done, 1}}, nullptr});
  ASSERT_TRUE(queue->submit({{}, {}, {}, {{behind, 1}}, nullptr}).ok());
  EXPECT_EQ(behind->wait(1, after(milliseconds(5))).code(), Code::kDeadlineExceeded);
  EXPECT_EQ(queue->wait_idle(after(milliseconds(1))).code(), Code::kDeadlineExceeded);
  EXPECT_TRUE(queue->cancel(*head).ok());
  EXPECT_EQ(done->wait(1).code(), Code::kCancelled);
  EXPECT_TRUE(behind->wait(1).ok());
  EXPECT_TRUE(queue->wait_idle().ok());
  EXPECT_EQ(queue->cancel(*head).code(), Code::kFailedPrecondition);
  EXPECT_EQ(queue->cancel(17).code(), Code::kNotFound);
}

TEST(Queue, WhatRunsCantBeCancelled) {
  Semaphore entered, leave;
  auto device = FakeDevice::make([&] {
    (void)entered.signal(1);
    return leave.wait(1);
  });
  Queue* queue = *device->queue();
  auto done = timeline();
  auto sequence = queue->submit({{}, {op_list(device)}, {}, {{done, 1}}, nullptr});
  ASSERT_TRUE(entered.wait(1).ok());
  EXPECT_EQ(queue->cancel(*sequence).code(), Code::kFailedPrecondition);
  ASSERT_TRUE(leave.signal(1).ok());
  EXPECT_TRUE(done->wait(1).ok());
}

TEST(Queue, QueuesRunInParallel) {
  std::atomic<int> inside{0};
  Semaphore both;
  auto device = FakeDevice::make([&] {
    if (++inside == 2) (void)both.signal(1);
    return both.wait(1, after(milliseconds(20000)));  // the first op ends only when the second has begun
  });
  auto done = timeline(), other = timeline();
  ASSERT_TRUE((*device->queue(0))->submit({{}, {op_list(device)}, {}, {{done, 1}}, nullptr}).ok());
  ASSERT_TRUE((*device->queue(1))->submit({{}, {op_list(device)}, {}, {{other, 1}}, nullptr}).ok());
  EXPECT_TRUE(done->wait(1).ok());
  EXPECT_TRUE(other->wait(1).ok());
}

TEST(Queue, OneListRunsOnceAtATime) {
  std::atomic<int> inside{0}, most{0};
  auto device = FakeDevice::make([&] {
    int now = ++inside;
    if (now > most) most = now;
    std::this_thread::yield();
    --inside;
    return Status();
  });
  auto list = op_list(device, 3);
  auto a = timeline(), b = timeline();
  for (uint64_t i = 1; i <= 20; ++i) {
    ASSERT_TRUE((*device->queue(0))->submit({{}, {list}, {}, {{a, i}}, nullptr}).ok());
    ASSERT_TRUE((*device->queue(1))->submit({{}, {list}, {}, {{b, i}}, nullptr}).ok());
  }
  EXPECT_TRUE(a->wait(20).ok());
  EXPECT_TRUE(b->wait(20).ok());
  EXPECT_EQ(most, 1);
}

TEST(Queue, ASignalOfAReachedValueIsRefused) {
  auto device = FakeDevice::make();
  Queue* queue = *device->queue();
  auto done = std::make_shared<Semaphore>(5);
  EXPECT_EQ(queue->submit({{}, {}, {}, {{done, 5}}, nullptr}).status().code(), Code::kInvalidArgument);
  // Twice in one submission: found when it completes, and told to the waiters.
  ASSERT_TRUE(queue->submit({{}, {}, {}, {{done, 6}, {done, 6}}, nullptr}).ok());
  EXPECT_TRUE(queue->wait_idle().ok());
  EXPECT_EQ(done->wait(6).code(), Code::kInvalidArgument);
}

TEST(Queue, ASubmissionKeepsItsBuffersAndItsDevice) {
  auto start = timeline(), done = timeline();
  std::weak_ptr<FakeDevice> weak;
  {
    auto device = FakeDevice::make();
    weak = device;
    auto list = op_list(device);
    ASSERT_TRUE((*device->queue())->submit({{{start, 1}}, {list}, {}, {{done, 1}}, nullptr}).ok());
  }
  EXPECT_FALSE(weak.expired());
  ASSERT_TRUE(start->signal(1).ok());
  EXPECT_TRUE(done->wait(1).ok());  // the queue's own thread dropped the last reference
  EXPECT_TRUE(weak.expired());
}

TEST(Queue, ManyThreadsSubmit) {
  std::atomic<int> runs{0};
  auto device = FakeDevice::make([&] { return ++runs, Status(); });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      auto list = op_list(device);
      auto done = timeline();
      for (uint64_t i = 1; i <= 50; ++i) {
        EXPECT_TRUE((*device->queue(t % 2))->submit({{}, {list}, {}, {{done, i}}, nullptr}).ok());
      }
      EXPECT_TRUE(done->wait(50).ok());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(runs, 200);
}

}  // namespace
}  // namespace systole
