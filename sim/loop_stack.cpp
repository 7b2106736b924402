// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/loop_stack.h"

namespace systole::sim {

void LoopStack::reset() {
  frames_.clear();
  buffer_.clear();
  at_ = 0;
}

LoopCounts LoopStack::iterations() const {
  LoopCounts counts{};
  for (const Frame& frame : frames_) counts[frame.level] = frame.done;
  return counts;
}

void LoopStack::keep(const Fetched& taken) {
  if (frames_.empty()) return;
  if (at_ == buffer_.size()) buffer_.push_back(taken);
  ++at_;
}

void LoopStack::step(const Fetched& taken) {
  keep(taken);
  close_finished();
}

bool LoopStack::open(const Fetched& taken, const contract::Repeat& repeat) {
  if (repeat.level >= 3) return false;
  for (const Frame& frame : frames_)
    if (frame.level == repeat.level) return false;
  const size_t begin = frames_.empty() ? 0 : at_ + 1;
  const size_t end = begin + repeat.body;
  if (end > (frames_.empty() ? capacity_ : frames_.back().end)) return false;
  keep(taken);
  frames_.push_back({repeat.level, repeat.count, 0, begin, end});
  return true;
}

void LoopStack::close_finished() {
  while (!frames_.empty() && at_ == frames_.back().end) {
    Frame& frame = frames_.back();
    if (++frame.done < frame.count) {
      at_ = frame.begin;
      return;
    }
    frames_.pop_back();
  }
  if (frames_.empty()) reset();
}

}  // namespace systole::sim
