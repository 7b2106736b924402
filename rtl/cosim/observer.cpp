// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "rtl/cosim/observer.h"

#include <algorithm>

namespace systole::rtl {

void Observer::see(const Pins& pins, uint64_t now, const memory::Served& served) {
  if (pins.resetting) {
    *this = Observer();
    accounting_.reset(now);
    return;
  }
  accounting_.account(now);
  for (size_t e = 0; e < kEngines; ++e) complete(e, pins, now);
  if (pins.fence_end) {
    fence_ = false;
    accounting_.fence_ended(fence_tag_, served);
  }
  if (pins.dispatched) dispatch(pins);
  if (pins.failed) {
    failed_ = true;
    accounting_.dispatched(pins.failed_tag);  // what waited for a dispatch: none is to come
  }
  describe(pins);
}

void Observer::complete(size_t engine, const Pins& pins, uint64_t now) {
  auto& [waiting, flying] = lanes_[engine];
  if ((pins.port_free >> engine & 1) && !flying.empty() && flying.back().port_free == sim::kNever)
    flying.back().port_free = now;
  for (int n = 0; n < pins.done[engine] && !flying.empty(); ++n) {
    sim::Command command;
    command.engine = static_cast<sim::Engine>(engine);
    command.tag = flying.front().tag;
    command.issue = flying.front().issue;
    command.port_free = std::min(flying.front().port_free, now);
    accounting_.port_freed(command);
    accounting_.completed(command);
    flying.pop_front();
  }
  if ((pins.fired >> engine & 1) && !waiting.empty()) {
    flying.push_back(waiting.front());
    flying.back().issue = now;
    flying.back().port_free = sim::kNever;
    waiting.pop_front();
  }
}

void Observer::dispatch(const Pins& pins) {
  accounting_.dispatched(pins.dispatched_tag);
  const uint64_t index = next_index_++;
  if (pins.dispatched_engine < kEngines)
    lanes_[pins.dispatched_engine].queue.push_back({index, 0, 0, pins.dispatched_tag, pins.dispatched_copies != 0});
  if (pins.fence_begin) {
    fence_ = true;
    fence_tag_ = pins.dispatched_tag;
  }
}

// As sim/dispatch.cpp does of the model's own state. The pins tell what is pending as the next cycle begins. What a
// register write of this cycle made of it holds from then on, what the core made of it from this cycle on.
void Observer::describe(const Pins& pins) {
  sim::Accounting::Now& now = accounting_.now;
  for (size_t e = 0; e < sim::kQueues; ++e) accounting_.queued(static_cast<sim::Engine>(e), lanes_[e].queue.size());
  accounting_.describe(lanes_);
  if (failed_) now.held[static_cast<size_t>(sim::Cause::kDispatch)] = {};
  now.held[static_cast<size_t>(sim::Cause::kFence)] = {fence_ ? sim::kNever : 0, fence_tag_};
  const bool acts = pins.dispatched || pins.fence_end || pins.failed ||
                    std::any_of(pins.done, pins.done + kEngines, [](uint8_t done) { return done != 0; });
  now.pending = pending_ && (pins.pending || !acts);
  pending_ = pins.pending;
}

const sim::Stats& Observer::stats(uint64_t now) {
  accounting_.account(now);
  return accounting_.stats();
}

}  // namespace systole::rtl
