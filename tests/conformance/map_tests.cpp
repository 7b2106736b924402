// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 3: mapping, and who sees what without flush and invalidate.
#include <algorithm>

#include "tests/conformance/lists.h"

namespace systole::conformance {
namespace {

void put(std::span<std::byte> span, const Bytes& content) { std::copy(content.begin(), content.end(), span.begin()); }

void whole_and_parts(Context& context) {
  Bytes content = pattern_bytes(1000, 1);
  auto buffer = make_buffer(*context.device, content);
  for (auto [offset, size] : {std::pair<int64_t, int64_t>{0, 1000}, {0, 1}, {999, 1}, {63, 130}, {1000, 0}, {0, 0}}) {
    const std::string what = std::to_string(size) + " bytes from " + std::to_string(offset);
    require_ok(buffer->invalidate(offset, size), "invalidate");
    auto span = take(buffer->map(offset, size, MapAccess::kReadWrite), what);
    require_equal(static_cast<int64_t>(span.size()), size, "size of " + what);
    require(std::equal(span.begin(), span.end(), content.begin() + offset), "content of " + what);
    const Bytes fresh = pattern_bytes(size, static_cast<uint32_t>(100 + offset));
    put(span, fresh);
    std::copy(fresh.begin(), fresh.end(), content.begin() + offset);
    buffer->unmap();
    require_ok(buffer->flush(offset, size), "flush");
    require_content(*buffer, 0, content, "the whole after a write of " + what);
  }
}

void ranges_are_checked(Context& context) {
  auto buffer = make_buffer(*context.device, 100);
  const std::pair<int64_t, int64_t> outside[] = {{0, 101}, {-1, 10},        {101, 0},        {100, 1},
                                                 {0, -1},  {INT64_MAX, 10}, {10, INT64_MAX}, {INT64_MIN, INT64_MIN}};
  for (auto [offset, size] : outside) {
    const std::string what = std::to_string(size) + " bytes from " + std::to_string(offset);
    require_code(buffer->map(offset, size, MapAccess::kRead).status(), Code::kOutOfRange, "map of " + what);
    require_code(buffer->flush(offset, size), Code::kOutOfRange, "flush of " + what);
    require_code(buffer->invalidate(offset, size), Code::kOutOfRange, "invalidate of " + what);
  }
  require(!buffer->mapped(), "nothing is mapped after refused maps");
}

void what_is_not_mappable_is_refused(Context& context) {
  auto local =
      take(context.device->allocate({64, 0, MemoryKind::kDeviceLocal, "local"}), "allocate device-local memory");
  for (MapAccess access : {MapAccess::kRead, MapAccess::kWrite, MapAccess::kReadWrite})
    require_code(local->map(0, 64, access).status(), Code::kFailedPrecondition, "map of device-local memory");
  auto frozen = make_buffer(*context.device, pattern_bytes(64, 2));
  frozen->freeze();
  for (MapAccess access : {MapAccess::kWrite, MapAccess::kReadWrite})
    require_code(frozen->map(0, 64, access).status(), Code::kFailedPrecondition, "write to a frozen buffer");
  require_content(*frozen, 0, pattern_bytes(64, 2), "a frozen buffer");
}

void maps_are_counted(Context& context) {
  auto buffer = make_buffer(*context.device, pattern_bytes(128, 4));
  require_ok(buffer->invalidate(0, 128), "invalidate");
  auto first = take(buffer->map(0, 64, MapAccess::kRead), "map");
  auto second = take(buffer->map(32, 96, MapAccess::kRead), "map again");
  buffer->unmap();
  require(buffer->mapped(), "one map is left");
  require(std::equal(first.begin() + 32, first.end(), second.begin()), "both see the same bytes");
  buffer->unmap();
  require(!buffer->mapped(), "no map is left");
  write_bytes(*buffer, 0, pattern_bytes(128, 5));
  require_content(*buffer, 0, pattern_bytes(128, 5), "mapped anew");
}

// kWrite keeps what it does not write, on memory with a copy for the host as well.
void a_partial_write_keeps_the_rest(Context& context) {
  auto buffer = make_buffer(*context.device, pattern_bytes(256, 6));
  auto span = take(buffer->map(0, 256, MapAccess::kWrite), "map for writing");
  std::fill(span.begin() + 100, span.begin() + 110, std::byte{0xaa});
  buffer->unmap();
  require_ok(buffer->flush(100, 10), "flush of what was written");
  auto target = make_buffer(*context.device, 256);
  run(context, copy_list(context.device, byte_view(buffer, 0, 256), byte_view(target, 0, 256)));
  Bytes expected = pattern_bytes(256, 6);
  std::fill(expected.begin() + 100, expected.begin() + 110, std::byte{0xaa});
  require_content(*target, 0, expected, "as the device sees it");
}

void flushed_and_invalidated_parts_are_seen(Context& context) {
  auto a = make_buffer(*context.device, Bytes(300, std::byte{1})), b = make_buffer(*context.device, 300);
  Bytes expected(300, std::byte{1});
  auto list = copy_list(context.device, byte_view(a, 0, 300), byte_view(b, 0, 300));
  for (int64_t offset : {0, 1, 63, 64, 250}) {
    const Bytes part = pattern_bytes(50, static_cast<uint32_t>(offset));
    write_bytes(*a, offset, part);
    std::copy(part.begin(), part.end(), expected.begin() + offset);
    run(context, list);
    require_content(*b, 0, expected, "after a write at " + std::to_string(offset));
    require_content(*b, offset, part, "the part alone");
  }
}

// Coherent memory needs no flush. Memory that is not coherent does not show what was not flushed, or the submission
// that would read it is refused.
void coherence_is_as_said(Context& context) {
  auto source = make_buffer(*context.device, Bytes(64, std::byte{1})), target = make_buffer(*context.device, 64);
  auto list = copy_list(context.device, byte_view(source, 0, 64), byte_view(target, 0, 64));
  put(take(source->map(0, 64, MapAccess::kWrite), "map"), Bytes(64, std::byte{2}));
  source->unmap();
  const Status status = run_and_wait(*context.device, list);
  if (context.device->info().coherent) {
    require_ok(status, "run");
    auto seen = take(target->map(0, 64, MapAccess::kRead), "map without invalidate");
    require(Bytes(seen.begin(), seen.end()) == Bytes(64, std::byte{2}), "coherent: both directions without any call");
    target->unmap();
    return;
  }
  if (status.ok()) require_content(*target, 0, Bytes(64, std::byte{1}), "not coherent: what was not flushed");
  if (!status.ok()) require_code(status, Code::kFailedPrecondition, "a read of what was not flushed");
  require_ok(source->flush(0, 64), "flush");
  run(context, list);
  auto stale = target->map(0, 64, MapAccess::kRead);
  if (stale.ok()) {
    require(Bytes(stale->begin(), stale->end()) != Bytes(64, std::byte{2}), "not coherent: what was not invalidated");
    target->unmap();
  } else {
    require_code(stale.status(), Code::kFailedPrecondition, "a map of what was not invalidated");
  }
  require_content(*target, 0, Bytes(64, std::byte{2}), "flushed and invalidated");
}

}  // namespace

std::vector<Test> map_tests() {
  return {{"map", "whole_and_parts", whole_and_parts},
          {"map", "ranges_are_checked", ranges_are_checked},
          {"map", "what_is_not_mappable_is_refused", what_is_not_mappable_is_refused},
          {"map", "maps_are_counted", maps_are_counted},
          {"map", "a_partial_write_keeps_the_rest", a_partial_write_keeps_the_rest},
          {"map", "flushed_and_invalidated_parts_are_seen", flushed_and_invalidated_parts_are_seen},
          {"map", "coherence_is_as_said", coherence_is_as_said}};
}

}  // namespace systole::conformance
