// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/semaphores.h"

namespace systole::sim {

bool Semaphores::add(uint32_t id, uint32_t count, const VectorClock& by) {
  State& s = state_[id];
  if (s.value + count > kSemaphoreMax) return false;
  s.value += count;
  if (clocks_ && count > 0) s.tokens.push_back({count, by});
  return true;
}

bool Semaphores::subtract(uint32_t id, uint32_t count, VectorClock& into) {
  State& s = state_[id];
  if (s.value < count) return false;
  s.value -= count;
  while (clocks_ && count > 0) {
    Token& token = s.tokens.front();
    const uint32_t take = std::min(count, token.count);
    into.join(token.clock);
    count -= take;
    token.count -= take;
    if (token.count == 0) s.tokens.pop_front();
  }
  return true;
}

void Semaphores::set(uint32_t id, uint32_t count, const VectorClock& by) {
  state_[id] = {};
  state_[id].value = count;
  if (clocks_ && count > 0) state_[id].tokens.push_back({count, by});
}

}  // namespace systole::sim
