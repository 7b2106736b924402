// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/workers.h"

#include <omp.h>

#include "devices/cpu/thread_pool.h"

namespace systole::cpu {
namespace {

// Threads of oneDNN's loops. ThreadSanitizer does not see how libgomp's threads wait for each other.
int openmp_threads([[maybe_unused]] int threads) {
#ifdef __SANITIZE_THREAD__
  return 1;
#else
  return threads;
#endif
}

}  // namespace

int available_cores() { return omp_get_num_procs(); }

Workers::Workers(int threads)
    : threads_(threads),
      pool_(threads > 1 ? std::make_shared<ThreadPool>(threads - 1, [] { omp_set_num_threads(1); }) : nullptr) {}

void Workers::claim() const { omp_set_num_threads(openmp_threads(threads_)); }

void Workers::run(int64_t count, void (*call)(const void*, int64_t), const void* context) const {
  if (count > 1 && pool_) {
    omp_set_num_threads(1);
    const bool done = pool_->run(count, call, context);
    omp_set_num_threads(openmp_threads(threads_));
    if (done) return;
  }
  for (int64_t i = 0; i < count; ++i) call(context, i);
}

}  // namespace systole::cpu
