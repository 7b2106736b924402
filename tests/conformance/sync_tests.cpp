// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Area 4: timelines, through this device's queues where a device is involved.
#include <thread>

#include "hal/queue.h"
#include "tests/conformance/memory.h"
#include "tests/conformance/suite.h"

namespace systole::conformance {
namespace {

using std::chrono::milliseconds;

void host_signal_and_wait(Context&) {
  Semaphore semaphore(3);
  require_equal(semaphore.value(), 3u, "initial value");
  require_ok(semaphore.wait(2), "a value already passed");
  require_code(semaphore.wait(4, after(milliseconds(5))), Code::kDeadlineExceeded, "a value that nobody signals");
  require_ok(semaphore.signal(7), "signal 7");
  require_ok(semaphore.wait(5), "a value that was jumped over");
  require_code(semaphore.signal(7), Code::kInvalidArgument, "signal of the present value");
  require_code(semaphore.signal(6), Code::kInvalidArgument, "signal of an earlier value");
  require_equal(semaphore.value(), 7u, "value after refused signals");
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
}

void many_waiters_wake(Context&) {
  Semaphore semaphore;
  std::vector<std::thread> threads;
  std::vector<Status> results(16, Status(Code::kInternal, "not run"));
  for (size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&, i] { results[i] = semaphore.wait(i + 1, after(milliseconds(20000))); });
  }
  for (uint64_t value = 1; value <= results.size(); ++value) require_ok(semaphore.signal(value), "signal");
  for (auto& thread : threads) thread.join();
  for (const Status& result : results) require_ok(result, "waiter");
}

void wait_all_and_any(Context&) {
  auto a = std::make_shared<Semaphore>(), b = std::make_shared<Semaphore>();
  const std::vector<SemaphorePoint> points = {{a, 1}, {b, 1}};
  require_code(wait_any(points, after(milliseconds(5))), Code::kDeadlineExceeded, "any of none");
  require_ok(a->signal(1), "signal a");
  require_ok(wait_any(points), "any of one");
  require_code(wait_all(points, after(milliseconds(5))), Code::kDeadlineExceeded, "all of one");
  std::thread late([&] { (void)b->signal(1); });
  const Status both = wait_all(points, after(milliseconds(20000)));
  late.join();
  require_ok(both, "all of both");
  b->fail(Status(Code::kCancelled, "gone"));
  require_code(wait_all(points), Code::kCancelled, "all with a failure");
}

void wait_before_signal(Context& context) {
  Queue* queue = take(context.device->queue(), "queue");
  auto start = std::make_shared<Semaphore>(), done = std::make_shared<Semaphore>();
  require_ok(queue->submit({{{start, 1}}, {}, {}, {{done, 1}}, nullptr}).status(), "submit");
  require_code(done->wait(1, after(milliseconds(20))), Code::kDeadlineExceeded, "before the start is signalled");
  require_ok(start->signal(1), "signal");
  require_ok(done->wait(1, after(milliseconds(20000))), "after it");
}

void ping_pong(Context& context) {
  Queue* queue = take(context.device->queue(), "queue");
  auto ping = std::make_shared<Semaphore>(), pong = std::make_shared<Semaphore>();
  for (uint64_t i = 1; i <= 100; ++i) {
    require_ok(queue->submit({{{ping, i}}, {}, {}, {{pong, i}}, nullptr}).status(), "submit");
  }
  for (uint64_t i = 1; i <= 100; ++i) {
    require_ok(ping->signal(i), "ping");
    require_ok(pong->wait(i, after(milliseconds(20000))), "pong");
  }
}

void values_near_the_limit(Context&) {
  Semaphore semaphore(UINT64_MAX - 2);
  require_ok(semaphore.signal(UINT64_MAX - 1), "last but one");
  require_ok(semaphore.signal(UINT64_MAX), "last");
  require_ok(semaphore.wait(UINT64_MAX), "wait for the last");
}

}  // namespace

std::vector<Test> sync_tests() {
  return {{"sync", "host_signal_and_wait", host_signal_and_wait},
          {"sync", "first_failure_is_sticky", first_failure_is_sticky},
          {"sync", "many_waiters_wake", many_waiters_wake},
          {"sync", "wait_all_and_any", wait_all_and_any},
          {"sync", "wait_before_signal", wait_before_signal},
          {"sync", "ping_pong", ping_pong},
          {"sync", "values_near_the_limit", values_near_the_limit}};
}

}  // namespace systole::conformance
