// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The operand vectors of a COMPUTE: how one is put together from taps, and which lines and banks it needs.
#pragma once

#include <cstdint>
#include <vector>

#include "configs/contract/generated/npu_contract.h"
#include "configs/spec/npu_spec.h"
#include "sim/box.h"

namespace systole::sim {

int64_t element_size(contract::Dtype dtype);

class Gather {
 public:
  struct Segment {  // consecutive elements of one tap; neighbours without a gap are one
    int64_t offset = 0, bytes = 0;
  };
  Gather(const contract::Compute& command, const spec::ScratchpadSpec& scratchpad);
  // The same vectors elsewhere, which a COMPUTE of the same shape reads; false, and nothing changes: another shape.
  bool move_to(const contract::Compute& command);

  const std::vector<Segment>& segments() const { return segments_; }
  uint64_t vectors() const { return uint64_t{counts_[0]} * counts_[1] * counts_[2]; }
  int64_t low() const { return low_; }
  int64_t high() const { return high_; }
  std::vector<Box> boxes() const;  // one for a segment

  // Cycles that a vector needs of its busiest sub-bank, when every vector needs the same; else 0: ask for each.
  uint64_t uniform_interval() const { return uniform_; }
  uint64_t interval(int64_t vector_base);

  template <typename F>
  void each_vector(F&& f) const {  // f(base address), m0 fastest
    Box{base_, 1, counts_, strides_}.each_row([&](int64_t at) { return f(at), true; });
  }

 private:
  struct Shape {  // all of a COMPUTE that its vectors hang on, but for where they begin
    contract::Dtype dtype;
    uint32_t rows, c0, kw0, k_c, k_w;
    int32_t kw_stride, kh_stride;
    std::array<uint32_t, 3> counts;
    std::array<int32_t, 3> strides;
    bool operator==(const Shape&) const = default;
  };
  static Shape shape_of(const contract::Compute& command);
  uint64_t count_lines(int64_t vector_base);

  Shape shape_;
  int64_t base_ = 0;
  std::array<uint32_t, 3> counts_;
  std::array<int64_t, 3> strides_;
  std::vector<Segment> segments_;
  int64_t low_ = 0, high_ = 0;
  int64_t segment_low_ = 0, segment_high_ = 0;
  int64_t line_bytes_, bank_bytes_, interleave_, banks_;
  uint64_t uniform_ = 0;
  std::vector<uint8_t> by_phase_;  // interval by address modulo a round of sub-banks; 0: not known yet
  std::vector<int64_t> lines_;     // scratch of count_lines
  std::vector<uint32_t> per_sub_bank_;
};

}  // namespace systole::sim
