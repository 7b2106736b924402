// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Counters, overall and by tag, and where every cycle went. Rules: docs/timing.md, section 9.
#pragma once

#include <algorithm>

#include "sim/command.h"
#include "sim/memory/imprint.h"
#include "sim/memory/stats.h"
#include "sim/npu.h"

namespace systole::sim {

class Accounting {
 public:
  void reset(uint64_t at) {
    *this = Accounting();
    last_ = at;
  }
  Counters& tag(uint16_t tag);
  const Stats& stats() const { return stats_; }
  Stats& stats() { return stats_; }

  // What holds from the cycle passed to account() on, until it is described again.
  struct Now {
    struct Held {
      uint64_t until = 0;  // up to but without that cycle; kNever: until described again
      uint16_t tag = 0;
    };
    std::array<Held, kCauses> held;  // by cause
    bool pending = false;            // descriptors to be taken: of the next dispatch's tag
  } now;

  // From what each engine has: `queue`, commands that wait, and `flight`, those issued, in order of issue; each with
  // index, tag, port_free (kNever while not known) and copies.
  template <typename Lanes>
  void describe(const Lanes& lanes);

  // So many commands wait in an engine's queue from that cycle on.
  void queued(Engine engine, size_t commands) {
    const auto e = static_cast<size_t>(engine);
    waiting_[e] = static_cast<uint32_t>(commands);
    most_[e] = std::max(most_[e], waiting_[e]);
  }

  void account(uint64_t until);   // attributes the cycles since the last call, up to but without `until`
  void dispatched(uint16_t tag);  // unclaimed cycles since the last dispatch belong to this tag
  void issued(const Command& command);
  void port_freed(const Command& command);
  void completed(const Command& command);
  void control_bytes(uint64_t bytes) { stats_.total.dram_bytes[static_cast<int>(Engine::kControl)] += bytes; }

  // All that was counted since, by these tags; until nothing that is charged to others.
  struct Sums {
    Counters total;
    std::vector<std::pair<uint16_t, Counters>> tags;
    uint64_t idle_cycles = 0;
    std::array<uint64_t, kQueues> waited{};
  };
  Sums sums(const std::vector<uint16_t>& tags);
  void repeat(const Sums& since, uint64_t times);  // is counted so many times again
  void imprint(memory::Imprint& print) const { print.word(unclaimed_); }

  // A fence ends: what the memory has served since the fence before is its tag's, as is what waited in queues since
  // then.
  void fence_ended(uint16_t tag, const memory::Served& served);

 private:
  void charge(Cause cause, uint16_t tag, uint64_t cycles);

  Stats stats_;
  uint64_t last_ = 0;
  uint64_t unclaimed_ = 0;  // cycles that wait for the next dispatch
  uint16_t cached_tag_ = 0;
  Counters* cached_ = nullptr;
  memory::Served before_;                    // as the last fence ended
  std::array<uint32_t, kQueues> waiting_{};  // commands, by queue
  std::array<uint64_t, kQueues> waited_{};   // commands x cycles since the last fence
  std::array<uint32_t, kQueues> most_{};
};

// In order of precedence: below a cause that holds until described again no other can be charged, and none is looked
// for.
template <typename Lanes>
void Accounting::describe(const Lanes& lanes) {
  using Held = Now::Held;
  const auto lane = [&](Engine engine) -> const auto& { return lanes[static_cast<size_t>(engine)]; };
  const auto held = [&](Cause cause) -> Held& { return now.held[static_cast<size_t>(cause)]; };
  const auto streams = [&](Engine engine) {
    const auto& flight = lane(engine).flight;
    return flight.empty() ? Held{} : Held{flight.back().port_free, flight.back().tag};
  };
  uint64_t oldest = kNever;  // index of who holds the cause that is looked at
  const auto hold = [&](Cause cause, const auto& command) {
    if (command.index >= oldest) return;
    oldest = command.index;
    held(cause) = {kNever, command.tag};
  };
  held(Cause::kCompute) = streams(Engine::kCompute);
  held(Cause::kVector) = streams(Engine::kVector);
  for (const Cause cause : {Cause::kDram, Cause::kCopy}) {
    held(cause) = {};
    for (const Engine engine : {Engine::kLoad, Engine::kStore}) {
      const auto& flight = lane(engine).flight;
      size_t i = 0;
      while (i < flight.size() && flight[i].copies != (cause == Cause::kCopy)) ++i;
      if (i < flight.size()) hold(cause, flight[i]);
    }
    if (oldest != kNever) return;
  }
  held(Cause::kPreload) = streams(Engine::kPreload);
  held(Cause::kArrayDrain) = held(Cause::kVectorDrain) = held(Cause::kDispatch) = {};
  for (const Engine engine : {Engine::kPreload, Engine::kCompute})
    if (const auto& flight = lane(engine).flight; !flight.empty()) hold(Cause::kArrayDrain, flight.front());
  if (oldest != kNever) return;
  if (const auto& flight = lane(Engine::kVector).flight; !flight.empty()) hold(Cause::kVectorDrain, flight.front());
  if (oldest != kNever) return;
  for (size_t e = 0; e < kQueues; ++e)
    if (!lanes[e].queue.empty()) hold(Cause::kDispatch, lanes[e].queue.front());
}

}  // namespace systole::sim
