// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 5: copies and fills on a queue.
#include <algorithm>

#include "tests/conformance/lists.h"

namespace systole::conformance {
namespace {

constexpr uint32_t kPattern = 0x04030201;  // byte i of a fill is 1 + i % pattern size

void fill_expected(Bytes& bytes, int64_t offset, int64_t size, int pattern_size) {
  for (int64_t i = 0; i < size; ++i) bytes[offset + i] = static_cast<std::byte>(1 + i % pattern_size);
}

// Every pattern at every class of offset and size: below, at and above a word, a line, a page; several a list, with
// untouched bytes around each.
void fill_patterns(Context& context) {
  const int64_t lengths[] = {0, 1, 2, 3, 4, 5, 31, 63, 64, 65, 127, 255, 1023, 4096, 4099};
  for (int pattern_size : {1, 2, 4}) {
    for (int64_t phase : {0, 1, 2, 3, 4, 60, 63}) {
      if (phase % pattern_size != 0) continue;
      Bytes expected(20000, std::byte{0xee});
      auto buffer = make_buffer(*context.device, expected);
      auto list = std::make_shared<CommandList>(context.device);
      int64_t offset = phase;
      for (int64_t length : lengths) {
        const int64_t bytes = length / pattern_size * pattern_size;
        require_ok(list->fill(byte_view(buffer, offset, bytes), bytes, kPattern, pattern_size), "record");
        fill_expected(expected, offset, bytes, pattern_size);
        offset += (bytes + 4 + 63) / 64 * 64;  // keeps the phase
      }
      require_ok(list->end(), "end");
      run(context, list);
      require_content(*buffer, 0, expected,
                      "pattern of " + std::to_string(pattern_size) + " bytes, phase " + std::to_string(phase));
    }
  }
}

void fill_is_checked_at_record(Context& context) {
  auto buffer = make_buffer(*context.device, 64);
  const auto refused = [&](int64_t offset, int64_t bytes, int pattern_size, Code code, const char* what) {
    CommandList list(context.device);
    require_code(list.fill(byte_view(buffer, offset, 0), bytes, 0, pattern_size), code, what);
    require_code(list.end(), code, std::string("end after a refused record: ") + what);
  };
  refused(0, 65, 1, Code::kOutOfRange, "beyond the end");
  refused(60, 8, 4, Code::kOutOfRange, "offset inside, end outside");
  refused(-4, 4, 4, Code::kOutOfRange, "negative offset");
  refused(0, -4, 4, Code::kOutOfRange, "negative size");
  refused(INT64_MAX - 3, 4, 4, Code::kOutOfRange, "an end that overflows");
  refused(0, 6, 4, Code::kInvalidArgument, "not a multiple of the pattern");
  refused(2, 8, 4, Code::kInvalidArgument, "offset not a multiple of the pattern");
  for (int pattern_size : {-1, 0, 3, 8}) refused(0, 24, pattern_size, Code::kInvalidArgument, "a pattern's size");
  buffer->freeze();
  refused(0, 4, 1, Code::kInvalidArgument, "a frozen target");
}

// From and to every alignment, in every class of size.
void copies(Context& context) {
  const Bytes content = pattern_bytes(70000, 5);
  auto source = make_buffer(*context.device, content, "source");
  for (int64_t bytes : {0, 1, 3, 64, 65, 4096, 65000}) {
    for (auto [from, to] : {std::pair<int64_t, int64_t>{0, 0}, {0, 5}, {1, 64}, {63, 5}, {4097, 1}, {64, 64}}) {
      Bytes expected(70000, std::byte{0});
      auto target = make_buffer(*context.device, expected, "target");
      run(context, copy_list(context.device, byte_view(source, from, bytes), byte_view(target, to, bytes)));
      std::copy_n(content.begin() + from, bytes, expected.begin() + to);
      require_content(*target, 0, expected,
                      std::to_string(bytes) + " bytes from " + std::to_string(from) + " to " + std::to_string(to));
    }
  }
}

void copy_is_checked_at_record(Context& context) {
  auto a = make_buffer(*context.device, 64), b = make_buffer(*context.device, 64);
  const auto record = [&](const TensorView& from, const TensorView& to, int64_t bytes) {
    CommandList list(context.device);
    const Status status = list.copy(from, to, bytes);
    require_code(list.end(), status.code(), "end of the list");
    return status;
  };
  require_code(record(byte_view(a, 1, 64), byte_view(b, 0, 64), 64), Code::kOutOfRange, "source beyond its end");
  require_code(record(byte_view(a, 0, 64), byte_view(b, 1, 64), 64), Code::kOutOfRange, "target beyond its end");
  require_code(record(byte_view(a, 0, 64), byte_view(b, 0, 64), -1), Code::kOutOfRange, "a negative size");
  require_code(record(byte_view(a, -1, 4), byte_view(b, 0, 4), 4), Code::kOutOfRange, "a negative offset");
  require_code(record({}, byte_view(b, 0, 4), 4), Code::kInvalidArgument, "no source");
  b->freeze();
  require_code(record(byte_view(a, 0, 4), byte_view(b, 0, 4), 4), Code::kInvalidArgument, "a frozen target");
}

void overlapping_copies_are_refused(Context& context) {
  auto buffer = make_buffer(*context.device, pattern_bytes(128, 8));
  const auto record = [&](int64_t from, int64_t to, int64_t bytes, bool slot) {
    CommandList list(context.device);
    TensorView source = byte_view(buffer, from, bytes), target = byte_view(buffer, to, bytes);
    if (slot) {
      source.slot = target.slot = list.add_slot(128, "slot");
      source.buffer = target.buffer = nullptr;
    }
    return list.copy(source, target, bytes);
  };
  for (bool slot : {false, true}) {
    for (auto [from, to] : {std::pair<int64_t, int64_t>{0, 0}, {0, 31}, {31, 0}, {10, 9}, {96, 96}})
      require_code(record(from, to, 32, slot), Code::kInvalidArgument,
                   "32 bytes from " + std::to_string(from) + " to " + std::to_string(to));
    require_ok(record(0, 32, 32, slot), "side by side");
    require_ok(record(32, 0, 32, slot), "side by side, down");
    require_ok(record(5, 5, 0, slot), "nothing onto itself");
  }
  run(context, copy_list(context.device, byte_view(buffer, 0, 64), byte_view(buffer, 64, 64)));
  require_content(*buffer, 64, read_bytes(*buffer, 0, 64), "a copy within a buffer");
}

void chained_in_one_list(Context& context) {
  const Bytes content = pattern_bytes(1000, 9);
  std::vector<std::shared_ptr<Buffer>> buffers = {make_buffer(*context.device, content)};
  auto list = std::make_shared<CommandList>(context.device);
  for (int i = 0; i < 8; ++i) {
    buffers.push_back(make_buffer(*context.device, 1000));
    require_ok(list->copy(byte_view(buffers[i], 0, 1000), byte_view(buffers[i + 1], 0, 1000), 1000), "record");
    if (i % 3 == 0) require_ok(list->barrier(), "a barrier changes nothing");
  }
  require_ok(list->end(), "end");
  run(context, list);
  require_content(*buffers.back(), 0, content, "after eight copies");
}

// Many small ones: in one list, each moving what the one before wrote, and as a submission each.
void bursts(Context& context) {
  constexpr int kMany = 300;
  auto buffer = make_buffer(*context.device, Bytes(kMany + 1, std::byte{0}));
  write_bytes(*buffer, 0, Bytes(1, std::byte{0x42}));
  auto list = std::make_shared<CommandList>(context.device);
  for (int i = 0; i < kMany; ++i)
    require_ok(list->copy(byte_view(buffer, i, 1), byte_view(buffer, i + 1, 1), 1), "record");
  require_ok(list->end(), "end");
  run(context, list);
  require_content(*buffer, 0, Bytes(kMany + 1, std::byte{0x42}), "a byte passed on");

  auto done = timeline();
  for (int i = 0; i < kMany; ++i)
    submit(queue_of(context), {}, {fill_list(context.device, buffer, i, 2, static_cast<uint8_t>(i))},
           {{done, static_cast<uint64_t>(i) + 1}});
  require_reached(done, kMany, "all submissions");
  Bytes expected(kMany + 1);
  for (int i = 0; i <= kMany; ++i) expected[i] = static_cast<std::byte>(std::min(i, kMany - 1));
  require_content(*buffer, 0, expected, "each submission wrote over half of the one before");
}

void large(Context& context) {
  const int64_t bytes = 1 << 20;
  const Bytes content = pattern_bytes(bytes, 11);
  auto source = make_buffer(*context.device, content), target = make_buffer(*context.device, bytes + 3);
  run(context, copy_list(context.device, byte_view(source, 0, bytes), byte_view(target, 3, bytes)));
  require_content(*target, 3, content, "one MiB, shifted");
  auto list = std::make_shared<CommandList>(context.device);
  require_ok(list->fill(byte_view(target, 0, bytes), bytes, kPattern, 4), "record");
  require_ok(list->end(), "end");
  run(context, list);
  Bytes expected(bytes);
  fill_expected(expected, 0, bytes, 4);
  require_content(*target, 0, expected, "one MiB filled");
}

void profile_has_every_command(Context& context) {
  auto buffer = make_buffer(*context.device, 4096);
  auto list = std::make_shared<CommandList>(context.device);
  require_ok(list->fill(byte_view(buffer, 0, 1024), 1024, 1, 1), "record");
  require_ok(list->copy(byte_view(buffer, 0, 1024), byte_view(buffer, 2048, 1024), 1024), "record");
  require_ok(list->end(), "end");
  Profile profile;
  require_ok(run_and_wait(*context.device, list, {}, &profile), "run");
  require_equal(profile.records.size(), 2u, "records");
  double last = 0;
  for (const ProfileRecord& record : profile.records) {
    require(record.start_ns >= last && record.end_ns >= record.start_ns, "device time is monotone");
    last = record.start_ns;
  }
}

}  // namespace

std::vector<Test> transfer_tests() {
  return {{"transfer", "fill_patterns", fill_patterns},
          {"transfer", "fill_is_checked_at_record", fill_is_checked_at_record},
          {"transfer", "copies", copies},
          {"transfer", "copy_is_checked_at_record", copy_is_checked_at_record},
          {"transfer", "overlapping_copies_are_refused", overlapping_copies_are_refused},
          {"transfer", "chained_in_one_list", chained_in_one_list},
          {"transfer", "bursts", bursts},
          {"transfer", "large", large},
          {"transfer", "profile_has_every_command", profile_has_every_command}};
}

}  // namespace systole::conformance
