// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The bursts of a request in order: rows without a gap are one run, a run is cut at multiples of the burst's size.
#pragma once

#include "sim/memory/imprint.h"
#include "sim/memory/request.h"

namespace systole::memory {

struct Burst {
  uint64_t address = 0;  // a multiple of the burst's size
  uint64_t bytes = 0;    // row bytes it carries, at most the burst's size
};

class BurstCursor {
 public:
  BurstCursor(const Request& request, uint64_t burst_bytes);
  bool done() const { return done_; }
  Burst next() {  // not when done
    if (left_ <= burst_bytes_ || (at_ & (burst_bytes_ - 1)) != 0) return next_of_rows();
    const Burst burst{at_, burst_bytes_};
    at_ += burst_bytes_;
    left_ -= burst_bytes_;
    return burst;
  }
  void imprint(Imprint& print) const;
  void move(const Streams& streams, int64_t iterations);  // where they have it so many iterations later
  // So many bursts are to come, or more: those that the bytes would fill.
  uint64_t least_left() const;

 private:
  Burst next_of_rows();
  bool next_row();  // false after the last one

  uint64_t burst_bytes_;
  uint64_t row_bytes_;
  std::array<uint32_t, 3> counts_;
  std::array<int64_t, 3> strides_;
  std::array<uint32_t, 3> index_{};
  uint64_t row_;   // address of the current row
  uint64_t at_;    // next byte to carry
  uint64_t left_;  // bytes of the row from at_ on
  bool done_ = false;
};

}  // namespace systole::memory
