// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Device loss and reset as the queues show them.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/hal/fake_device.h"

namespace systole {
namespace {

using std::chrono::milliseconds;

class Loss : public testing::Test {
 protected:
  std::atomic<bool> lose{true};
  std::shared_ptr<FakeDevice> device =
      FakeDevice::make([this] { return lose ? Status(Code::kDeviceLost, "link down") : Status(); });
};

TEST_F(Loss, FailsEverythingOutstandingAndLaterUntilReset) {
  auto never = std::make_shared<Semaphore>(), waiting = std::make_shared<Semaphore>(),
       lost = std::make_shared<Semaphore>();
  auto list = op_list(device);
  ASSERT_TRUE((*device->queue(1))->submit({{{never, 1}}, {}, {}, {{waiting, 1}}, nullptr}).ok());
  ASSERT_TRUE((*device->queue(0))->submit({{}, {list}, {}, {{lost, 1}}, nullptr}).ok());
  for (const auto& semaphore : {lost, waiting}) {
    Status status = semaphore->wait(1, after(milliseconds(20000)));
    EXPECT_EQ(status.code(), Code::kDeviceLost);
    EXPECT_EQ(status.origin(), "fake queue 0, sequence 1");
  }
  EXPECT_EQ(device->health(), Health::kLost);
  lose = false;
  Status later = run_and_wait(*device, list);
  EXPECT_EQ(later.code(), Code::kDeviceLost);
  EXPECT_EQ(later.message(), "link down");

  ASSERT_TRUE(device->reset().ok());
  EXPECT_EQ(device->health(), Health::kOk);
  EXPECT_TRUE(run_and_wait(*device, list).ok());
}

TEST_F(Loss, AWaitThatFailedWithItDoesNotLoseThisDevice) {
  auto bad = std::make_shared<Semaphore>(), done = std::make_shared<Semaphore>();
  bad->fail(Status(Code::kDeviceLost, "another device"));
  ASSERT_TRUE((*device->queue(0))->submit({{{bad, 1}}, {}, {}, {{done, 1}}, nullptr}).ok());
  EXPECT_EQ(done->wait(1).code(), Code::kDeviceLost);
  EXPECT_EQ(device->health(), Health::kOk);
}

TEST_F(Loss, AWaitThatFailedDoesNotLoseADeviceWithLists) {
  auto bad = std::make_shared<Semaphore>(), done = std::make_shared<Semaphore>();
  bad->fail(Status(Code::kDeviceLost, "another device"));
  ASSERT_TRUE((*device->queue(0))->submit({{{bad, 1}}, {op_list(device)}, {}, {{done, 1}}, nullptr}).ok());
  EXPECT_EQ(done->wait(1).message(), "another device");
  EXPECT_EQ(device->health(), Health::kOk);
}

TEST(Reset, CancelsWhatIsQueuedAndStopsWhatRuns) {
  Semaphore entered, leave;
  auto device = FakeDevice::make([&] {
    (void)entered.signal(1);
    return leave.wait(1);
  });
  int stops = 0;
  device->on_stop = [&] {
    if (++stops == 2) (void)leave.signal(1);  // the first call has taken effect by now
  };
  Queue* queue = *device->queue();
  auto running = std::make_shared<Semaphore>(), queued = std::make_shared<Semaphore>();
  auto list = op_list(device, 2);
  ASSERT_TRUE(queue->submit({{}, {list}, {}, {{running, 1}}, nullptr}).ok());
  ASSERT_TRUE(queue->submit({{}, {list}, {}, {{queued, 1}}, nullptr}).ok());
  ASSERT_TRUE(entered.wait(1).ok());
  ASSERT_TRUE(device->reset().ok());
  EXPECT_EQ(queued->failure().code(), Code::kCancelled);
  EXPECT_EQ(running->wait(1).code(), Code::kCancelled);
  EXPECT_TRUE(run_and_wait(*device, list).ok());
}

// Else what is queued could start between the two and run on what the stopped one left.
TEST(Reset, NothingIsLeftToStartWhenTheDeviceIsStopped) {
  Semaphore entered, leave;
  auto device = FakeDevice::make([&] {
    (void)entered.signal(1);
    return leave.wait(1, after(milliseconds(20000)));
  });
  auto queued = std::make_shared<Semaphore>();
  int stops = 0;
  device->on_stop = [&] {
    if (++stops == 1) {
      EXPECT_EQ(queued->failure().code(), Code::kCancelled);
    } else {
      (void)leave.signal(1);  // the second call comes because the first did nothing
    }
  };
  auto list = op_list(device);
  for (const std::vector<SemaphorePoint>& signals : {std::vector<SemaphorePoint>{}, {{queued, 1}}})
    ASSERT_TRUE((*device->queue())->submit({{}, {list}, {}, signals, nullptr}).ok());
  ASSERT_TRUE(entered.wait(1).ok());
  ASSERT_TRUE(device->reset().ok());
  EXPECT_GE(stops, 2);
}

}  // namespace
}  // namespace systole
