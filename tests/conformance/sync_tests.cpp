// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 4: timelines, through this device's queues where a device is involved.
#include <thread>

#include "tests/conformance/lists.h"

namespace systole::conformance {
namespace {

using std::chrono::milliseconds;

void host_signal_and_wait(Context&) {
  Semaphore semaphore(3);
  require_equal(semaphore.value(), 3u, "initial value");
  require_ok(semaphore.wait(2), "a value already passed");
  require_ok(semaphore.signal(7), "signal 7");
  require_ok(semaphore.wait(5), "a value that was jumped over");
  require_code(semaphore.signal(7), Code::kInvalidArgument, "signal of the present value");
  require_code(semaphore.signal(6), Code::kInvalidArgument, "signal of an earlier value");
  require_equal(semaphore.value(), 7u, "value after refused signals");
}

// A deadline that is never met, one long past, and one of any and all; the message has both values.
void a_deadline_passes(Context& context) {
  auto never = timeline(2), reached = timeline(5), done = timeline();
  submit(queue_of(context), {{never, 4}}, {}, {{done, 1}});
  const std::vector<SemaphorePoint> points = {{reached, 5}, {never, 4}};
  for (Deadline deadline : {after(kAMoment), after(milliseconds(0)), after(milliseconds(-1000)), Deadline::min()}) {
    const Status status = never->wait(4, deadline);
    require_code(status, Code::kDeadlineExceeded, "wait for a value that nobody signals");
    require(status.message().find("value 2, waiting for 4") != std::string::npos, "both values: " + status.message());
    require_code(wait_all(points, deadline), Code::kDeadlineExceeded, "wait for all");
    require_code(wait_any(std::span(points).last(1), deadline), Code::kDeadlineExceeded, "wait for any");
    require_ok(wait_any(points, deadline), "wait for any, one of which is reached");
    require_code(done->wait(1, deadline), Code::kDeadlineExceeded, "wait for the device");
    require_code(queue_of(context).wait_idle(deadline), Code::kDeadlineExceeded, "wait for an idle queue");
    require_ok(reached->wait(5, deadline), "a value that is reached needs no time");
  }
  require_ok(never->signal(4), "signal after all");
  require_reached(done, 1, "the device");
}

void first_failure_is_sticky(Context&) {
  Semaphore semaphore;
  require_ok(semaphore.signal(1), "signal");
  semaphore.fail(Status(Code::kDataLoss, "first"));
  semaphore.fail(Status(Code::kInternal, "second"));
  require_code(semaphore.wait(1), Code::kDataLoss, "a value that was reached before the failure");
  require_code(semaphore.wait(99), Code::kDataLoss, "a value never reached");
  require_equal(semaphore.failure().message(), std::string("first"), "message");
  require_code(semaphore.signal(2), Code::kDataLoss, "signal after failure");
  require_equal(semaphore.value(), 1u, "the value stays");
}

// Whatever the code: it arrives two submissions downstream with message, origin and fault.
void every_code_is_preserved(Context& context) {
  for (int code = 1; code <= static_cast<int>(Code::kInternal); ++code) {
    auto cause = timeline(), middle = timeline(), end = timeline();
    submit(queue_of(context), {{cause, 1}}, {}, {{middle, 1}});
    submit(queue_of(context, context.device->info().queue_count - 1), {{middle, 1}}, {}, {{end, 3}});
    FaultReport fault;
    fault.kind = FaultReport::Kind::kDmaFault;
    fault.address = 0x1234, fault.sequence = 77;
    cause->fail(Status(static_cast<Code>(code), "the cause").with_origin("there").with_fault(fault));
    const Status status = end->wait(3, after(kPatience));
    const std::string name = code_name(static_cast<Code>(code));
    require_code(status, static_cast<Code>(code), name);
    require_equal(status.message(), std::string("the cause"), name + ": message");
    require_equal(status.origin(), std::string("there"), name + ": origin");
    require(status.fault() != nullptr, name + ": the fault report is kept");
    require_equal(status.fault()->address, 0x1234u, name + ": address of the fault");
    require_equal(status.fault()->sequence, 77u, name + ": sequence of the fault");
  }
  require(context.device->health() == Health::kOk, "a failure that came from elsewhere is not this device's loss");
}

void many_waiters_wake(Context&) {
  Semaphore semaphore;
  std::vector<std::thread> threads;
  std::vector<Status> results(16, Status(Code::kInternal, "not run"));
  for (size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&, i] { results[i] = semaphore.wait(i + 1, after(kPatience)); });
  }
  for (uint64_t value = 1; value <= results.size(); ++value) require_ok(semaphore.signal(value), "signal");
  for (auto& thread : threads) thread.join();
  for (const Status& result : results) require_ok(result, "waiter");
}

