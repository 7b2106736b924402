// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/burst_cursor.h"

#include <algorithm>

namespace systole::memory {

BurstCursor::BurstCursor(const Request& request, uint64_t burst_bytes)
    : burst_bytes_(burst_bytes),
      row_bytes_(request.bytes),
      counts_(request.counts),
      strides_(request.strides),
      row_(request.address) {
  // Inner loops without gaps become longer rows, so that a long contiguous copy walks bursts and not rows.
  while (true) {
    bool inner = counts_[0] == 1 || strides_[0] == static_cast<int64_t>(row_bytes_);
    if (!inner || (counts_[0] == 1 && counts_[1] == 1 && counts_[2] == 1)) break;
    row_bytes_ *= counts_[0];
    counts_ = {counts_[1], counts_[2], 1};
    strides_ = {strides_[1], strides_[2], 0};
  }
  at_ = row_;
  left_ = row_bytes_;
}

bool BurstCursor::next_row() {
  for (int d = 0; d < 3; ++d) {
    row_ += static_cast<uint64_t>(strides_[d]);
    if (++index_[d] < counts_[d]) return true;
    row_ -= static_cast<uint64_t>(strides_[d]) * counts_[d];
    index_[d] = 0;
  }
  return false;
}

void BurstCursor::imprint(Imprint& print) const {
  print.word(row_bytes_);
  for (size_t d = 0; d < counts_.size(); ++d) {
    print.word(counts_[d]);
    print.word(static_cast<uint64_t>(strides_[d]));
    print.word(index_[d]);
  }
  print.address(row_);
  print.word(at_ - row_);
  print.word(left_);
}

void BurstCursor::move(const Streams& streams, int64_t iterations) {
  const uint64_t by = streams.moved(row_, iterations) - row_;
  row_ += by;
  at_ += by;
}

uint64_t BurstCursor::least_left() const {
  const uint64_t rows = uint64_t{counts_[0]} * counts_[1] * counts_[2];
  const uint64_t walked = (uint64_t{index_[2]} * counts_[1] + index_[1]) * counts_[0] + index_[0];
  return (left_ + (rows - 1 - walked) * row_bytes_ + burst_bytes_ - 1) / burst_bytes_;
}

Burst BurstCursor::next_of_rows() {
  Burst burst{at_ - at_ % burst_bytes_, 0};
  const uint64_t end = burst.address + burst_bytes_;
  while (true) {
    uint64_t take = std::min(left_, end - at_);
    burst.bytes += take;
    at_ += take;
    left_ -= take;
    if (left_ != 0) return burst;
    if (!next_row()) {
      done_ = true;
      return burst;
    }
    bool gap = row_ != at_;
    at_ = row_;
    left_ = row_bytes_;
    if (gap || at_ == end) return burst;
  }
}

}  // namespace systole::memory
