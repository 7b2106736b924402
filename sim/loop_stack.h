// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// REPEAT: which descriptor comes next, from the ring or from the loop buffer. Plain state of the command processor.
#pragma once

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
