// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/gather.h"

#include <algorithm>

namespace systole::sim {

int64_t element_size(contract::Dtype dtype) {
  switch (dtype) {
    case contract::Dtype::kI8:
    case contract::Dtype::kU8:
      return 1;
    case contract::Dtype::kBf16:
      return 2;
    case contract::Dtype::kI32:
    case contract::Dtype::kF32:
      return 4;
  }
  return 1;
}

Gather::Shape Gather::shape_of(const contract::Compute& c) {
  return {c.dtype,
          c.rows,
          c.c0,
          c.kw0,
          c.k_c,
          c.k_w,
          c.kw_stride,
          c.kh_stride,
          {c.m0, c.m1, c.m2},
          {c.stride0, c.stride1, c.stride2}};
}

bool Gather::move_to(const contract::Compute& c) {
  if (shape_of(c) != shape_) return false;
  const int64_t by = int64_t{c.addr} - base_;
  base_ += by;
  low_ += by;
  high_ += by;
  return true;
}

Gather::Gather(const contract::Compute& c, const spec::ScratchpadSpec& scratchpad)
    : shape_(shape_of(c)),
      base_(c.addr),
      counts_{c.m0, c.m1, c.m2},
      strides_{c.stride0, c.stride1, c.stride2},
      line_bytes_(scratchpad.line_bytes),
      bank_bytes_(scratchpad.bytes / scratchpad.banks),
      interleave_(scratchpad.interleave),
      banks_(scratchpad.banks) {
  const int64_t size = element_size(c.dtype);
  uint32_t channel = c.c0, kw = c.kw0, kh = 0;
  for (uint32_t r = 0; r < c.rows;) {
    const uint32_t take = std::min(c.rows - r, c.k_c - channel);
    const int64_t offset = int64_t{kh} * c.kh_stride + int64_t{kw} * c.kw_stride + channel * size;
    if (!segments_.empty() && segments_.back().offset + segments_.back().bytes == offset)
      segments_.back().bytes += take * size;
    else
      segments_.push_back({offset, take * size});
    r += take;
    channel = 0;
    if (++kw == c.k_w) kw = 0, ++kh;
  }
  segment_low_ = segments_.front().offset;
  segment_high_ = segment_low_;
  for (const Segment& s : segments_) {
    segment_low_ = std::min(segment_low_, s.offset);
    segment_high_ = std::max(segment_high_, s.offset + s.bytes);
  }
  const Box bases{base_, 0, counts_, strides_};
  low_ = bases.low() + segment_low_;
  high_ = bases.high() + segment_high_;
  // One run of at most `interleave` lines, wherever it begins, has every line in a sub-bank of its own.
  if (segments_.size() == 1 && (segments_[0].bytes + line_bytes_ - 2) / line_bytes_ + 1 <= interleave_) uniform_ = 1;
  by_phase_.assign(uniform_ ? 0 : static_cast<size_t>(line_bytes_ * interleave_), 0);
}

std::vector<Box> Gather::boxes() const {
  std::vector<Box> boxes;
  for (const Segment& s : segments_) boxes.push_back({base_ + s.offset, s.bytes, counts_, strides_});
  return boxes;
}

uint64_t Gather::interval(int64_t vector_base) {
  if (uniform_) return uniform_;
  // The pattern repeats with a whole round of sub-banks, as long as the vector stays in one bank.
  const bool one_bank = (vector_base + segment_low_) / bank_bytes_ == (vector_base + segment_high_ - 1) / bank_bytes_;
  const int64_t round = line_bytes_ * interleave_;
  if (!one_bank || bank_bytes_ % round != 0) return count_lines(vector_base);
  uint8_t& known =
      by_phase_[static_cast<size_t>(vector_base % round + (vector_base < 0 ? round : 0)) % by_phase_.size()];
  if (known == 0) {
    const uint64_t n = count_lines(vector_base);
    if (n > 255) return n;
    known = static_cast<uint8_t>(n);
  }
  return known;
}

uint64_t Gather::count_lines(int64_t vector_base) {
  lines_.clear();
  for (const Segment& s : segments_) {
    const int64_t first = vector_base + s.offset;
    for (int64_t line = first / line_bytes_; line <= (first + s.bytes - 1) / line_bytes_; ++line)
      lines_.push_back(line);
  }
  std::sort(lines_.begin(), lines_.end());
  lines_.erase(std::unique(lines_.begin(), lines_.end()), lines_.end());
  const int64_t lines_a_bank = bank_bytes_ / line_bytes_;
  per_sub_bank_.assign(static_cast<size_t>(banks_ * interleave_), 0);
  uint32_t most = 1;
  for (int64_t line : lines_) {
    const int64_t sub_bank = line / lines_a_bank * interleave_ + line % lines_a_bank % interleave_;
    most = std::max(most, ++per_sub_bank_[static_cast<size_t>(sub_bank)]);
  }
  return most;
}

}  // namespace systole::sim
