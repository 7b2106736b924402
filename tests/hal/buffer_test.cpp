// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/buffer.h"

#include <gtest/gtest.h>

#include <cstring>

namespace systole {
namespace {

std::shared_ptr<Buffer> host(int64_t size) {
  BufferParams params;
  params.size = size;
  params.name = "weights";
  return std::move(allocate_host(params)).value();
}

TEST(Buffer, HostMemoryIsZeroedAndAligned) {
  auto buffer = host(1000);
  auto bytes = std::move(buffer->map(0, 1000, MapAccess::kRead)).value();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes.data()) % 64, 0u);
  for (std::byte b : bytes) EXPECT_EQ(b, std::byte{0});
  EXPECT_EQ(buffer->device(), nullptr);
}

TEST(Buffer, BadParametersAreRefused) {
  EXPECT_EQ(allocate_host({0, 0, MemoryKind::kConstant, "x"}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(allocate_host({-5, 0, MemoryKind::kConstant, "x"}).status().code(), Code::kInvalidArgument);
  Status status = allocate_host({8, 24, MemoryKind::kConstant, "x"}).status();
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_NE(status.message().find("24"), std::string::npos);
}

TEST(Buffer, MoreThanTheHostHasIsAStatus) {
  Status status = allocate_host({INT64_MAX, 0, MemoryKind::kConstant, "huge"}).status();
  EXPECT_EQ(status.code(), Code::kOutOfMemory);
  EXPECT_NE(status.message().find("huge"), std::string::npos);
}

TEST(Buffer, RangesAreChecked) {
  auto buffer = host(100);
  EXPECT_EQ(buffer->map(1, 100, MapAccess::kRead).status().code(), Code::kOutOfRange);
  EXPECT_EQ(buffer->map(-1, 1, MapAccess::kRead).status().code(), Code::kOutOfRange);
  EXPECT_EQ(buffer->map(INT64_MAX, INT64_MAX, MapAccess::kRead).status().code(), Code::kOutOfRange);
  EXPECT_EQ(buffer->flush(99, 2).code(), Code::kOutOfRange);
  EXPECT_EQ(buffer->invalidate(0, 101).code(), Code::kOutOfRange);
  EXPECT_TRUE(buffer->map(100, 0, MapAccess::kRead).ok());
  Status status = buffer->map(90, 20, MapAccess::kRead).status();
  EXPECT_NE(status.message().find("'weights'"), std::string::npos);
  EXPECT_NE(status.message().find("100 bytes"), std::string::npos);
}

TEST(Buffer, FrozenMemoryIsReadOnly) {
  auto buffer = host(16);
  EXPECT_FALSE(buffer->frozen());
  buffer->freeze();
  EXPECT_EQ(buffer->map(0, 16, MapAccess::kWrite).status().code(), Code::kFailedPrecondition);
  EXPECT_EQ(buffer->map(0, 16, MapAccess::kReadWrite).status().code(), Code::kFailedPrecondition);
  EXPECT_TRUE(buffer->map(0, 16, MapAccess::kRead).ok());
}

TEST(Buffer, MapsAreCounted) {
  auto buffer = host(16);
  buffer->unmap();
  EXPECT_FALSE(buffer->mapped());
  ASSERT_TRUE(buffer->map(0, 8, MapAccess::kRead).ok());
  ASSERT_TRUE(buffer->map(8, 8, MapAccess::kWrite).ok());
  EXPECT_FALSE(buffer->map(8, 9, MapAccess::kWrite).ok());
  buffer->unmap();
  EXPECT_TRUE(buffer->mapped());
  buffer->unmap();
  EXPECT_FALSE(buffer->mapped());
}

TEST(Buffer, IdsAreUnique) { EXPECT_NE(host(1)->id(), host(1)->id()); }

TEST(Buffer, ImportedMemoryIsTheCallers) {
  char data[8] = "abcdefg";
  auto buffer = std::move(import_host(data, sizeof data, "mine")).value();
  auto bytes = std::move(buffer->map(2, 1, MapAccess::kReadWrite)).value();
  bytes[0] = std::byte{'X'};
  buffer->unmap();
  EXPECT_STREQ(data, "abXdefg");
  EXPECT_EQ(import_host(nullptr, 8, "nothing").status().code(), Code::kInvalidArgument);
  for (int64_t size : {0, -1}) EXPECT_EQ(import_host(data, size, "none").status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace systole
