// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 8: command lists: recorded once, submitted often, errors of the wrong time, lifetimes.
#include <algorithm>
#include <thread>

#include "tests/conformance/lists.h"

namespace systole::conformance {
namespace {

void errors_while_recording_stick(Context& context) {
  auto buffer = make_buffer(*context.device, 64);
  CommandList list(context.device, "sticky");
  const Status first = list.fill(byte_view(buffer, 60, 0), 8, 0, 1);
  require_code(first, Code::kOutOfRange, "a fill beyond the end");
  require_equal(list.fill(byte_view(buffer, 0, 8), 8, 0, 1).message(), first.message(), "a good one after it");
  require_equal(list.barrier().message(), first.message(), "a barrier after it");
  require_equal(list.end().message(), first.message(), "end");
  require(list.commands().empty() && !list.executable(), "nothing was recorded or compiled");
}

void errors_of_the_wrong_time(Context& context) {
  auto buffer = make_buffer(*context.device, 64);
  auto open = std::make_shared<CommandList>(context.device, "open");
  require_ok(open->fill(byte_view(buffer, 0, 8), 8, 1, 1), "record");
  Queue& queue = queue_of(context);
  const auto submitted = [&](std::shared_ptr<CommandList> list) {
    return queue.submit({{}, {std::move(list)}, {}, {}, nullptr}).status();
  };
  require_code(submitted(open), Code::kFailedPrecondition, "submit before end");
  require_ok(open->end(), "end");
  require_code(open->end(), Code::kFailedPrecondition, "end twice");
  require_code(open->fill(byte_view(buffer, 0, 8), 8, 1, 1), Code::kFailedPrecondition, "a fill after end");
  require_code(open->copy(byte_view(buffer, 0, 8), byte_view(buffer, 8, 8), 8), Code::kFailedPrecondition,
               "a copy after end");
  const TensorDesc f32 = row_major(DType::kF32, {4});
  require_code(open->op({Fill{}, {}, {{buffer, 0, f32}}, "late"}), Code::kFailedPrecondition, "an op after end");
  require_code(open->barrier(), Code::kFailedPrecondition, "a barrier after end");
  require_equal(open->add_slot(8, "late"), -1, "a slot after end");
  require_equal(open->commands().size(), 1u, "commands of the ended list");
  run(context, open);
  auto failed = std::make_shared<CommandList>(context.device, "failed");
  require_code(failed->fill(byte_view(buffer, 0, 0), 65, 1, 1), Code::kOutOfRange, "record");
  require_code(failed->end(), Code::kOutOfRange, "end");
  require_code(submitted(failed), Code::kFailedPrecondition, "submit of a list whose end failed");
  require_code(failed->barrier(), Code::kFailedPrecondition, "record after a failed end");
}

void submissions_are_checked(Context& context) {
  Queue& queue = queue_of(context);
  auto good = timeline();
  const auto submitted = [&](Submission submission) { return queue.submit(std::move(submission)).status(); };
  require_code(submitted({{}, {nullptr}, {}, {{good, 1}}, nullptr}), Code::kInvalidArgument, "no list");
  require_code(submitted({{{nullptr, 1}}, {}, {}, {{good, 1}}, nullptr}), Code::kInvalidArgument, "no semaphore");
  require_code(submitted({{}, {}, {}, {{good, 1}, {nullptr, 1}}, nullptr}), Code::kInvalidArgument, "no semaphore");
  require_code(submitted({{}, {}, {}, {{timeline(5), 5}}, nullptr}), Code::kInvalidArgument, "a signal that is old");
  for (const std::string& uri : {std::string("ref"), context.backend.uri}) {
    auto other = take(context.registry.open(uri), "open " + uri);
    auto foreign = std::make_shared<CommandList>(other);
    require_ok(foreign->end(), "end");
    require_code(submitted({{}, {foreign}, {}, {{good, 1}}, nullptr}), Code::kInvalidArgument,
                 "a list of another " + uri);
  }
  CommandList homeless(nullptr, "homeless");
  require_code(homeless.barrier(), Code::kInvalidArgument, "record for no device");
  require_code(homeless.end(), Code::kInvalidArgument, "end for no device");
  require_equal(good->value(), 0u, "nothing was signalled by what was refused");
  require_equal(submit(queue, {}, {}, {{good, 1}}), 1u, "what was refused has no sequence number");
}

void resubmit(Context& context) {
  auto from = make_buffer(*context.device, 128), to = make_buffer(*context.device, 128);
  auto list = copy_list(context.device, byte_view(from, 0, 128), byte_view(to, 0, 128));
  for (uint32_t i = 0; i < 5; ++i) {
    write_bytes(*from, 0, pattern_bytes(128, i));
    run(context, list);
    require_content(*to, 0, pattern_bytes(128, i), "run " + std::to_string(i));
  }
}

// The same list many times at once, on every queue, and twice in one submission: it runs once at a time.
void one_list_often_in_flight(Context& context) {
  auto buffer = make_buffer(*context.device, Bytes(64, std::byte{1}));
  auto doubled = std::make_shared<CommandList>(context.device, "b = a; a = b");
  require_ok(doubled->copy(byte_view(buffer, 0, 32), byte_view(buffer, 32, 32), 32), "record");
  require_ok(doubled->copy(byte_view(buffer, 32, 32), byte_view(buffer, 0, 32), 32), "record");
  require_ok(doubled->end(), "end");
  auto line = timeline();
  const int queues = context.device->info().queue_count;
  for (uint64_t i = 0; i < 30; ++i)
    submit(queue_of(context, static_cast<int>(i) % queues), {{line, i}}, {doubled, doubled}, {{line, i + 1}});
  require_reached(line, 30, "all of them");
  require_content(*buffer, 0, Bytes(64, std::byte{1}), "the content stays");
}

void lists_of_a_submission_run_in_order(Context& context) {
  auto buffer = make_buffer(*context.device, 4096);
  std::vector<std::shared_ptr<CommandList>> lists;
  for (int i = 0; i < 10; ++i) lists.push_back(fill_list(context.device, buffer, i, 4096 - i, static_cast<uint8_t>(i)));
  auto done = timeline();
  submit(queue_of(context), {}, lists, {{done, 1}});
  require_reached(done, 1, "all lists");
  for (int i = 0; i < 10; ++i)
    require_content(*buffer, i, Bytes(i < 9 ? 1 : 4096 - 9, static_cast<std::byte>(i)),
                    "from byte " + std::to_string(i));
}

void lists_without_effect(Context& context) {
  auto empty = std::make_shared<CommandList>(context.device);
  require_ok(empty->end(), "end");
  auto barriers = std::make_shared<CommandList>(context.device);
  for (int i = 0; i < 3; ++i) require_ok(barriers->barrier(), "barrier");
  require_ok(barriers->end(), "end");
  Profile profile;
  for (const auto& list : {empty, barriers}) require_ok(run_and_wait(*context.device, list, {}, &profile), "run");
  for (const ProfileRecord& record : profile.records)
    require_equal(record.op, std::string("barrier"), "what a list without effect has records of");
}

void a_long_list(Context& context) {
  constexpr int kMany = 2000;
  auto buffer = make_buffer(*context.device, Bytes(kMany, std::byte{0}));
  auto list = std::make_shared<CommandList>(context.device);
  Bytes expected;
  for (int i = 0; i < kMany; ++i) {
    require_ok(list->fill(byte_view(buffer, i, 1), 1, static_cast<uint32_t>(i), 1), "record");
    expected.push_back(static_cast<std::byte>(i));
  }
  require_ok(list->end(), "end");
  Profile profile;
  require_ok(run_and_wait(*context.device, list, {}, &profile), "run");
  require_content(*buffer, 0, expected, "each fill's byte");
  require_equal(profile.records.size(), static_cast<size_t>(kMany), "records");
}

// A buffer of a good part of the memory, as far as it is given out at once; the last bytes have offsets beyond an int.
void big_buffers(Context& context) {
  const DeviceInfo info = context.device->info();
  int64_t size = std::min<int64_t>(info.memory_bytes / 2, (int64_t{2} << 30) + (1 << 20));
  for (const Limit& limit : info.limits)
    if (limit.name == "most_allocation_bytes") size = std::min(size, static_cast<int64_t>(limit.value));
  auto buffer = make_buffer(*context.device, size);
  auto small = make_buffer(*context.device, pattern_bytes(100, 4));
  for (int64_t offset : {size / 2 + 1, size - 100})
    run(context, copy_list(context.device, byte_view(small, 0, 100), byte_view(buffer, offset, 100)));
  for (int64_t offset : {size / 2 + 1, size - 100})
    require_content(*buffer, offset, pattern_bytes(100, 4), "at " + std::to_string(offset));
  CommandList list(context.device);
  require_code(list.copy(byte_view(small, 0, 100), byte_view(buffer, size - 99, 100), 100), Code::kOutOfRange,
               "one byte too far");
}

// Every handle but the timelines is dropped while the submission waits.
void dropped_handles_are_kept(Context& context) {
  auto target = make_buffer(*context.device, Bytes(256, std::byte{0}));
  auto start = timeline(), done = timeline();
  const int64_t with_target = context.device->memory_use().in_use_bytes;
  {
    auto source = make_buffer(*context.device, pattern_bytes(256, 13)), slot = make_buffer(*context.device, 256);
    auto list = std::make_shared<CommandList>(context.device);
    TensorView bound;
    bound.slot = list->add_slot(256, "slot"), bound.desc = row_major(DType::kU8, {256});
    require_ok(list->copy(byte_view(source, 0, 256), bound, 256), "record");
    require_ok(list->copy(bound, byte_view(target, 0, 256), 256), "record");
    require_ok(list->end(), "end");
    submit(queue_of(context), {{start, 1}}, {list}, {{done, 1}}, {{byte_view(slot, 0, 256)}});
  }
  for (int i = 0; i < 4; ++i) (void)make_buffer(*context.device, Bytes(256, std::byte{0xff}));  // not in their place
  require_ok(start->signal(1), "start");
  require_reached(done, 1, "done");
  require_content(*target, 0, pattern_bytes(256, 13), "through buffers that nobody else kept");
  require_ok(queue_of(context).wait_idle(after(kPatience)), "idle");
  require_equal(context.device->memory_use().in_use_bytes, with_target, "bytes in use when all is done");
}

void threads_record_their_own_lists(Context& context) {
  auto buffer = make_buffer(*context.device, Bytes(400, std::byte{0}));
  std::vector<std::string> wrong(4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      try {
        for (int i = 0; i < 20; ++i)
          require_ok(run_and_wait(*context.device,
                                  fill_list(context.device, buffer, t * 100, 100, static_cast<uint8_t>(t * 20 + i))),
                     "run");
      } catch (const Failure& failure) {
        wrong[t] = failure.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int t = 0; t < 4; ++t) {
    require_equal(wrong[t], std::string(), "thread " + std::to_string(t));
    require_content(*buffer, t * 100, Bytes(100, static_cast<std::byte>(t * 20 + 19)), "its part");
  }
}

}  // namespace

std::vector<Test> cmd_tests() {
  return {{"cmd", "errors_while_recording_stick", errors_while_recording_stick},
          {"cmd", "errors_of_the_wrong_time", errors_of_the_wrong_time},
          {"cmd", "submissions_are_checked", submissions_are_checked},
          {"cmd", "resubmit", resubmit},
          {"cmd", "one_list_often_in_flight", one_list_often_in_flight},
          {"cmd", "lists_of_a_submission_run_in_order", lists_of_a_submission_run_in_order},
          {"cmd", "lists_without_effect", lists_without_effect},
          {"cmd", "a_long_list", a_long_list},
          {"cmd", "big_buffers", big_buffers},
          {"cmd", "dropped_handles_are_kept", dropped_handles_are_kept},
          {"cmd", "threads_record_their_own_lists", threads_record_their_own_lists}};
}

}  // namespace systole::conformance
