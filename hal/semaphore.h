// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The only synchronisation primitive: a timeline that grows, or fails once and for all.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "hal/status.h"

namespace systole {

using Deadline = std::chrono::steady_clock::time_point;  // host time
inline constexpr Deadline kForever = Deadline::max();
Deadline after(std::chrono::milliseconds duration);

// Lets one thread wait for whichever of several causes comes first: timelines, a cancellation, a stop. Thread-safe.
class Wakeup {
 public:
  void notify();
  uint64_t epoch() const;  // grows at every notify
  // Returns when the epoch differs from `seen`, or at the deadline: read the epoch, look at the causes, then wait.
  void wait_change(uint64_t seen, Deadline deadline = kForever);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t epoch_ = 0;
};

// Thread-safe. A wait for a value not yet promised by anyone is legal (wait before signal).
class Semaphore {
 public:
  explicit Semaphore(uint64_t initial = 0) : value_(initial) {}

  uint64_t value() const;
  Status failure() const;  // ok while the timeline has not failed

  // An error when `value` is not greater than the current one; refused with the failure after a failure.
  Status signal(uint64_t value);
  // The first failure wins and is sticky: every present and future wait returns it. `status` must not be ok.
  void fail(Status status);
  // Ok once the timeline reaches `value`; the failure where it failed, even if `value` was reached before (a failed
  // timeline promises nothing); kDeadlineExceeded otherwise.
  Status wait(uint64_t value, Deadline deadline = kForever) const;

  // The wakeup is notified at every change of the timeline until it is removed (once for every time it was added).
  void add_wakeup(std::shared_ptr<Wakeup> wakeup);
  void remove_wakeup(const std::shared_ptr<Wakeup>& wakeup);

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  uint64_t value_;
  Status failure_;
  std::vector<std::shared_ptr<Wakeup>> wakeups_;
};

struct SemaphorePoint {
  std::shared_ptr<Semaphore> semaphore;
  uint64_t value = 0;
};

// Waits for all (or for any) of the points. A failure of any point that is looked at is returned at once for `all`; for
// `any`, only when no point can still be reached.
Status wait_all(std::span<const SemaphorePoint> points, Deadline deadline = kForever);
Status wait_any(std::span<const SemaphorePoint> points, Deadline deadline = kForever);

}  // namespace systole
