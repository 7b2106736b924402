// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Counting semaphores of a core: 8-bit counts. Each carries, first in first out, the clocks of those who signalled it.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/vector_clock.h"

namespace systole::sim {

inline constexpr uint32_t kSemaphoreMax = 255;

class Semaphores {
 public:
  Semaphores(int count, bool clocks) : state_(static_cast<size_t>(count)), clocks_(clocks) {}
  void reset() { state_.assign(state_.size(), {}); }
  size_t size() const { return state_.size(); }
  uint32_t value(uint32_t id) const { return state_[id].value; }

  bool add(uint32_t id, uint32_t count, const VectorClock& by);   // false, and nothing changes: overflow
  bool subtract(uint32_t id, uint32_t count, VectorClock& into);  // false, and nothing changes: underflow
  void set(uint32_t id, uint32_t count, const VectorClock& by);

 private:
  struct Token {
    uint32_t count;
    VectorClock clock;
  };
  struct State {
    uint32_t value = 0;
    std::deque<Token> tokens;
  };
  std::vector<State> state_;
  bool clocks_;
};

}  // namespace systole::sim
