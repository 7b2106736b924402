// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 5: copies and fills on a queue.
#include <algorithm>

#include "hal/queue.h"
#include "tests/conformance/memory.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {
namespace {

void fill_patterns(Context& context) {
  for (int pattern_size : {1, 2, 4}) {
    for (int64_t offset : {0, 4, 60, 64, 1000}) {
      for (int64_t bytes : {4, 64, 68, 4096}) {
        auto buffer = make_buffer(*context.device, Bytes(8192, std::byte{0xee}));
        auto list = std::make_shared<CommandList>(context.device);
        require_ok(list->fill(byte_view(buffer, offset, bytes), bytes, 0x04030201, pattern_size), "record");
        require_ok(list->end(), "end");
        require_ok(run_and_wait(*context.device, list), "run");
        Bytes expected(8192, std::byte{0xee});
        for (int64_t i = 0; i < bytes; ++i) expected[offset + i] = static_cast<std::byte>(1 + i % pattern_size);
        require(read_bytes(*buffer, 0, 8192) == expected, "pattern of " + std::to_string(pattern_size) + " bytes at " +
                                                              std::to_string(offset) + ", " + std::to_string(bytes));
      }
    }
  }
}

void fill_is_checked_at_record(Context& context) {
  auto buffer = make_buffer(*context.device, 64);
  const auto refused = [&](int64_t offset, int64_t bytes, int pattern_size, const char* what) {
    CommandList list(context.device);
    const Status status = list.fill(byte_view(buffer, offset, bytes), bytes, 0, pattern_size);
    require(!status.ok(), std::string("recorded: ") + what);
    require_code(list.end(), status.code(), std::string("end after a refused record: ") + what);
  };
  refused(0, 65, 1, "beyond the end");
  refused(60, 8, 4, "offset inside, end outside");
  refused(-4, 4, 4, "negative offset");
  refused(0, 6, 4, "not a multiple of the pattern");
  refused(2, 8, 4, "offset not a multiple of the pattern");
  refused(0, 9, 3, "a pattern of three bytes");
}

void copies(Context& context) {
  const Bytes content = pattern_bytes(70000, 5);
  for (int64_t bytes : {1, 3, 64, 65, 4096, 65000}) {
    for (int64_t from : {0, 1, 63, 4097}) {
      const int64_t to = from == 1 ? 64 : 5;
      auto source = make_buffer(*context.device, content, "source");
      auto target = make_buffer(*context.device, Bytes(70000, std::byte{0}), "target");
      auto list = std::make_shared<CommandList>(context.device);
      require_ok(list->copy(byte_view(source, from, bytes), byte_view(target, to, bytes), bytes), "record");
      require_ok(list->end(), "end");
      require_ok(run_and_wait(*context.device, list), "run");
      Bytes expected(70000, std::byte{0});
      std::copy_n(content.begin() + from, bytes, expected.begin() + to);
      require(read_bytes(*target, 0, 70000) == expected, std::to_string(bytes) + " bytes from " + std::to_string(from));
    }
  }
}

void copy_is_checked_at_record(Context& context) {
  auto a = make_buffer(*context.device, 64), b = make_buffer(*context.device, 64);
  CommandList beyond(context.device);
  require_code(beyond.copy(byte_view(a, 1, 64), byte_view(b, 0, 64), 64), Code::kOutOfRange, "source beyond its end");
  CommandList target(context.device);
  require_code(target.copy(byte_view(a, 0, 64), byte_view(b, 1, 64), 64), Code::kOutOfRange, "target beyond its end");
  CommandList overlap(context.device);
  require_code(overlap.copy(byte_view(a, 0, 32), byte_view(a, 16, 32), 32), Code::kInvalidArgument, "overlapping copy");
  CommandList side_by_side(context.device);
  require_ok(side_by_side.copy(byte_view(a, 0, 32), byte_view(a, 32, 32), 32), "side by side in one buffer");
}

void chained_in_one_list(Context& context) {
  const Bytes content = pattern_bytes(1000, 9);
  std::vector<std::shared_ptr<Buffer>> buffers = {make_buffer(*context.device, content)};
  auto list = std::make_shared<CommandList>(context.device);
  for (int i = 0; i < 8; ++i) {
    buffers.push_back(make_buffer(*context.device, 1000));
    require_ok(list->copy(byte_view(buffers[i], 0, 1000), byte_view(buffers[i + 1], 0, 1000), 1000), "record");
  }
  require_ok(list->end(), "end");
  require_ok(run_and_wait(*context.device, list), "run");
  require(read_bytes(*buffers.back(), 0, 1000) == content, "after eight copies");
}

void large(Context& context) {
  const int64_t bytes = 1 << 20;
  const Bytes content = pattern_bytes(bytes, 11);
  auto source = make_buffer(*context.device, content), target = make_buffer(*context.device, bytes);
  auto list = std::make_shared<CommandList>(context.device);
  require_ok(list->copy(byte_view(source, 0, bytes), byte_view(target, 0, bytes), bytes), "record");
  require_ok(list->end(), "end");
  require_ok(run_and_wait(*context.device, list), "run");
  require(read_bytes(*target, 0, bytes) == content, "one MiB");
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
          {"transfer", "chained_in_one_list", chained_in_one_list},
          {"transfer", "large", large},
          {"transfer", "profile_has_every_command", profile_has_every_command}};
}

}  // namespace systole::conformance
