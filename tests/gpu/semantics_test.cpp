// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What the HAL promises of queues, memory and failures, where a provider has a part in it.
#include <atomic>

#include "hal/queue.h"
#include "tests/gpu/device_fixture.h"

namespace systole::gpu {
namespace {

using Ended = std::shared_ptr<Semaphore>;
Deadline patience() { return after(std::chrono::milliseconds(10000)); }

void submit(Device& device, int queue, const std::shared_ptr<CommandList>& list, const Ended& end,
            std::vector<SemaphorePoint> waits = {}) {
  ASSERT_TRUE((*device.queue(queue))->submit({std::move(waits), {list}, {}, {{end, 1}}, nullptr}).ok());
}

std::shared_ptr<CommandList> ended(std::shared_ptr<CommandList> list) {
  EXPECT_TRUE(list->end().ok());
  return list;
}

TEST(GpuSemantics, TwoQueuesRunSideBySide) {
  Opened gpu;
  auto list = ended(relu_list(gpu.device)), other = ended(relu_list(gpu.device));
  auto first = std::make_shared<Semaphore>(), second = std::make_shared<Semaphore>();
  Semaphore both;
  std::atomic<int> inside{0};
  gpu.provider->on_launch = [&] {
    if (++inside == 2) (void)both.signal(1);
    EXPECT_TRUE(both.wait(1, patience()).ok()) << "each waits for the other inside its kernel";
  };
  submit(*gpu.device, 0, list, first);
  submit(*gpu.device, 1, other, second);
  EXPECT_TRUE(first->wait(1).ok());
  EXPECT_TRUE(second->wait(1).ok());
}

TEST(GpuSemantics, AFaultAtTheWaitFailsItsTimelineAndWhatWaitsForIt) {
  Opened gpu;
  auto list = ended(relu_list(gpu.device));
  auto failed = std::make_shared<Semaphore>(), downstream = std::make_shared<Semaphore>(),
       held = std::make_shared<Semaphore>();
  gpu.provider->at_finish = Status(Code::kDeviceFault, "wait: an earlier kernel broke");
  submit(*gpu.device, 1, list, downstream, {{failed, 1}});
  submit(*gpu.device, 0, list, failed, {{held, 1}});
  ASSERT_TRUE(held->signal(1).ok());
  EXPECT_EQ(failed->wait(1, patience()).code(), Code::kDeviceFault);
  EXPECT_EQ(downstream->wait(1, patience()).code(), Code::kDeviceFault);
  EXPECT_NE(downstream->failure().origin().find("queue 0"), std::string::npos) << "where it began";
  EXPECT_EQ(gpu.device->health(), Health::kOk);
  gpu.provider->at_finish = {};
  EXPECT_TRUE(run_and_wait(*gpu.device, list).ok());
}

TEST(GpuSemantics, WhatWaitsWhenTheDeviceIsLostFails) {
  Opened gpu;
  auto list = ended(relu_list(gpu.device));
  auto lost = std::make_shared<Semaphore>(), waiting = std::make_shared<Semaphore>(),
       never = std::make_shared<Semaphore>();
  submit(*gpu.device, 1, list, waiting, {{never, 1}});
  gpu.provider->at_launch = Status(Code::kDeviceLost, "gone");
  submit(*gpu.device, 0, list, lost);
  EXPECT_EQ(lost->wait(1, patience()).code(), Code::kDeviceLost);
  EXPECT_EQ(waiting->wait(1, patience()).code(), Code::kDeviceLost) << "though nobody signals what it waits for";
}

TEST(GpuSemantics, AStreamOnWhichSomethingFailedIsNotUsedAgain) {
  Opened gpu;
  auto list = ended(relu_list(gpu.device));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run_and_wait(*gpu.device, list).ok());
  EXPECT_EQ(gpu.provider->streams, 1);
  gpu.provider->at_launch = Status(Code::kDeviceFault, "it broke");
  EXPECT_FALSE(run_and_wait(*gpu.device, list).ok());
  gpu.provider->at_launch = {};
  ASSERT_TRUE(run_and_wait(*gpu.device, list).ok());
  EXPECT_EQ(gpu.provider->streams, 2);
}

TEST(GpuSemantics, OnlyMappedMemoryHasACopyForTheHost) {
  Opened gpu;
  const int64_t size = MemoryPool::class_of(1000);
  auto local = *gpu.device->allocate({1000, 0, MemoryKind::kDeviceLocal, "local"});
  auto visible = *gpu.device->allocate({1000, 0, MemoryKind::kHostVisible, "visible"});
  EXPECT_TRUE(visible->flush(0, 1000).ok());
  EXPECT_EQ(gpu.provider->allocated_bytes, 2 * size) << "nothing for the host yet";
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(visible->map(i, 10, MapAccess::kWrite).ok());
    visible->unmap();
  }
  EXPECT_EQ(gpu.provider->allocated_bytes, 2 * size + 1000) << "one for all maps";
  EXPECT_EQ(gpu.device->memory_use().in_use_bytes, 2000) << "which is none of the device's memory";
  visible.reset();
  EXPECT_EQ(gpu.provider->allocated_bytes, 2 * size) << "goes with the buffer, whose memory is kept for the next";
}

