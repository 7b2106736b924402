// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The threads of the device. They are OpenMP's, which oneDNN uses too: one set of threads, so that the two never
// compete.
#pragma once

#include <cstdint>

namespace systole::cpu {

class Workers {
 public:
  explicit Workers(int threads) : threads_(threads) {}
  int threads() const { return threads_; }

  // body(i) once for every i in [0, count), by any thread in any order; returns when all are done. `body` must not
  // throw. Serial inside another each() and under ThreadSanitizer, which can't see OpenMP's synchronisation.
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
};

// Cores this process may run on.
int available_cores();

}  // namespace systole::cpu
