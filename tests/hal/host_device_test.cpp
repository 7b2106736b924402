// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/host_device.h"

#include <gtest/gtest.h>

#include "tests/hal/fake_device.h"

namespace systole {
namespace {

TEST(HostDevice, MemoryIsLimitedAndCounted) {
  auto device = FakeDevice::make();
  int64_t limit = device->info().memory_bytes;
  auto half = make_buffer(*device, limit / 2);
  Status status = device->allocate({limit / 2 + 1, 0, MemoryKind::kDeviceLocal, "too much"}).status();
  EXPECT_EQ(status.code(), Code::kOutOfMemory);
  EXPECT_NE(status.message().find(std::to_string(limit / 2 + 1)), std::string::npos);
  EXPECT_NE(status.message().find(std::to_string(limit / 2) + " of"), std::string::npos);
  EXPECT_EQ(device->memory_use().in_use_bytes, limit / 2);
  half.reset();
  EXPECT_EQ(device->memory_use().in_use_bytes, 0);
  EXPECT_EQ(device->memory_use().peak_bytes, limit / 2);
}

TEST(HostDevice, DeviceLocalMemoryIsNotMapped) {
  auto device = FakeDevice::make();
  auto buffer = std::move(device->allocate({64, 0, MemoryKind::kDeviceLocal, "local"})).value();
  EXPECT_EQ(buffer->map(0, 1, MapAccess::kRead).status().code(), Code::kFailedPrecondition);
}

TEST(HostDevice, ABufferOutlivesTheHandleOfItsDevice) {
  auto device = FakeDevice::make();
  std::weak_ptr<FakeDevice> weak = device;
  auto buffer = make_buffer(*device, 8);
  device.reset();
  EXPECT_FALSE(weak.expired());
  buffer.reset();
  EXPECT_TRUE(weak.expired());
}

TEST(HostDevice, ProfilesEveryCommand) {
  auto device = FakeDevice::make();
  auto buffer = make_buffer(*device, 64);
  auto list = std::make_shared<CommandList>(device);
  ASSERT_TRUE(list->fill(view_of(buffer, 0, row_major(DType::kU8, {16})), 16, 7, 1).ok());
  ASSERT_TRUE(list->barrier().ok());
  ASSERT_TRUE(list->op({Fill{}, {}, {view_of(buffer, 0, row_major(DType::kF32, {4}))}, "f"}).ok());
  ASSERT_TRUE(list->end().ok());
  Profile profile;
  ASSERT_TRUE(run_and_wait(*device, list, {}, &profile).ok());
  ASSERT_EQ(profile.records.size(), 3u);
  EXPECT_EQ(profile.records[0].op, "fill");
  EXPECT_EQ(profile.records[0].counter("bytes"), 16);
  EXPECT_EQ(profile.records[1].op, "barrier");
  EXPECT_EQ(profile.records[2].name, "f");
  EXPECT_EQ(profile.records[2].counter("bytes"), 16);
  EXPECT_EQ(profile.records[2].counter("no_such"), 0);
  EXPECT_EQ(profile.records[2].kind, NumberKind::kMeasured);
  EXPECT_GE(profile.records[2].start_ns, profile.records[0].end_ns);
}

TEST(HostDevice, AMisalignedBindingIsRefused) {
  auto device = FakeDevice::make();
  auto list = std::make_shared<CommandList>(device);
  TensorView slot;
  slot.slot = list->add_slot(16, "out");
  slot.desc = row_major(DType::kF32, {4});
  ASSERT_TRUE(list->op({Fill{}, {}, {slot}, "f"}).ok());
  ASSERT_TRUE(list->end().ok());
  auto buffer = make_buffer(*device, 64);
  EXPECT_TRUE(run_and_wait(*device, list, {{view_of(buffer, 4, {})}}).ok());
  EXPECT_EQ(run_and_wait(*device, list, {{view_of(buffer, 3, {})}}).code(), Code::kInvalidArgument);
}

TEST(HostDevice, AFrozenBindingIsNotWritten) {
  auto device = FakeDevice::make();
  auto list = std::make_shared<CommandList>(device);
  TensorView slot;
  slot.slot = list->add_slot(16, "out");
  ASSERT_TRUE(list->fill(slot, 16, 1, 1).ok());
  ASSERT_TRUE(list->end().ok());
  auto buffer = make_buffer(*device, 16);
  buffer->freeze();
  EXPECT_EQ(run_and_wait(*device, list, {{view_of(buffer, 0, {})}}).code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace systole
