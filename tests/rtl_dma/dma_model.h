// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The moments of LOADs and STOREs as docs/timing.md (sections 6 and 7) has them, from the timed memory system.
#pragma once

#include <deque>
#include <vector>

#include "configs/spec/npu_spec.h"
#include "sim/memory/system.h"
#include "tests/rtl_dma/random_moves.h"

namespace systole::sim {

class DmaModel {
 public:
  explicit DmaModel(const spec::NpuSpec& spec);

  // Within a cycle in this order.
  bool port_free(int engine, uint64_t now) const;  // 0: LOAD, 1: STORE
  std::vector<Move> completing(int engine, uint64_t now);
  void issue(const Move& m, uint64_t now);
  void end_cycle(uint64_t now);

  uint64_t requested(int engine) const;  // bursts, so far
  bool idle() const { return flying_[0].empty() && flying_[1].empty(); }
  void reset();

 private:
  struct Flight {
    Move move;
    uint64_t id, padding;
    uint64_t port_free = memory::kNever, complete = memory::kNever;
  };

  spec::DmaSpec dma_;
  uint64_t read_latency_;
  memory::System system_;
  std::deque<Flight> flying_[2];
  uint64_t port_free_[2] = {}, next_id_ = 0;
  std::vector<memory::Reply> replies_;
};

}  // namespace systole::sim
