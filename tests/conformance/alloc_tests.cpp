// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Areas 2 and 3 as far as every device has them: allocation, limits, mapping.
#include "tests/conformance/memory.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {
namespace {

BufferParams params_of(int64_t size, int64_t alignment = 0) {
  BufferParams params;
  params.size = size;
  params.alignment = alignment;
  params.kind = MemoryKind::kHostVisible;
  params.name = "conformance";
  return params;
}

void sizes(Context& context) {
  for (int64_t size : {1, 2, 63, 64, 65, 4095, 4096, 4097, 100000}) {
    auto buffer = make_buffer(*context.device, size);
    require_equal(buffer->size(), size, "size");
    const Bytes content = pattern_bytes(size, static_cast<uint32_t>(size));
    write_bytes(*buffer, 0, content);
    require(read_bytes(*buffer, 0, size) == content, "content of " + std::to_string(size) + " bytes");
  }
}

void impossible_sizes_are_refused(Context& context) {
  require_code(context.device->allocate(params_of(0)).status(), Code::kInvalidArgument, "size 0");
  require_code(context.device->allocate(params_of(-1)).status(), Code::kInvalidArgument, "size -1");
  require_code(context.device->allocate(params_of(64, 3)).status(), Code::kInvalidArgument, "alignment 3");
}

void alignments(Context& context) {
  for (int64_t alignment = 1; alignment <= 4096; alignment *= 2) {
    auto buffer = take(context.device->allocate(params_of(100, alignment)), "alignment " + std::to_string(alignment));
    require_equal(buffer->device_address() % static_cast<uint64_t>(alignment), 0u,
                  "device address, alignment " + std::to_string(alignment));
  }
}

void too_large_is_out_of_memory_and_harmless(Context& context) {
  const int64_t limit = context.device->info().memory_bytes;
  const Status status = context.device->allocate(params_of(limit + 1)).status();
  require_code(status, Code::kOutOfMemory, "one byte more than there is");
  require(status.message().find(std::to_string(limit + 1)) != std::string::npos,
          "the message has the size asked for: " + status.message());
  require(status.message().find(std::to_string(limit)) != std::string::npos,
          "the message has the size there is: " + status.message());
  auto buffer = make_buffer(*context.device, 4096);
  require_equal(buffer->size(), 4096, "an allocation after it");
}

void buffers_do_not_overlap(Context& context) {
  std::vector<std::shared_ptr<Buffer>> buffers;
  for (uint32_t i = 0; i < 64; ++i) buffers.push_back(make_buffer(*context.device, pattern_bytes(1 + i * 37, i)));
  for (uint32_t i = 0; i < 64; i += 2) buffers[i].reset();
  for (uint32_t i = 0; i < 64; i += 2) buffers[i] = make_buffer(*context.device, pattern_bytes(1 + i * 37, i + 1000));
  for (uint32_t i = 0; i < 64; ++i) {
    const Bytes expected = pattern_bytes(1 + i * 37, i % 2 ? i : i + 1000);
    require(read_bytes(*buffers[i], 0, buffers[i]->size()) == expected, "buffer " + std::to_string(i));
  }
}

void nothing_leaks(Context& context) {
  const int64_t before = context.device->memory_use().in_use_bytes;
  for (int i = 0; i < 100; ++i) {
    auto buffer = make_buffer(*context.device, 10000);
    require(context.device->memory_use().in_use_bytes >= before + 10000, "use is counted");
  }
  require_equal(context.device->memory_use().in_use_bytes, before, "bytes in use afterwards");
  require(context.device->memory_use().peak_bytes >= before + 10000, "the peak is kept");
}

void mapping_is_checked(Context& context) {
  auto buffer = make_buffer(*context.device, 100);
  require_code(buffer->map(0, 101, MapAccess::kRead).status(), Code::kOutOfRange, "beyond the end");
  require_code(buffer->map(-1, 10, MapAccess::kRead).status(), Code::kOutOfRange, "before the start");
  require_code(buffer->map(INT64_MAX, 10, MapAccess::kRead).status(), Code::kOutOfRange, "offset that overflows");
  auto part = take(buffer->map(10, 20, MapAccess::kReadWrite), "a part");
  require_equal(part.size(), 20u, "size of the part");
  buffer->unmap();
  const Bytes content = pattern_bytes(20, 7);
  write_bytes(*buffer, 10, content);
  require(read_bytes(*buffer, 15, 5) == Bytes(content.begin() + 5, content.begin() + 10), "sub-range");
}

void frozen_is_read_only(Context& context) {
  auto buffer = make_buffer(*context.device, 64);
  buffer->freeze();
  require_code(buffer->map(0, 64, MapAccess::kWrite).status(), Code::kFailedPrecondition, "write to a frozen buffer");
  require_ok(buffer->map(0, 64, MapAccess::kRead).status(), "read of a frozen buffer");
  buffer->unmap();
}

}  // namespace

std::vector<Test> alloc_tests() {
  return {{"alloc", "sizes", sizes},
          {"alloc", "impossible_sizes_are_refused", impossible_sizes_are_refused},
          {"alloc", "alignments", alignments},
          {"alloc", "too_large_is_out_of_memory_and_harmless", too_large_is_out_of_memory_and_harmless},
          {"alloc", "buffers_do_not_overlap", buffers_do_not_overlap},
          {"alloc", "nothing_leaks", nothing_leaks},
          {"alloc", "mapping_is_checked", mapping_is_checked},
          {"alloc", "frozen_is_read_only", frozen_is_read_only}};
}

}  // namespace systole::conformance
