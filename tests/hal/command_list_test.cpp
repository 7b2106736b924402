// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/command_list.h"

#include <gtest/gtest.h>

#include "tests/hal/fake_device.h"

namespace systole {
namespace {

TensorView bytes(std::shared_ptr<Buffer> buffer, int64_t offset) {
  return view_of(std::move(buffer), offset, row_major(DType::kU8, {1}));
}

TEST(CommandList, FirstErrorSticks) {
  auto device = FakeDevice::make();
  CommandList list(device, "list");
  auto buffer = make_buffer(*device, 64);
  Status first = list.fill(bytes(buffer, 60), 8, 0, 1);
  EXPECT_EQ(first.code(), Code::kOutOfRange);
  EXPECT_EQ(list.fill(bytes(buffer, 0), 8, 0, 1).message(), first.message());
  EXPECT_EQ(list.end().message(), first.message());
  EXPECT_EQ(list.executable(), nullptr);
  EXPECT_TRUE(list.commands().empty());
}

TEST(CommandList, NothingAfterEnd) {
  auto device = FakeDevice::make();
  CommandList list(device);
  ASSERT_TRUE(list.barrier().ok());
  ASSERT_TRUE(list.end().ok());
  EXPECT_NE(list.executable(), nullptr);
  EXPECT_EQ(list.barrier().code(), Code::kFailedPrecondition);
  EXPECT_EQ(list.end().code(), Code::kFailedPrecondition);
  EXPECT_EQ(list.add_slot(4, "late"), -1);
  EXPECT_EQ(list.commands().size(), 1u);
}

TEST(CommandList, OperandsAreBoundsChecked) {
  auto device = FakeDevice::make();
  auto record = [&](int64_t size, int64_t offset, DType type) {
    CommandList list(device);
    return list.op({Fill{}, {}, {view_of(make_buffer(*device, size), offset, row_major(type, {4}))}, "fill"});
  };
  EXPECT_TRUE(record(16, 0, DType::kF32).ok());
  Status beyond = record(16, 4, DType::kF32);
  EXPECT_EQ(beyond.code(), Code::kOutOfRange);
  EXPECT_NE(beyond.message().find("fill 'fill': output 0: offset 4, 16 bytes"), std::string::npos) << beyond.message();
  EXPECT_EQ(record(32, -4, DType::kF32).code(), Code::kOutOfRange);
  EXPECT_EQ(record(32, 2, DType::kF32).code(), Code::kInvalidArgument);
  EXPECT_TRUE(record(32, 2, DType::kBF16).ok());
}

TEST(CommandList, ViewsNeedMemoryOfThisDevice) {
  auto device = FakeDevice::make(), other = FakeDevice::make();
  auto buffer = make_buffer(*device, 8);
  CommandList none(device);
  EXPECT_EQ(none.copy({}, bytes(buffer, 0), 1).code(), Code::kInvalidArgument);
  CommandList foreign(device);
  EXPECT_EQ(foreign.copy(bytes(make_buffer(*other, 8), 0), bytes(buffer, 0), 1).code(), Code::kInvalidArgument);
  CommandList from_host(device);
  auto host = std::move(allocate_host({8, 0, MemoryKind::kHostVisible, "host"})).value();
  EXPECT_TRUE(from_host.copy(bytes(host, 0), bytes(buffer, 0), 8).ok());
  CommandList frozen(device);
  host->freeze();
  EXPECT_EQ(frozen.copy(bytes(buffer, 0), bytes(host, 0), 8).code(), Code::kInvalidArgument);
}

TEST(CommandList, SlotsAreBoundsChecked) {
  auto device = FakeDevice::make();
  auto buffer = make_buffer(*device, 64);
  CommandList list(device);
  TensorView slot;
  slot.slot = list.add_slot(16, "in");
  EXPECT_TRUE(list.copy(slot, bytes(buffer, 0), 16).ok());
  slot.offset = 1;
  EXPECT_EQ(list.copy(slot, bytes(buffer, 0), 16).code(), Code::kOutOfRange);
  CommandList missing(device);
  slot.slot = 3;
  EXPECT_EQ(missing.copy(slot, bytes(buffer, 0), 1).code(), Code::kOutOfRange);
  CommandList empty(device);
  EXPECT_EQ(empty.add_slot(0, "nothing"), -1);
  EXPECT_EQ(empty.end().code(), Code::kInvalidArgument);
}

TEST(CommandList, AnOutputSharesNoBytesWithAnInput) {
  auto device = FakeDevice::make();
  auto buffer = make_buffer(*device, 4096);
  const auto record = [&](Op op, TensorView x, TensorView y) {
    CommandList list(device);
    return list.op({std::move(op), {std::move(x)}, {std::move(y)}, "op"}).code();
  };
  const auto dense = [&](int64_t offset) { return view_of(buffer, offset, row_major(DType::kF32, {4, 4})); };
  const auto column = [&](int64_t offset) { return view_of(buffer, offset, {DType::kF32, {4, 4}, {64, 4}, nullptr}); };
  EXPECT_EQ(record(Unary{}, dense(0), dense(0)), Code::kOk) << "in place";
  EXPECT_EQ(record(Unary{}, dense(0), dense(64)), Code::kOk) << "side by side";
  EXPECT_EQ(record(Unary{}, dense(0), dense(60)), Code::kInvalidArgument);
  EXPECT_EQ(record(Unary{}, dense(60), dense(0)), Code::kInvalidArgument);
  EXPECT_EQ(record(Copy{}, dense(0), dense(0)), Code::kInvalidArgument) << "not an op that may be done in place";
  EXPECT_EQ(record(Unary{}, column(0), column(0)), Code::kOk) << "in place, with gaps";
  EXPECT_EQ(record(Unary{}, column(0), column(16)), Code::kOk) << "between each other's gaps";
  EXPECT_EQ(record(Unary{}, column(0), dense(192)), Code::kInvalidArgument) << "the last row";
  const auto bf16 = view_of(buffer, 0, row_major(DType::kBF16, {4, 4}));
  EXPECT_EQ(record(Cast{}, dense(0), bf16), Code::kInvalidArgument) << "elements of another width";
  CommandList list(device);
  TensorView slot = dense(0), other = dense(0);
  slot.buffer = other.buffer = nullptr;
  slot.slot = list.add_slot(128, "a"), other.slot = list.add_slot(128, "b");
  EXPECT_TRUE(list.op({Unary{}, {slot}, {other}, "op"}).ok()) << "what is bound is not known yet";
  other = slot, other.offset = 4;
  EXPECT_EQ(list.op({Unary{}, {slot}, {other}, "op"}).code(), Code::kInvalidArgument);
}

TEST(CommandList, SlotsRememberWhatTheyAreUsedFor) {
  auto device = FakeDevice::make();
  CommandList list(device);
  TensorView read, written;
  read.slot = list.add_slot(64, "read"), written.slot = list.add_slot(64, "written");
  ASSERT_TRUE(list.copy(read, written, 3).ok());
  EXPECT_EQ(list.slots()[1].alignment, 1);
  written.desc = row_major(DType::kF32, {4});
  ASSERT_TRUE(list.op({Fill{}, {}, {written}, "fill"}).ok());
  EXPECT_EQ(list.slots()[1].alignment, 4);
  EXPECT_TRUE(list.slots()[1].written);
  ASSERT_TRUE(list.end().ok());
  read.desc = row_major(DType::kF64, {4});
  EXPECT_EQ(list.op({Fill{}, {}, {read}, "late"}).code(), Code::kFailedPrecondition);
  EXPECT_EQ(list.slots()[0].alignment, 1);
  EXPECT_FALSE(list.slots()[0].written);
}

TEST(CommandList, WhatTheDeviceRefusesFailsAtEnd) {
  auto device = FakeDevice::make();
  CommandList list(device);
  auto view = view_of(make_buffer(*device, 16), 0, row_major(DType::kF32, {4}));
  auto out = view_of(make_buffer(*device, 16), 0, row_major(DType::kF32, {4}));
  ASSERT_TRUE(list.op({Unary{}, {view}, {out}, "relu1"}).ok());
  Status status = list.end();
  EXPECT_EQ(status.code(), Code::kUnsupported);
  EXPECT_NE(status.message().find("relu1"), std::string::npos);
  EXPECT_NE(status.message().find("the fake device only fills"), std::string::npos);
}

}  // namespace
}  // namespace systole
