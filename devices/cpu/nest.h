// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// One loop nest over several strided operands of a common shape, cut into blocks that threads share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "devices/cpu/workers.h"
#include "hal/tensor.h"

namespace systole::cpu {

using Strides = std::vector<int64_t>;  // bytes, one an axis

// Axes are ordered by the strides of operand 0, largest first (a short last one changes place with the longest), and
// merged where every operand allows it; the last is walked in blocks.
struct Nest {
  int64_t length = 1;            // of the innermost axis
  int64_t rows = 1;              // product of the outer extents
  std::vector<int64_t> extents;  // of the outer axes
  std::vector<Strides> outer;    // by operand, then by outer axis
  std::vector<int64_t> inner;    // by operand

  // Byte offsets of row `row`, one an operand.
  void offsets(int64_t row, int64_t* result) const;
};

Nest make_nest(const Shape& shape, const std::vector<Strides>& operands);

// Strides of `desc` when it is broadcast to `shape` by NumPy's rules: 0 where it is repeated.
Strides broadcast_strides(const TensorDesc& desc, const Shape& shape);
// Strides of a table with one entry of `bytes` for each index of `axis` (-1: one entry in all).
Strides table_strides(size_t rank, int axis, int64_t bytes);

inline constexpr int64_t kBlock = 512;  // elements of a block
inline constexpr size_t kMaxOperands = 8;

// The rows of a nest in order from any of them, without a division a row.
class RowWalk {
 public:
  RowWalk(const Nest& nest, int64_t row) : nest_(nest), row_(row) {
    nest.offsets(row, offsets_);
    for (size_t axis = nest.extents.size(); axis-- > 0; row /= nest.extents[axis])
      if (axis < kAxes) index_[axis] = row % nest.extents[axis];
  }

  const int64_t* offsets() const { return offsets_; }  // of the row, by operand

  void next() {
    ++row_;
    if (nest_.extents.size() > kAxes) return nest_.offsets(row_, offsets_);
    for (size_t axis = nest_.extents.size(); axis-- > 0;) {
      const bool wraps = ++index_[axis] == nest_.extents[axis];
      const int64_t steps = wraps ? 1 - nest_.extents[axis] : 1;
      for (size_t i = 0; i < nest_.inner.size(); ++i) offsets_[i] += steps * nest_.outer[i][axis];
      if (!wraps) return;
      index_[axis] = 0;
    }
  }

 private:
  static constexpr size_t kAxes = 8;
  const Nest& nest_;
  int64_t row_;
  int64_t index_[kAxes] = {};
  int64_t offsets_[kMaxOperands] = {};
};

// body(offsets, count): a block of `count` elements whose first lie at the byte offsets, by operand.
template <typename Body>
void for_blocks(const Workers& workers, const Nest& nest, const Body& body) {
  constexpr int64_t kTask = 16384;  // elements that are worth a hand-over between threads
  const int64_t blocks = (nest.length + kBlock - 1) / kBlock;
  const int64_t total = nest.rows * blocks;
  if (total == 0) return;
  const int64_t per_task = std::max<int64_t>(1, kTask / std::min(nest.length, kBlock));
  workers.each((total + per_task - 1) / per_task, [&](int64_t task) {
    int64_t offsets[kMaxOperands];
    const int64_t begin = task * per_task, end = std::min(total, begin + per_task);
    RowWalk walk(nest, begin / blocks);
    for (int64_t i = begin, block = begin % blocks; i < end; ++i) {
      for (size_t operand = 0; operand < nest.inner.size(); ++operand)
        offsets[operand] = walk.offsets()[operand] + block * kBlock * nest.inner[operand];
      body(offsets, std::min(kBlock, nest.length - block * kBlock));
      if (++block < blocks) continue;
      block = 0;
      walk.next();
    }
  });
}

// body(offsets) for every position of the nest: lines of `length` elements, several to a task where they are short.
template <typename Body>
void for_lines(const Workers& workers, const Nest& nest, int64_t length, const Body& body) {
  constexpr int64_t kTask = 16384;  // elements
  const int64_t total = nest.rows * nest.length, per_task = std::max<int64_t>(1, kTask / std::max<int64_t>(1, length));
  workers.each((total + per_task - 1) / per_task, [&](int64_t task) {
    int64_t offsets[kMaxOperands];
    for (int64_t line = task * per_task; line < std::min(total, (task + 1) * per_task); ++line) {
      nest.offsets(line / nest.length, offsets);
      for (size_t i = 0; i < nest.inner.size(); ++i) offsets[i] += line % nest.length * nest.inner[i];
      body(offsets);
    }
  });
}

}  // namespace systole::cpu
