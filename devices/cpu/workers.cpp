// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/workers.h"

#include <omp.h>

namespace systole::cpu {

int available_cores() { return omp_get_num_procs(); }

void Workers::claim() const { omp_set_num_threads(threads_); }

void Workers::run(int64_t count, void (*call)(const void*, int64_t), const void* context) const {
#if !defined(__SANITIZE_THREAD__)
  if (threads_ > 1 && count > 1 && !omp_in_parallel()) {
#pragma omp parallel for num_threads(threads_) schedule(dynamic)
    for (int64_t i = 0; i < count; ++i) call(context, i);
    return;
  }
#endif
  for (int64_t i = 0; i < count; ++i) call(context, i);
}

}  // namespace systole::cpu
