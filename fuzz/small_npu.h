// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The NPU that fuzz_commands runs descriptors on, and for which seed_commands makes them.
#pragma once

#include "configs/spec/npu_spec.h"

namespace systole {

inline spec::NpuSpec small_npu() {
  spec::NpuSpec s;
  s.name = "fuzz";
  s.clock.hz = 1'000'000'000;
  s.array = {.rows = 4, .cols = 4};
  s.scratchpad = {.bytes = 16 * 1024, .banks = 4, .interleave = 4, .line_bytes = 8};
  s.accumulator = {.rows = 64};
  s.vector = {.lanes = 4};
  s.dram.bytes = 1 << 20;
  s.dram.bytes_per_second = 16e9;
  return s;
}

}  // namespace systole
