// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/thread_pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace systole::cpu {
namespace {

// How long a thread without work looks for some before it sleeps: longer than the gaps between the ops of a run.
constexpr auto kPatience = std::chrono::microseconds(100);

void breathe() {
#if defined(__x86_64__)
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

thread_local bool inside = false;  // a loop of a pool

}  // namespace

ThreadPool::ThreadPool(int helpers, std::function<void()> prepare) : helpers_(helpers), prepare_(std::move(prepare)) {}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard lock(sleep_mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::start() {
  for (int i = 0; i < helpers_; ++i) threads_.emplace_back([this, i] { help(i); });
}

bool ThreadPool::run(int64_t count, Call call, const void* context) {
  if (inside) return false;
  std::unique_lock lock(busy_, std::try_to_lock);
  if (!lock.owns_lock()) return false;
  if (threads_.empty()) start();
  inside = true;
  const int64_t step = (count + static_cast<int64_t>(Ticket::kMask) - 1) / static_cast<int64_t>(Ticket::kMask);
  const int64_t indices = (count + step - 1) / step;
  call_.store(call, std::memory_order_relaxed);
  context_.store(context, std::memory_order_relaxed);
  count_.store(count, std::memory_order_relaxed);
  step_.store(step, std::memory_order_relaxed);
  done_.store(0, std::memory_order_relaxed);
  const uint64_t number = Ticket{ticket_.load(std::memory_order_relaxed)}.number() + 1;
  ticket_.store(Ticket::of(number, 0, static_cast<uint64_t>(indices)).word, std::memory_order_seq_cst);
  if (sleepers_.load(std::memory_order_seq_cst) > 0) {
    { std::lock_guard sleeping(sleep_mutex_); }
    wake_.notify_all();
  }
  work(true);
  for (int spins = 0; done_.load(std::memory_order_acquire) != indices; ++spins) {
    if (spins < 4096)
      breathe();
    else
      std::this_thread::yield();  // a helper may have lost its core
  }
  inside = false;
  if (std::exception_ptr failure = std::exchange(failure_, nullptr)) std::rethrow_exception(failure);
  return true;
}

void ThreadPool::work(bool from_front) {
  for (;;) {
    Ticket now{ticket_.load(std::memory_order_acquire)};
    if (now.first() >= now.last()) return;
    const Call call = call_.load(std::memory_order_relaxed);
    const void* context = context_.load(std::memory_order_relaxed);
    const int64_t count = count_.load(std::memory_order_relaxed), step = step_.load(std::memory_order_relaxed);
    const Ticket taken = from_front ? Ticket::of(now.number(), now.first() + 1, now.last())
                                    : Ticket::of(now.number(), now.first(), now.last() - 1);
    // Success says that what was read belongs to this loop: it is not over while an index is left.
    if (!ticket_.compare_exchange_weak(now.word, taken.word, std::memory_order_acq_rel)) continue;
    const auto index = static_cast<int64_t>(from_front ? taken.first() - 1 : taken.last());
    try {
      for (int64_t i = index * step; i < std::min(count, (index + 1) * step); ++i) call(context, i);
    } catch (...) {
      std::lock_guard lock(sleep_mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    done_.fetch_add(1, std::memory_order_release);
  }
}

// False: stop.
bool ThreadPool::wait_for_work(uint64_t seen) {
  auto fresh = [&] { return Ticket{ticket_.load(std::memory_order_seq_cst)}.number() != seen; };
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < patience) {
    for (int i = 0; i < 64; ++i) {
      if (fresh()) return true;
      breathe();
    }
    if (stop_) return false;
  }
  std::unique_lock lock(sleep_mutex_);
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  wake_.wait(lock, [&] { return stop_ || fresh(); });
  sleepers_.fetch_sub(1, std::memory_order_seq_cst);
  return !stop_;
}

void ThreadPool::help(int index) {
  inside = true;
  prepare_();
  uint64_t seen = 0;
  while (wait_for_work(seen)) {
    seen = Ticket{ticket_.load(std::memory_order_acquire)}.number();
    work(index % 2 == 1);
  }
}

}  // namespace systole::cpu