// Waiting for several and then a failure: every waiter has it, whichever point it blocks on.
void many_waiters_see_a_failure(Context&) {
  auto a = timeline(), b = timeline(), c = timeline();
  const std::vector<SemaphorePoint> points = {{a, 1}, {b, 1}, {c, 1}};
  std::vector<std::thread> threads;
  std::vector<Status> all(4), any(4), one(4);
  for (size_t i = 0; i < all.size(); ++i) {
    threads.emplace_back([&, i] { all[i] = wait_all(points, after(kPatience)); });
    threads.emplace_back([&, i] { any[i] = wait_any(std::span(points).first(2), after(kPatience)); });
    threads.emplace_back([&, i] { one[i] = b->wait(9, after(kPatience)); });
  }
  (void)c->signal(1);
  b->fail(Status(Code::kDeviceFault, "b"));
  a->fail(Status(Code::kCancelled, "a"));
  for (auto& thread : threads) thread.join();
  for (size_t i = 0; i < all.size(); ++i) {
    require_code(one[i], Code::kDeviceFault, "wait for the point");
    require(all[i].code() == Code::kDeviceFault || all[i].code() == Code::kCancelled, "all: " + all[i].to_string());
    require(any[i].code() == Code::kDeviceFault || any[i].code() == Code::kCancelled, "any: " + any[i].to_string());
  }
  require_code(wait_all(points), Code::kCancelled, "all afterwards: the first of the points that failed");
}

void wait_all_and_any(Context&) {
  auto a = timeline(), b = timeline();
  const std::vector<SemaphorePoint> points = {{a, 1}, {b, 1}};
  require_ok(wait_all({}), "all of nothing");
  require_ok(wait_any({}), "any of nothing");
  require_ok(a->signal(1), "signal a");
  require_ok(wait_any(points), "any of one");
  std::thread late([&] { (void)b->signal(1); });
  const Status both = wait_all(points, after(kPatience));
  late.join();
  require_ok(both, "all of both");
  b->fail(Status(Code::kCancelled, "gone"));
  require_code(wait_all(points), Code::kCancelled, "all with a failure");
  require_ok(wait_any(points), "any: the other was reached");
  a->fail(Status(Code::kDataLoss, "gone too"));
  require_code(wait_any(points), Code::kDataLoss, "any where nothing can be reached");
}

void wait_before_signal(Context& context) {
  auto start = timeline(), done = timeline();
  submit(queue_of(context), {{start, 1}}, {}, {{done, 1}});
  require_code(done->wait(1, after(kAMoment)), Code::kDeadlineExceeded, "before the start is signalled");
  require_ok(start->signal(1), "signal");
  require_reached(done, 1, "after it");
}

void a_late_signal_ends_a_wait(Context& context) {
  auto start = timeline(), done = timeline();
  submit(queue_of(context), {{start, 1}}, {}, {{done, 1}});
  std::thread late([&] {
    std::this_thread::sleep_for(kAMoment);
    (void)start->signal(1);
  });
  const Status status = done->wait(1, after(kPatience));
  late.join();
  require_ok(status, "a wait that began before the signal");
}

