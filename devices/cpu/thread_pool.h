// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Threads that stay hot between the many short loops of a run and sleep between runs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace systole::cpu {

// Threads start with the first loop. Thread-safe.
class ThreadPool {
 public:
  using Call = void (*)(const void* context, int64_t i);

  // `helpers` threads beside the caller's; each runs `prepare` first.
  ThreadPool(int helpers, std::function<void()> prepare);
  ~ThreadPool();

  // call(context, i) once for every i in [0, count). False, with nothing called, inside a loop of this pool and while
  // another thread is in one. Every index is tried; the first exception is thrown again here.
  bool run(int64_t count, Call call, const void* context);

 private:
  // What is left of the current loop in one word, so that a thread that comes late takes nothing of a later loop: its
  // number, then the first item not taken, then one past the last.
  struct Ticket {
    uint64_t word;
    static constexpr int kBits = 21;
    static constexpr uint64_t kMask = (uint64_t{1} << kBits) - 1;
    uint64_t number() const { return word >> (2 * kBits); }
    uint64_t first() const { return word >> kBits & kMask; }
    uint64_t last() const { return word & kMask; }
    static Ticket of(uint64_t number, uint64_t first, uint64_t last) {
      return {number << (2 * kBits) | first << kBits | last};
    }
  };

  void start();
  void help(int index);
  void work(bool from_front);
  bool wait_for_work(uint64_t seen);

  int helpers_;
  std::function<void()> prepare_;
  std::mutex busy_;  // held by the caller of a loop
  std::vector<std::thread> threads_;

  alignas(64) std::atomic<uint64_t> ticket_{0};
  std::atomic<Call> call_{nullptr};
  std::atomic<const void*> context_{nullptr};
  std::atomic<int64_t> count_{0}, step_{1};   // items of an index of the ticket
  alignas(64) std::atomic<int64_t> done_{0};  // indices
  alignas(64) std::atomic<int> sleepers_{0};
  std::mutex sleep_mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stop_{false};
  std::exception_ptr failure_;  // of the current loop; under sleep_mutex_ until the loop is done
};

}  // namespace systole::cpu
