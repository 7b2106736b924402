// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The threads of the device. oneDNN has OpenMP's; inside each() it stays on its thread, so that the two never compete.
#pragma once

#include <cstdint>
#include <memory>

namespace systole::cpu {

class ThreadPool;

// A copy shares the threads.
class Workers {
 public:
  explicit Workers(int threads);
  int threads() const { return threads_; }

  // body(i) once for every i in [0, count), by any thread in any order; returns when all are done. `body` must not
  // throw. The caller works from the front and one thread keeps to the back where it can: what a thread wrote in one
  // call it finds in its caches in the next. Serial inside another each(), and while another host thread is in one. A
  // oneDNN product run by `body` must have been made after Workers(1).claim().
  template <typename Body>
  void each(int64_t count, const Body& body) const {
    run(
        count, [](const void* context, int64_t i) { (*static_cast<const Body*>(context))(i); }, &body);
  }

  // oneDNN calls made by this host thread use this many threads from here on.
  void claim() const;

 private:
  void run(int64_t count, void (*call)(const void*, int64_t), const void* context) const;
  int threads_;
  std::shared_ptr<ThreadPool> pool_;  // null for one thread
};

// Cores this process may run on.
int available_cores();

}  // namespace systole::cpu
