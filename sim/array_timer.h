// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Cycles of the array: shadow weights, bank claims, vector intervals and accumulator hazards (docs/timing.md, 3 and 4).
#pragma once

#include <cstdint>

#include "configs/spec/npu_spec.h"
#include "sim/gather.h"
#include "sim/memory/imprint.h"
#include "sim/memory/ring.h"

namespace systole::sim {

// Banks that a command claims: those of its lowest and its highest byte, and all between.
struct Banks {
  int64_t first = 0, last = -1;
  bool meet(const Banks& other) const { return first <= other.last && other.first <= last; }
};

class ArrayTimer {
 public:
  explicit ArrayTimer(const spec::NpuSpec& spec);
  void reset() { state_ = {}; }
  void imprint(memory::Imprint& print, uint64_t now) const;
  Banks banks(int64_t low, int64_t high) const {
    return {low / bank_bytes_, (high - 1) / bank_bytes_};
  }  // of [low, high)

  uint64_t preload_ready(const Banks& banks, uint64_t now) const;  // kNever: no COMPUTE has taken the shadow weights
  void preload(uint64_t rows, const Banks& banks, uint64_t now, uint64_t& port_free, uint64_t& complete);

  // kNever: nothing to swap in.
  uint64_t compute_ready(const contract::Compute& command, const Banks& banks, uint64_t now) const;
  void compute(const contract::Compute& command, Gather& gather, const Banks& banks, uint64_t now, uint64_t& port_free,
               uint64_t& complete);

  // Output-stationary, with its PRELOAD waiting for it; preload_complete: that of the pair's PRELOAD.
  uint64_t multiply_ready(const contract::Compute& command, uint64_t steps, uint64_t now) const;
  void multiply(const contract::Compute& command, Gather& gather, const Banks& banks, uint64_t now, uint64_t& port_free,
                uint64_t& complete, uint64_t& preload_complete);

 private:
  struct Touch {
    uint64_t row, entered;
  };
  struct State {
    bool shadow_full = false;
    uint64_t shadow_free_from = 0;
    uint64_t preload_free = 0, compute_free = 0;
    Banks preload_banks, compute_banks;
    uint64_t drained = 0;         // from then on the bottom edge is free of output-stationary sums
    memory::Ring<Touch> touched;  // accumulator rows of vectors that entered less than rmw_interval cycles ago
  };
  uint64_t enter(uint64_t row, uint64_t earliest);
  uint64_t last_step(const contract::Compute& command, uint64_t earliest) const;
  uint64_t stream_uniform(const contract::Compute& command, uint64_t vectors, uint64_t interval, uint64_t at);

  int64_t bank_bytes_;
  uint64_t weight_rows_, read_latency_, drain_, rmw_, int8_interval_, bf16_interval_, pe_latency_;
  State state_;
};

}  // namespace systole::sim
