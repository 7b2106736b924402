// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/nest.h"

#include <numeric>

namespace systole::cpu {

void Nest::offsets(int64_t row, int64_t* result) const {
  std::fill_n(result, inner.size(), 0);
  for (size_t axis = extents.size(); axis-- > 0;) {
    const int64_t index = row % extents[axis];
    row /= extents[axis];
    for (size_t operand = 0; operand < inner.size(); ++operand) result[operand] += index * outer[operand][axis];
  }
}

namespace {

// A last axis of a few elements (three channels of an image) gives way to the longest: a block pays for its set-up.
void innermost_long(Nest& nest) {
  constexpr int64_t kShort = 16;
  if (nest.extents.empty() || nest.extents.back() >= kShort) return;
  const auto longest = std::max_element(nest.extents.begin(), nest.extents.end()) - nest.extents.begin();
  std::swap(nest.extents[static_cast<size_t>(longest)], nest.extents.back());
  for (Strides& strides : nest.outer) std::swap(strides[static_cast<size_t>(longest)], strides.back());
}

}  // namespace

Nest make_nest(const Shape& shape, const std::vector<Strides>& operands) {
  std::vector<size_t> axes;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] != 1) axes.push_back(axis);
  }
  std::stable_sort(axes.begin(), axes.end(), [&](size_t a, size_t b) { return operands[0][a] > operands[0][b]; });
  Nest nest;
  nest.outer.resize(operands.size());
  nest.inner.assign(operands.size(), 0);
  for (size_t axis : axes) {
    auto continues = [&](const Strides& merged, const Strides& strides) {
      return !merged.empty() && merged.back() == strides[axis] * shape[axis];
    };
    bool merge = !nest.extents.empty();
    for (size_t i = 0; i < operands.size(); ++i) merge = merge && continues(nest.outer[i], operands[i]);
    for (size_t i = 0; i < operands.size(); ++i) {
      if (merge)
        nest.outer[i].back() = operands[i][axis];
      else
        nest.outer[i].push_back(operands[i][axis]);
    }
    if (merge)
      nest.extents.back() *= shape[axis];
    else
      nest.extents.push_back(shape[axis]);
  }
  innermost_long(nest);
  if (!nest.extents.empty()) {
    nest.length = nest.extents.back();
    nest.extents.pop_back();
    for (size_t i = 0; i < operands.size(); ++i) {
      nest.inner[i] = nest.outer[i].back();
      nest.outer[i].pop_back();
    }
  }
  nest.rows = std::accumulate(nest.extents.begin(), nest.extents.end(), int64_t{1}, std::multiplies<>());
  return nest;
}

Strides broadcast_strides(const TensorDesc& desc, const Shape& shape) {
  Strides strides(shape.size(), 0);
  const size_t shift = shape.size() - desc.shape.size();
  for (size_t i = 0; i < desc.shape.size(); ++i) {
    if (desc.shape[i] != 1) strides[i + shift] = desc.strides[i];
  }
  return strides;
}

Strides table_strides(size_t rank, int axis, int64_t bytes) {
  Strides strides(rank, 0);
  if (axis >= 0) strides[static_cast<size_t>(axis)] = bytes;
  return strides;
}

}  // namespace systole::cpu