// Values come out of order of the waits, in leaps, and from both sides.
void out_of_order_values(Context& context) {
  auto line = timeline(), done = timeline();
  std::vector<std::thread> threads;
  std::vector<Status> results(4, Status(Code::kInternal, "not run"));
  const uint64_t wanted[] = {40, 10, 30, 20};
  for (size_t i = 0; i < results.size(); ++i)
    threads.emplace_back([&, i] { results[i] = line->wait(wanted[i], after(kPatience)); });
  submit(queue_of(context), {{line, 25}, {line, 5}}, {}, {{done, 100}});
  require_ok(line->signal(15), "a leap");
  require_code(done->wait(1, after(kAMoment)), Code::kDeadlineExceeded, "25 is not reached");
  require_ok(line->signal(1000), "a leap over every value waited for");
  for (auto& thread : threads) thread.join();
  for (const Status& result : results) require_ok(result, "waiter");
  require_reached(done, 7, "a value below the one that the device signalled");
  require_equal(done->value(), 100u, "the device's value");
}

// The device finds its signal refused: the timeline fails, so that no waiter hangs.
void a_signal_that_comes_too_late(Context& context) {
  auto start = timeline(), line = timeline(), beside = timeline();
  submit(queue_of(context), {{start, 1}}, {}, {{line, 5}, {beside, 1}});
  require_ok(line->signal(9), "overtaken by the host");
  require_ok(start->signal(1), "start");
  require_reached(beside, 1, "the other signal of the submission");
  require_failed(line, 9, Code::kInvalidArgument, "the overtaken timeline");
  require(!line->failure().origin().empty(), "the failure says where it began");
}

void ping_pong(Context& context) {
  auto ping = timeline(), pong = timeline();
  for (uint64_t i = 1; i <= 100; ++i) submit(queue_of(context), {{ping, i}}, {}, {{pong, i}});
  for (uint64_t i = 1; i <= 100; ++i) {
    require_ok(ping->signal(i), "ping");
    require_reached(pong, i, "pong");
  }
}

// The last values there are; nothing rolls over.
void values_near_the_limit(Context& context) {
  auto line = timeline(UINT64_MAX - 3), done = timeline(UINT64_MAX - 1);
  submit(queue_of(context), {{line, UINT64_MAX}}, {}, {{done, UINT64_MAX}});
  require_ok(line->signal(UINT64_MAX - 1), "last but one");
  require_code(done->wait(UINT64_MAX, after(kAMoment)), Code::kDeadlineExceeded, "the last is not reached");
  require_ok(line->signal(UINT64_MAX), "last");
  require_reached(line, UINT64_MAX, "wait for the last");
  require_reached(done, UINT64_MAX, "the device's last");
  for (uint64_t value : {uint64_t{0}, uint64_t{1}, UINT64_MAX})
    require_code(done->signal(value), Code::kInvalidArgument, "signal of " + std::to_string(value) + " after the last");
  require_ok(done->wait(0), "a wait for 0 is always met");
  require_code(queue_of(context).submit({{}, {}, {}, {{done, UINT64_MAX}}, nullptr}).status(), Code::kInvalidArgument,
               "submission of a signal that can't grow");
}

}  // namespace

std::vector<Test> sync_tests() {
  return {{"sync", "host_signal_and_wait", host_signal_and_wait},
          {"sync", "a_deadline_passes", a_deadline_passes},
          {"sync", "first_failure_is_sticky", first_failure_is_sticky},
          {"sync", "every_code_is_preserved", every_code_is_preserved},
          {"sync", "many_waiters_wake", many_waiters_wake},
          {"sync", "many_waiters_see_a_failure", many_waiters_see_a_failure},
          {"sync", "wait_all_and_any", wait_all_and_any},
          {"sync", "wait_before_signal", wait_before_signal},
          {"sync", "a_late_signal_ends_a_wait", a_late_signal_ends_a_wait},
          {"sync", "out_of_order_values", out_of_order_values},
          {"sync", "a_signal_that_comes_too_late", a_signal_that_comes_too_late},
          {"sync", "ping_pong", ping_pong},
          {"sync", "values_near_the_limit", values_near_the_limit}};
}

}  // namespace systole::conformance
