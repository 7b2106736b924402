// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/accounting.h"

#include <algorithm>

namespace systole::sim {

Counters& Accounting::tag(uint16_t tag) {
  if (cached_ == nullptr || cached_tag_ != tag) {
    cached_ = &stats_.tags[tag];
    cached_tag_ = tag;
  }
  return *cached_;
}

void Accounting::charge(Cause cause, uint16_t tag_number, uint64_t cycles) {
  stats_.total.cycles[static_cast<int>(cause)] += cycles;
  tag(tag_number).cycles[static_cast<int>(cause)] += cycles;
}

void Accounting::account(uint64_t until) {
  if (last_ < until)
    for (size_t e = 0; e < kQueues; ++e) waited_[e] += waiting_[e] * (until - last_);
  while (last_ < until) {
    size_t cause = 0;
    while (cause < kCauses && now.held[cause].until <= last_) ++cause;
    const uint64_t end = cause < kCauses ? std::min(until, now.held[cause].until) : until;
    if (cause < kCauses)
      charge(static_cast<Cause>(cause), now.held[cause].tag, end - last_);
    else if (now.pending)
      unclaimed_ += end - last_;
    else
      stats_.idle_cycles += end - last_;
    last_ = end;
  }
}

void Accounting::dispatched(uint16_t tag_number) {
  if (unclaimed_) charge(Cause::kDispatch, tag_number, unclaimed_);
  unclaimed_ = 0;
}

void Accounting::fence_ended(uint16_t tag_number, const memory::Served& served) {
  Counters& own = tag(tag_number);
  own.queue_most = {};
  for (Counters* c : {&stats_.total, &own}) {
    for (size_t e = 0; e < kQueues; ++e) {
      c->queue_cycles[e] += waited_[e];
      c->queue_most[e] = std::max(c->queue_most[e], most_[e]);
    }
    c->row_hits += served.row_hits - before_.row_hits;
    c->l2 += served.l2 - before_.l2;
    c->row_misses += served.row_misses - before_.row_misses;
    for (size_t d = 0; d < 2; ++d) c->flight_cycles[d] += served.flight_cycles[d] - before_.flight_cycles[d];
  }
  before_ = served;
  waited_ = {};
  most_ = {};
}

Accounting::Sums Accounting::sums(const std::vector<uint16_t>& tags) {
  Sums sums{stats_.total, {}, stats_.idle_cycles, waited_};
  for (const uint16_t each : tags) sums.tags.emplace_back(each, tag(each));
  return sums;
}

void Accounting::repeat(const Sums& since, uint64_t times) {
  const auto grow = [times](uint64_t& sum, uint64_t before) { memory::repeat_growth(sum, before, times); };
  const auto all = [&](auto& sums, const auto& before) {
    for (size_t i = 0; i < sums.size(); ++i) grow(sums[i], before[i]);
  };
  const auto counters = [&](Counters& sums, const Counters& before) {  // the rest is counted as fences end
    grow(sums.macs, before.macs);
    grow(sums.commands, before.commands);
    grow(sums.overflow, before.overflow);
    all(sums.busy, before.busy);
    all(sums.dram_bytes, before.dram_bytes);
    all(sums.engine_commands, before.engine_commands);
    all(sums.cycles, before.cycles);
  };
  counters(stats_.total, since.total);
  for (const auto& [number, before] : since.tags) counters(tag(number), before);
  grow(stats_.idle_cycles, since.idle_cycles);
  all(waited_, since.waited);
}

void Accounting::issued(const Command& command) {
  if (command.macs == 0) return;
  stats_.total.macs += command.macs;
  tag(command.tag).macs += command.macs;
}

void Accounting::port_freed(const Command& command) {
  const int e = static_cast<int>(command.engine);
  const uint64_t busy = command.port_free - command.issue;
  Counters& own = tag(command.tag);
  stats_.total.busy[e] += busy;
  own.busy[e] += busy;
  stats_.total.dram_bytes[e] += command.dram_bytes;
  own.dram_bytes[e] += command.dram_bytes;
}

void Accounting::completed(const Command& command) {
  const int e = static_cast<int>(command.engine);
  Counters& own = tag(command.tag);
  for (Counters* c : {&stats_.total, &own}) {
    ++c->commands;
    ++c->engine_commands[e];
    c->overflow += command.overflow;
  }
}

}  // namespace systole::sim
