// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// A kernel's grid on one host thread.
#pragma once

#include "tests/gpu_cuda/cuda_like.h"

// Block after block; the threads of one run in turns from barrier to barrier where there are barriers, else each to its
// end. `thread`: the module's own, which the kernel reads.
void run_grid(const DoubleKernel& kernel, const DoubleThread& grid, void** arguments, DoubleThread& thread,
              bool has_barrier);
