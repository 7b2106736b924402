// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// REPEAT: which descriptor comes next, from the ring or from the loop buffer. Plain state of the command processor.
#pragma once

#include <span>
#include <vector>

#include "sim/decode.h"

namespace systole::sim {

struct Fetched {
  Decoded decoded;
  uint64_t sequence = 0;  // ring index
  uint64_t address = 0;
};

class LoopStack {
 public:
  explicit LoopStack(int capacity) : capacity_(static_cast<size_t>(capacity)) {}
  void reset();

  bool replaying() const { return at_ < buffer_.size(); }
  const Fetched& replay() const { return buffer_[at_]; }
  LoopCounts iterations() const;

  // Whether an iteration of the outermost loop, not its first, is about to begin: all of its body is at hand then.
  bool at_iteration() const { return frames_.size() == 1 && at_ == frames_[0].begin && frames_[0].done > 0; }
  struct Outermost {  // of at_iteration()
    uint32_t level;
    uint64_t count, done;  // iterations: of the loop, dispatched
    std::span<const Fetched> body;
  };
  Outermost outermost() const {
    const Frame& frame = frames_[0];
    return {frame.level, frame.count, frame.done, std::span(buffer_).subspan(frame.begin, frame.end - frame.begin)};
  }
  void skip(uint64_t iterations) { frames_[0].done += iterations; }  // fewer than are left

  // The descriptor just dispatched; not a REPEAT. Keeps it when a loop is open, and moves to the next.
  void step(const Fetched& taken);
  // The same for a REPEAT; false: the loop error, and nothing changes.
  bool open(const Fetched& taken, const contract::Repeat& repeat);

 private:
  struct Frame {
    uint32_t level;
    uint64_t count, done = 0;
    size_t begin, end;  // in the buffer
  };
  void keep(const Fetched& taken);
  void close_finished();

  size_t capacity_;
  std::vector<Frame> frames_;
  std::vector<Fetched> buffer_;  // of the outermost body, as far as it has been taken from the ring
  size_t at_ = 0;
};

}  // namespace systole::sim
