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
  while (last_ < until) {
    uint64_t end = until;
    if (now.compute_until > last_) {
      end = std::min(end, now.compute_until);
      charge(Cause::kCompute, now.compute_tag, end - last_);
    } else if (now.vector_until > last_) {
      end = std::min(end, now.vector_until);
      charge(Cause::kVector, now.vector_tag, end - last_);
    } else if (now.dram) {
      charge(Cause::kDram, now.dram_tag, end - last_);
    } else if (now.work) {
      charge(Cause::kDependency, now.work_tag, end - last_);
    } else if (now.fence) {
      charge(Cause::kOverhead, now.fence_tag, end - last_);
    } else if (now.pending) {
      unclaimed_ += end - last_;
    } else {
      stats_.idle_cycles += end - last_;
    }
    last_ = end;
  }
}

void Accounting::dispatched(uint16_t tag_number) {
  if (unclaimed_) charge(Cause::kOverhead, tag_number, unclaimed_);
  unclaimed_ = 0;
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
