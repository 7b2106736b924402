// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/rtl_observer.h"

#include <algorithm>

#include "devices/npu/counter_names.h"

namespace systole::npu {
namespace {

constexpr size_t kCompute = 3, kVector = 4;

}  // namespace

void RtlObserver::see(const rtl::Pins& pins, uint64_t now) {
  if (pins.resetting) {
    *this = RtlObserver();
    accounting_.reset(now);
    return;
  }
  accounting_.account(now);
  for (size_t e = 0; e < rtl::kEngines; ++e) {
    auto& flying = flying_[e];
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
    if ((pins.fired >> e & 1) && !waiting_[e].empty()) {
      flying.push_back(waiting_[e].front());
      flying.back().issue = now;
      flying.back().port_free = sim::kNever;
      waiting_[e].pop_front();
    }
  }
  if (pins.fence_end) fence_ = false;
  if (pins.dispatched) {
    accounting_.dispatched(pins.dispatched_tag);
    const uint64_t index = next_index_++;
    if (pins.dispatched_engine < rtl::kEngines) {
      waiting_[pins.dispatched_engine].push_back({index, 0, 0, pins.dispatched_tag});
    } else if (static_cast<contract::Opcode>(pins.dispatched_opcode) == contract::Opcode::kFence) {
      fence_ = true;
      fence_tag_ = pins.dispatched_tag;
    }
  }
  describe();
}

// As sim/dispatch.cpp does of the model's own state.
void RtlObserver::describe() {
  sim::Accounting::Now& now = accounting_.now;
  const auto streaming = [](const std::deque<Seen>& flying) { return flying.empty() ? 0 : flying.back().port_free; };
  now.compute_until = streaming(flying_[kCompute]);
  now.vector_until = streaming(flying_[kVector]);
  if (!flying_[kCompute].empty()) now.compute_tag = flying_[kCompute].back().tag;
  if (!flying_[kVector].empty()) now.vector_tag = flying_[kVector].back().tag;
  const Seen *dma = nullptr, *oldest = nullptr;
  for (size_t e = 0; e < rtl::kEngines; ++e) {
    if (e < 2 && !flying_[e].empty() && (!dma || flying_[e].front().index < dma->index)) dma = &flying_[e].front();
    for (const auto* list : {&flying_[e], &waiting_[e]})
      if (!list->empty() && (!oldest || list->front().index < oldest->index)) oldest = &list->front();
  }
  now.dram = dma != nullptr;
  if (dma) now.dram_tag = dma->tag;
  now.work = oldest != nullptr;
  if (oldest) now.work_tag = oldest->tag;
  now.fence = fence_;
  now.fence_tag = fence_tag_;
  now.pending = true;
}

CountersByTag RtlObserver::counters_by_tag(uint64_t now) {
  accounting_.account(now);
  CountersByTag result;
  for (const auto& [tag, counters] : accounting_.stats().tags) result[tag] = named_counters(counters);
  return result;
}

}  // namespace systole::npu
