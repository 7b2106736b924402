// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 6: order of submissions within and across queues, failure downstream, cancel.
#include <algorithm>
#include <thread>

#include "tests/conformance/lists.h"

namespace systole::conformance {
namespace {

void needs_two_queues(Context& context) {
  if (context.device->info().queue_count < 2) throw NotSupported("one queue");
}

void queues_are_what_info_says(Context& context) {
  const int count = context.device->info().queue_count;
  std::vector<Queue*> queues;
  for (int i = 0; i < count; ++i) {
    queues.push_back(&queue_of(context, i));
    require(&queue_of(context, i) == queues.back(), "the same queue every time");
    require(std::count(queues.begin(), queues.end(), queues.back()) == 1, "each index has a queue of its own");
    require_equal(submit(*queues.back(), {}, {}, {}), 1u, "each queue counts its own submissions");
  }
  require_code(context.device->queue(count).status(), Code::kOutOfRange, "one queue more");
}

void in_order_on_one_queue(Context& context) {
  auto buffer = make_buffer(*context.device, 256);
  auto done = timeline();
  for (uint64_t i = 1; i <= 20; ++i) {
    auto list = fill_list(context.device, buffer, 0, 256, static_cast<uint8_t>(i));
    require_equal(submit(queue_of(context), {}, {list}, {{done, i}}), i, "sequence number");
  }
  require_reached(done, 20, "all done");
  require_content(*buffer, 0, Bytes(256, std::byte{20}), "the last one wrote last");
}

// What is at the head and waits holds back what is behind it.
void a_waiting_head_holds_the_queue(Context& context) {
  auto buffer = make_buffer(*context.device, Bytes(64, std::byte{0}));
  auto start = timeline(), first = timeline(), second = timeline();
  submit(queue_of(context), {{start, 1}}, {fill_list(context.device, buffer, 0, 64, 1)}, {{first, 1}});
  submit(queue_of(context), {}, {fill_list(context.device, buffer, 0, 64, 2)}, {{second, 1}});
  require_code(second->wait(1, after(kAMoment)), Code::kDeadlineExceeded, "what is behind a waiting head");
  require_ok(start->signal(1), "start");
  require_reached(second, 1, "then");
  require_ok(first->wait(1, after(std::chrono::milliseconds(0))), "completed before what was behind it");
  require_content(*buffer, 0, Bytes(64, std::byte{2}), "the second wrote last");
}

void a_waiting_queue_holds_no_other(Context& context) {
  needs_two_queues(context);
  auto buffer = make_buffer(*context.device, Bytes(64, std::byte{0}));
  auto never = timeline(), waiting = timeline(), done = timeline();
  const uint64_t sequence = submit(queue_of(context, 0), {{never, 1}}, {}, {{waiting, 1}});
  submit(queue_of(context, 1), {}, {fill_list(context.device, buffer, 0, 64, 3)}, {{done, 1}});
  require_reached(done, 1, "the other queue");
  require_content(*buffer, 0, Bytes(64, std::byte{3}), "what it wrote");
  require_ok(queue_of(context, 0).cancel(sequence), "cancel what waits");
}

// Links of a chain on queues in turn: each reads what the one before wrote on the other queue.
void across_queues(Context& context) {
  needs_two_queues(context);
  constexpr uint64_t kLinks = 24;
  std::vector<std::shared_ptr<Buffer>> buffers;
  for (uint64_t i = 0; i <= kLinks; ++i)
    buffers.push_back(make_buffer(*context.device, Bytes(100, static_cast<std::byte>(i))));
  auto line = timeline();
  for (uint64_t i = 1; i <= kLinks; ++i) {
    auto list = copy_list(context.device, byte_view(buffers[i - 1], 0, 100), byte_view(buffers[i], 0, 100));
    const int index = static_cast<int>(i) % context.device->info().queue_count;
    submit(queue_of(context, index), {{line, i}}, {list}, {{line, i + 1}});
  }
  require_code(line->wait(2, after(kAMoment)), Code::kDeadlineExceeded, "before the first link may start");
  require_ok(line->signal(1), "start");
  require_reached(line, kLinks + 1, "the last link");
  require_content(*buffers[kLinks], 0, Bytes(100, std::byte{0}), "what the first buffer had");
}

void fan_out_and_in(Context& context) {
  auto start = timeline(), done = timeline();
  auto buffer = make_buffer(*context.device, 8 * 64);
  std::vector<SemaphorePoint> ends;
  const int queues = context.device->info().queue_count;
  for (int i = 0; i < 8; ++i) {
    ends.push_back({timeline(), 1});
    submit(queue_of(context, i % queues), {{start, 1}},
           {fill_list(context.device, buffer, i * 64, 64, static_cast<uint8_t>(i + 1))}, {ends.back()});
  }
  submit(queue_of(context, queues - 1), ends, {}, {{done, 1}});
  require_ok(start->signal(1), "start");
  require_reached(done, 1, "join");
  for (int i = 0; i < 8; ++i)
    require_content(*buffer, i * 64, Bytes(64, static_cast<std::byte>(i + 1)), "part " + std::to_string(i));
}

// One submission waits for points of the host, of its own queue and of another, in every order of their signals.
void waits_of_host_and_device(Context& context) {
  auto buffer = make_buffer(*context.device, Bytes(64, std::byte{0}));
  const int last = context.device->info().queue_count - 1;
  int order[] = {0, 1, 2};
  do {
    auto host = timeline(), gate = timeline(), device = timeline(), done = timeline(), two = timeline();
    submit(queue_of(context, 0), {{gate, 1}}, {fill_list(context.device, buffer, 0, 64, 1)}, {{device, 5}});
    submit(queue_of(context, last), {{host, 3}, {device, 5}, {two, 2}}, {fill_list(context.device, buffer, 0, 64, 9)},
           {{done, 1}});
    for (int which : order) {
      require_code(done->wait(1, after(std::chrono::milliseconds(1))), Code::kDeadlineExceeded, "not all has come");
      const Timeline& line = which == 0 ? host : which == 1 ? gate : two;
      require_ok(line->signal(4), "signal");
    }
    require_reached(done, 1, "when all has come");
    require_content(*buffer, 0, Bytes(64, std::byte{9}), "ran after what it waited for");
  } while (std::next_permutation(std::begin(order), std::end(order)));
}

// Nothing to wait for, to run or to signal, in every combination.
void empty_submissions(Context& context) {
  auto reached = timeline(3), done = timeline();
  auto empty = std::make_shared<CommandList>(context.device, "empty");
  require_ok(empty->end(), "end of a list without commands");
  uint64_t next = 0;
  for (int kind = 0; kind < 8; ++kind) {
    std::vector<SemaphorePoint> waits, signals;
    if (kind & 1) waits = {{reached, 3}};
    if (kind & 2) signals = {{done, ++next}};
    submit(queue_of(context), waits, kind & 4 ? std::vector{empty, empty} : std::vector<std::shared_ptr<CommandList>>{},
           signals);
  }
  require_reached(done, next, "the last signal");
  require_ok(queue_of(context).wait_idle(after(kPatience)), "idle");
}

void failure_passes_downstream(Context& context) {
  auto buffer = make_buffer(*context.device, Bytes(64, std::byte{0}));
  auto bad = timeline(), first = timeline(), second = timeline(), free = timeline();
  auto list = fill_list(context.device, buffer, 0, 64, 1);
  submit(queue_of(context), {{bad, 1}}, {list}, {{first, 1}});
  submit(queue_of(context), {{first, 1}}, {list}, {{second, 1}});
  submit(queue_of(context), {}, {}, {{free, 1}});
  bad->fail(Status(Code::kDeviceFault, "the cause").with_origin("somewhere"));
  require_failed(second, 1, Code::kDeviceFault, "two steps downstream");
  require_equal(second->failure().message(), std::string("the cause"), "message is kept");
  require_equal(second->failure().origin(), std::string("somewhere"), "origin is kept");
  require_reached(free, 1, "a submission that did not wait for it");
  require_content(*buffer, 0, Bytes(64, std::byte{0}), "nothing ran");
}

// A failed wait among met and open ones ends the submission at once.
void one_failed_wait_is_enough(Context& context) {
  auto reached = timeline(1), bad = timeline(), never = timeline(), done = timeline();
  submit(queue_of(context), {{reached, 1}, {never, 1}, {bad, 1}}, {}, {{done, 1}});
  bad->fail(Status(Code::kCancelled, "bad"));
  require_failed(done, 1, Code::kCancelled, "with an open wait");
}

void cancel_what_has_not_started(Context& context) {
  Queue& queue = queue_of(context);
  auto start = timeline(), a = timeline(), b = timeline();
  submit(queue, {{start, 1}}, {}, {{a, 1}});
  const uint64_t second = submit(queue, {}, {}, {{b, 1}});
  require_ok(queue.cancel(second), "cancel");
  require_failed(b, 1, Code::kCancelled, "its signal");
  require_ok(start->signal(1), "start");
  require_reached(a, 1, "the other");
  require_code(queue.cancel(second), Code::kFailedPrecondition, "cancel twice");
  for (uint64_t sequence : {uint64_t{0}, uint64_t{999}, UINT64_MAX})
    require_code(queue.cancel(sequence), Code::kNotFound, "cancel what never was");
  require_ok(queue.wait_idle(after(kPatience)), "idle");
  require_code(queue.cancel(1), Code::kFailedPrecondition, "cancel what has completed");
}

void from_many_threads(Context& context) {
  constexpr uint64_t kThreads = 4, kEach = 40;
  auto buffer = make_buffer(*context.device, Bytes(kThreads * kEach, std::byte{0}));
  std::vector<Timeline> lines;
  std::vector<std::string> wrong(kThreads);
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < kThreads; ++t) lines.push_back(timeline());
  for (uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      try {
        for (uint64_t i = 0; i < kEach; ++i) {
          auto list = fill_list(context.device, buffer, static_cast<int64_t>(t * kEach + i), 1, 0x77);
          const int index = static_cast<int>(t + i) % context.device->info().queue_count;
          submit(queue_of(context, index), {{lines[t], i}}, {list}, {{lines[t], i + 1}});
        }
      } catch (const Failure& failure) {
        wrong[t] = failure.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (uint64_t t = 0; t < kThreads; ++t) {
    require_equal(wrong[t], std::string(), "thread " + std::to_string(t));
    require_reached(lines[t], kEach, "the last of thread " + std::to_string(t));
  }
  require_content(*buffer, 0, Bytes(kThreads * kEach, std::byte{0x77}), "every byte");
}

}  // namespace

std::vector<Test> order_tests() {
  return {{"order", "queues_are_what_info_says", queues_are_what_info_says},
          {"order", "in_order_on_one_queue", in_order_on_one_queue},
          {"order", "a_waiting_head_holds_the_queue", a_waiting_head_holds_the_queue},
          {"order", "a_waiting_queue_holds_no_other", a_waiting_queue_holds_no_other},
          {"order", "across_queues", across_queues},
          {"order", "fan_out_and_in", fan_out_and_in},
          {"order", "waits_of_host_and_device", waits_of_host_and_device},
          {"order", "empty_submissions", empty_submissions},
          {"order", "failure_passes_downstream", failure_passes_downstream},
          {"order", "one_failed_wait_is_enough", one_failed_wait_is_enough},
          {"order", "cancel_what_has_not_started", cancel_what_has_not_started},
          {"order", "from_many_threads", from_many_threads}};
}

}  // namespace systole::conformance
