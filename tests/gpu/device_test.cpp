// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Faults of a GPU, provoked in a provider's double: what each does to timelines, and that the next context works.
#include "devices/gpu/device.h"

#include <gtest/gtest.h>

#include <thread>

#include "hal/queue.h"
#include "tests/gpu/device_fixture.h"

namespace systole::gpu {
namespace {

TEST(GpuDevice, AKernelThatFailsToBuildFailsTheListAlone) {
  Opened gpu;
  gpu.provider->at_build = Status(Code::kInternal, "kernel program 'unary' does not build\nline 3: what is this");
  auto bad = relu_list(gpu.device);
  const Status status = bad->end();
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_NE(status.message().find("line 3: what is this"), std::string::npos) << "has the log: " << status.message();
  gpu.provider->at_build = {};
  auto good = relu_list(gpu.device);
  ASSERT_TRUE(good->end().ok());
  EXPECT_TRUE(run_and_wait(*gpu.device, good).ok());
  EXPECT_EQ(gpu.provider->launches, 1);
}

TEST(GpuDevice, AFailedKernelFailsItsTimelineAlone) {
  Opened gpu;
  auto list = relu_list(gpu.device);
  ASSERT_TRUE(list->end().ok());
  gpu.provider->at_launch = Status(Code::kDeviceFault, "kernel 'unary.relu': it broke");
  const Status status = run_and_wait(*gpu.device, list);
  EXPECT_EQ(status.code(), Code::kDeviceFault);
  EXPECT_NE(status.origin().find("gpu:double:0 queue 0"), std::string::npos) << status.to_string();
  EXPECT_EQ(gpu.device->health(), Health::kOk);
  gpu.provider->at_launch = {};
  EXPECT_TRUE(run_and_wait(*gpu.device, list).ok());
}

TEST(GpuDevice, ADeadContextFailsEverythingAndTheNextOneWorks) {
  Opened gpu;
  auto list = relu_list(gpu.device);
  auto buffer = buffer_on(gpu.device, 64);
  ASSERT_TRUE(list->end().ok());
  ASSERT_TRUE(buffer->map(0, 64, MapAccess::kWrite).ok());
  gpu.provider->at_finish = Status(Code::kDeviceLost, "wait: CL_OUT_OF_RESOURCES");
  EXPECT_EQ(run_and_wait(*gpu.device, list).code(), Code::kDeviceLost);
  gpu.provider->at_finish = {};  // a context does not come back, whatever its runtime says then
  EXPECT_EQ(gpu.device->health(), Health::kLost);
  EXPECT_EQ(run_and_wait(*gpu.device, list).code(), Code::kDeviceLost);
  EXPECT_EQ(gpu.device->allocate({64, 0, MemoryKind::kDeviceLocal, "late"}).status().code(), Code::kDeviceLost);
  EXPECT_EQ(buffer->flush(0, 64).code(), Code::kDeviceLost);
  EXPECT_EQ(buffer->invalidate(0, 64).code(), Code::kDeviceLost);
  CommandList late(gpu.device);
  EXPECT_EQ(late.end().code(), Code::kDeviceLost);
  EXPECT_EQ(gpu.device->reset().code(), Code::kDeviceLost);
  EXPECT_EQ(gpu.device->health(), Health::kLost) << "a reset does not bring it back";
  auto waiting = std::make_shared<Semaphore>();
  auto queue = gpu.device->queue(1);
  ASSERT_TRUE((*queue)->submit({{}, {list}, {}, {{waiting, 1}}, nullptr}).ok());
  EXPECT_EQ(waiting->wait(1, after(std::chrono::milliseconds(10000))).code(), Code::kDeviceLost) << "nothing hangs";
  Opened next;
  auto again = relu_list(next.device);
  ASSERT_TRUE(again->end().ok());
  EXPECT_TRUE(run_and_wait(*next.device, again).ok());
}

TEST(GpuDevice, AResetStopsBeforeTheNextCommand) {
  Opened gpu;
  constexpr int kMany = 1000;
  auto list = relu_list(gpu.device, kMany);
  ASSERT_TRUE(list->end().ok());
  auto done = std::make_shared<Semaphore>(), behind = std::make_shared<Semaphore>();
  Semaphore reached;
  gpu.provider->on_launch = [&] {
    if (gpu.provider->launches < 3) return;
    if (gpu.provider->launches == 3) (void)reached.signal(1);
    (void)behind->wait(1);  // reset() cancels what has not started, then stops what runs
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  };
  auto queue = gpu.device->queue(0);
  for (const auto& end : {done, behind}) ASSERT_TRUE((*queue)->submit({{}, {list}, {}, {{end, 1}}, nullptr}).ok());
  ASSERT_TRUE(reached.wait(1).ok());
  EXPECT_TRUE(gpu.device->reset().ok());
  EXPECT_EQ(behind->wait(1).code(), Code::kCancelled);
  EXPECT_EQ(done->wait(1).code(), Code::kCancelled);
  EXPECT_LT(gpu.provider->launches, kMany);
  gpu.provider->on_launch = [] {};
  EXPECT_TRUE(run_and_wait(*gpu.device, list).ok());
}

TEST(GpuDevice, AnAllocationTooLargeHasBothNumbers) {
  Opened gpu;
  const Status status = gpu.device->allocate({1 << 21, 0, MemoryKind::kDeviceLocal, "large"}).status();
  EXPECT_EQ(status.code(), Code::kOutOfMemory);
  EXPECT_NE(status.message().find("2097152"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("1048576"), std::string::npos) << status.message();
  EXPECT_TRUE(gpu.device->allocate({1 << 20, 0, MemoryKind::kDeviceLocal, "all"}).ok());
}

TEST(GpuDevice, AConstantIsUploadedOnceAndGivenBack) {
  Opened gpu;
  auto constant = *allocate_host({64, 0, MemoryKind::kConstant, "weights"});
  constant->freeze();
  const TensorDesc desc = row_major(DType::kF32, {16});
  const int64_t before = gpu.device->memory_use().in_use_bytes;
  {
    auto y = buffer_on(gpu.device, 64);
    std::vector<std::shared_ptr<CommandList>> lists;
    for (int i = 0; i < 3; ++i) {
      lists.push_back(std::make_shared<CommandList>(gpu.device));
      ASSERT_TRUE(lists.back()->op({Unary{}, {{constant, 0, desc}}, {{y, 0, desc}}, "relu"}).ok());
      ASSERT_TRUE(lists.back()->end().ok());
    }
    const int64_t prepared = gpu.device->memory_use().prepared_bytes;
    EXPECT_GE(prepared, 64);
    EXPECT_LT(prepared, 128) << "one copy for three lists, besides what each op has of its own";
  }
  EXPECT_EQ(gpu.device->memory_use().prepared_bytes, 0);
  EXPECT_EQ(gpu.device->memory_use().in_use_bytes, before);
}

TEST(GpuDevice, MemoryThatTheRuntimeCannotReachIsUnsupported) {
  Opened gpu;
  alignas(64) std::byte data[64] = {};
  auto imported = *import_host(data, 64, "mine");
  auto y = buffer_on(gpu.device, 64);
  const auto expect_refused = [](const Status& status) {
    EXPECT_EQ(status.code(), Code::kUnsupported);
    for (const char* text : {"'mine' is not memory of gpu:double:0", "double reaches only memory of its own"})
      EXPECT_NE(status.message().find(text), std::string::npos) << status.message();
  };
  CommandList named(gpu.device);
  ASSERT_TRUE(named.copy({imported, 0, {}}, {y, 0, {}}, 64).ok());
  expect_refused(named.end());
  auto list = std::make_shared<CommandList>(gpu.device);
  TensorView slot;
  slot.slot = list->add_slot(64, "from");
  ASSERT_TRUE(list->copy(slot, {y, 0, {}}, 64).ok());
  ASSERT_TRUE(list->end().ok());
  expect_refused(run_and_wait(*gpu.device, list, {{{imported, 0, {}}}}));
  imported->freeze();
  EXPECT_TRUE(run_and_wait(*gpu.device, list, {{{imported, 0, {}}}}).ok()) << "what is frozen is uploaded";
}

TEST(GpuDevice, RecordsAreOnTheHostsClock) {
  Opened gpu;
  auto list = relu_list(gpu.device, 2);
  ASSERT_TRUE(list->barrier().ok());
  ASSERT_TRUE(list->end().ok());
  Profile profile;
  ASSERT_TRUE(run_and_wait(*gpu.device, list, {}, &profile).ok());
  ASSERT_EQ(profile.records.size(), 3u);
  const double queued = profile.records[0].queued_ns;
  EXPECT_DOUBLE_EQ(profile.records[0].start_ns - queued, 2);
  EXPECT_DOUBLE_EQ(profile.records[1].end_ns - queued, 20);
  EXPECT_EQ(profile.records[2].op, "barrier");
  EXPECT_DOUBLE_EQ(profile.records[2].start_ns, profile.records[1].end_ns);
  EXPECT_EQ(profile.records[0].counter("bytes"), 128);
  EXPECT_EQ(profile.records[0].kind, NumberKind::kMeasured);
}

}  // namespace
}  // namespace systole::gpu
