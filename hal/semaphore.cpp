// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "hal/semaphore.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace systole {
namespace {

// False when the deadline passed with the condition still false.
template <typename Condition>
bool wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, Deadline deadline,
                Condition condition) {
  if (deadline != kForever) return changed.wait_until(lock, deadline, condition);
  changed.wait(lock, condition);
  return true;
}

Status missed(const SemaphorePoint& point) {
  return {Code::kDeadlineExceeded, "the deadline passed at value " + std::to_string(point.semaphore->value()) +
                                       ", waiting for " + std::to_string(point.value)};
}

// Keeps one wakeup on every timeline of a list while it lives.
class Subscription {
 public:
  explicit Subscription(std::span<const SemaphorePoint> points) : points_(points) {
    for (const SemaphorePoint& point : points_) point.semaphore->add_wakeup(wakeup_);
  }
  ~Subscription() {
    for (const SemaphorePoint& point : points_) point.semaphore->remove_wakeup(wakeup_);
  }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  Wakeup& wakeup() { return *wakeup_; }

 private:
  std::span<const SemaphorePoint> points_;
  std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
};

}  // namespace

Deadline after(std::chrono::milliseconds duration) {
  Deadline now = std::chrono::steady_clock::now();
  if (duration > std::chrono::duration_cast<std::chrono::milliseconds>(kForever - now)) return kForever;
  return now + duration;
}

void Wakeup::notify() {
  std::lock_guard lock(mutex_);
  ++epoch_;
  changed_.notify_all();
}

uint64_t Wakeup::epoch() const {
  std::lock_guard lock(mutex_);
  return epoch_;
}

void Wakeup::wait_change(uint64_t seen, Deadline deadline) {
  std::unique_lock lock(mutex_);
  wait_until(changed_, lock, deadline, [&] { return epoch_ != seen; });
}

uint64_t Semaphore::value() const {
  std::lock_guard lock(mutex_);
  return value_;
}

Status Semaphore::failure() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

Status Semaphore::signal(uint64_t value) {
  std::lock_guard lock(mutex_);
  if (!failure_.ok()) return failure_;
  if (value <= value_) {
    return {Code::kInvalidArgument,
            "a timeline only grows: signal of " + std::to_string(value) + " at value " + std::to_string(value_)};
  }
  value_ = value;
  changed_.notify_all();
  for (const auto& wakeup : wakeups_) wakeup->notify();
  return {};
}

void Semaphore::fail(Status status) {
  if (status.ok()) std::abort();
  std::lock_guard lock(mutex_);
  if (!failure_.ok()) return;
  failure_ = std::move(status);
  changed_.notify_all();
  for (const auto& wakeup : wakeups_) wakeup->notify();
}

Status Semaphore::wait(uint64_t value, Deadline deadline) const {
  std::unique_lock lock(mutex_);
  bool settled = wait_until(changed_, lock, deadline, [&] { return !failure_.ok() || value_ >= value; });
  if (!failure_.ok()) return failure_;
  if (settled) return {};
  return {Code::kDeadlineExceeded,
          "the deadline passed at value " + std::to_string(value_) + ", waiting for " + std::to_string(value)};
}

void Semaphore::add_wakeup(std::shared_ptr<Wakeup> wakeup) {
  std::lock_guard lock(mutex_);
  wakeups_.push_back(std::move(wakeup));
}

void Semaphore::remove_wakeup(const std::shared_ptr<Wakeup>& wakeup) {
  std::lock_guard lock(mutex_);
  auto found = std::find(wakeups_.begin(), wakeups_.end(), wakeup);
  if (found != wakeups_.end()) wakeups_.erase(found);
}

Status wait_all(std::span<const SemaphorePoint> points, Deadline deadline) {
  Subscription subscription(points);
  for (;;) {
    uint64_t seen = subscription.wakeup().epoch();
    const SemaphorePoint* open = nullptr;
    for (const SemaphorePoint& point : points) {
      Status failure = point.semaphore->failure();
      if (!failure.ok()) return failure;
      if (point.semaphore->value() < point.value) open = &point;
    }
    if (open == nullptr) return {};
    if (std::chrono::steady_clock::now() >= deadline) return missed(*open);
    subscription.wakeup().wait_change(seen, deadline);
  }
}

Status wait_any(std::span<const SemaphorePoint> points, Deadline deadline) {
  if (points.empty()) return {};
  Subscription subscription(points);
  for (;;) {
    uint64_t seen = subscription.wakeup().epoch();
    const SemaphorePoint* open = nullptr;
    Status first_failure;
    for (const SemaphorePoint& point : points) {
      Status failure = point.semaphore->failure();
      if (!failure.ok()) {
        if (first_failure.ok()) first_failure = failure;
      } else if (point.semaphore->value() >= point.value) {
        return {};
      } else {
        open = &point;
      }
    }
    if (open == nullptr) return first_failure;
    if (std::chrono::steady_clock::now() >= deadline) return missed(*open);
    subscription.wakeup().wait_change(seen, deadline);
  }
}

}  // namespace systole