TEST(GpuSemantics, NoPinnedMemoryLeftFailsTheMapAlone) {
  Opened gpu;
  auto buffer = buffer_on(gpu.device, 64);
  gpu.provider->at_pinned = Status(Code::kOutOfMemory, "64 bytes asked for, the host has none left");
  EXPECT_EQ(buffer->map(0, 64, MapAccess::kWrite).status().code(), Code::kOutOfMemory);
  EXPECT_FALSE(buffer->mapped());
  EXPECT_EQ(buffer->invalidate(0, 64).code(), Code::kOutOfMemory);
  gpu.provider->at_pinned = {};
  EXPECT_TRUE(buffer->map(0, 64, MapAccess::kWrite).ok());
}

TEST(GpuSemantics, NoMemoryLeftForConstantsFailsTheListAlone) {
  Opened gpu;
  auto constant = *allocate_host({1 << 19, 0, MemoryKind::kConstant, "weights"});
  constant->freeze();
  auto y = buffer_on(gpu.device, 64);
  auto filling = buffer_on(gpu.device, (1 << 20) - 64 - (1 << 19) + 1);
  const auto list = [&] {
    auto made = std::make_shared<CommandList>(gpu.device);
    EXPECT_TRUE(made->copy({constant, 0, {}}, {y, 0, {}}, 64).ok());
    return made;
  };
  const int64_t before = gpu.device->memory_use().in_use_bytes;
  const Status full = list()->end();
  EXPECT_EQ(full.code(), Code::kOutOfMemory);
  for (const char* text : {"'weights'", "524288 bytes asked for", "524287 of 1048576"})
    EXPECT_NE(full.message().find(text), std::string::npos) << full.message();
  EXPECT_EQ(gpu.device->memory_use().in_use_bytes, before);
  EXPECT_EQ(gpu.device->memory_use().prepared_bytes, 0);
  filling.reset();
  EXPECT_TRUE(run_and_wait(*gpu.device, ended(list())).ok());
}

// A copy between two overlapping slots takes memory at the run.
TEST(GpuSemantics, NoMemoryLeftAtARunFailsItAlone) {
  Opened gpu;
  auto buffer = buffer_on(gpu.device, 128), filling = buffer_on(gpu.device, (1 << 20) - 128);
  auto list = std::make_shared<CommandList>(gpu.device);
  TensorView from, to;
  from.slot = list->add_slot(64, "from"), to.slot = list->add_slot(64, "to");
  ASSERT_TRUE(list->copy(from, to, 64).ok());
  ASSERT_TRUE(list->end().ok());
  const Bindings overlapping{{{buffer, 0, {}}, {buffer, 32, {}}}}, apart{{{buffer, 0, {}}, {buffer, 64, {}}}};
  EXPECT_TRUE(run_and_wait(*gpu.device, list, apart).ok());
  EXPECT_EQ(run_and_wait(*gpu.device, list, overlapping).code(), Code::kOutOfMemory);
  EXPECT_EQ(gpu.device->health(), Health::kOk);
  filling.reset();
  EXPECT_TRUE(run_and_wait(*gpu.device, list, overlapping).ok());
  EXPECT_EQ(gpu.device->memory_use().in_use_bytes, 128);
}

}  // namespace
}  // namespace systole::gpu
