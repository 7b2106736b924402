// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/rtl_observer.h"

#include <algorithm>

#include "devices/npu/counter_names.h"

namespace systole::npu {

void RtlObserver::see(const rtl::Pins& pins, uint64_t now, const memory::Served& served) {
  if (pins.resetting) {
    *this = RtlObserver();
    accounting_.reset(now);
    return;
  }
  accounting_.account(now);
  for (size_t e = 0; e < rtl::kEngines; ++e) {
    auto& [waiting, flying] = lanes_[e];
    if ((pins.port_free >> e & 1) && !flying.empty() && flying.back().port_free == sim::kNever)
      flying.back().port_free = now;
    for (int n = 0; n < pins.done[e] && !flying.empty(); ++n) {
      sim::Command command;
      command.engine = static_cast<sim::Engine>(e);
      command.tag = flying.front().tag;
      command.issue = flying.front().issue;
      command.port_free = std::min(flying.front().port_free, now);
      accounting_.port_freed(command);
      accounting_.completed(command);
      flying.pop_front();
    }
    if ((pins.fired >> e & 1) && !waiting.empty()) {
      flying.push_back(waiting.front());
      flying.back().issue = now;
      flying.back().port_free = sim::kNever;
      waiting.pop_front();
    }
  }
  if (pins.fence_end) {
    fence_ = false;
    accounting_.fence_ended(fence_tag_, served);
  }
  if (pins.dispatched) {
    accounting_.dispatched(pins.dispatched_tag);
    const uint64_t index = next_index_++;
    if (pins.dispatched_engine < rtl::kEngines) {
      lanes_[pins.dispatched_engine].queue.push_back({index, 0, 0, pins.dispatched_tag, pins.dispatched_copies != 0});
    } else if (static_cast<contract::Opcode>(pins.dispatched_opcode) == contract::Opcode::kFence) {
      fence_ = true;
      fence_tag_ = pins.dispatched_tag;
    }
  }
  describe();
}

// As sim/dispatch.cpp does of the model's own state.
void RtlObserver::describe() {
  accounting_.describe(lanes_);
  accounting_.now.held[static_cast<size_t>(sim::Cause::kFence)] = {fence_ ? sim::kNever : 0, fence_tag_};
  accounting_.now.pending = true;
}

CountersByTag RtlObserver::counters_by_tag(uint64_t now) {
  accounting_.account(now);
  CountersByTag result;
  for (const auto& [tag, counters] : accounting_.stats().tags) result[tag] = named_counters(counters);
  return result;
}

}  // namespace systole::npu
