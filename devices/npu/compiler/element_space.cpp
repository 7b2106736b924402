// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/element_space.h"

#include <algorithm>
#include <utility>

namespace systole::npu {

ElementSpace element_space(const TensorDesc& y, const std::vector<const TensorDesc*>& inputs) {
  ElementSpace space;
  space.size[0] = byte_size(y.dtype);
  for (size_t k = 0; k < inputs.size(); ++k) space.size[k + 1] = byte_size(inputs[k]->dtype);
  std::vector<ElementAxis> axes;
  for (size_t i = 0; i < y.shape.size(); ++i) {
    if (y.shape[i] == 1) continue;
    ElementAxis axis;
    axis.extent = y.shape[i];
    axis.stride[0] = y.strides[i];
    for (size_t k = 0; k < inputs.size(); ++k) {
      const TensorDesc& d = *inputs[k];
      const size_t missing = y.shape.size() - d.shape.size();
      if (i >= missing && d.shape[i - missing] > 1) axis.stride[k + 1] = d.strides[i - missing];
    }
    axes.push_back(axis);
  }
  std::stable_sort(axes.begin(), axes.end(),
                   [](const ElementAxis& a, const ElementAxis& b) { return a.stride[0] < b.stride[0]; });
  for (const ElementAxis& axis : axes) {
    if (!space.axes.empty()) {
      ElementAxis& inner = space.axes.back();
      bool joins = true;
      for (size_t k = 0; k < axis.stride.size(); ++k) joins = joins && axis.stride[k] == inner.stride[k] * inner.extent;
      if (joins) {
        inner.extent *= axis.extent;
        continue;
      }
    }
    space.axes.push_back(axis);
  }
  while (space.axes.size() < kTileAxes) space.axes.push_back({});
  return space;
}

ElementTile element_tile(const ElementSpace& space, int64_t elements, size_t axes) {
  ElementTile tile;
  tile.fill(1);
  for (size_t i = 0; i < axes; ++i) {
    tile[i] = std::clamp<int64_t>(elements, 1, std::min(space.axes[i].extent, kMostLoops));
    // Equal pieces rather than a long one and a rest.
    tile[i] = (space.axes[i].extent + (space.axes[i].extent + tile[i] - 1) / tile[i] - 1) /
              ((space.axes[i].extent + tile[i] - 1) / tile[i]);
    elements = tile[i] < space.axes[i].extent ? 1 : elements / tile[i];
  }
  return tile;
}

void read_gaps(ElementSpace& space, int64_t burst_bytes) {
  const ElementAxis &row = space.axes[0], &rows = space.axes[1];
  for (size_t k = 1; k < 3; ++k) {
    const int64_t bytes = row.extent * space.size[k], apart = rows.stride[k];
    space.with_gaps[k] = space.size[k] > 0 && !space.whole[k] && rows.extent > 1 && row.stride[k] == space.size[k] &&
                         apart > bytes && apart <= std::min(burst_bytes, 4 * bytes);
  }
}

int64_t bytes_of_element(const ElementSpace& space, int operand) {
  const auto k = static_cast<size_t>(operand);
  if (!space.with_gaps[k]) return space.size[k];
  return (space.axes[1].stride[k] + space.axes[0].extent - 1) / space.axes[0].extent;
}

LocalLayout local_layout(const ElementSpace& space, int operand, const ElementTile& tile) {
  const auto k = static_cast<size_t>(operand);
  LocalLayout layout;
  layout.bytes = space.size[k];
  for (int i = 0; i < static_cast<int>(kTileAxes); ++i) {
    if (space.broadcast(operand, i)) continue;
    if (i == 1 && space.with_gaps[k]) layout.bytes = space.axes[1].stride[k];
    layout.stride[static_cast<size_t>(i)] = layout.bytes;
    layout.bytes *= tile[static_cast<size_t>(i)];
  }
  return layout;
}

namespace {

// With as few loops as there are.
std::pair<int64_t, std::vector<DmaLoop>> rows_of(const ElementSpace& space, int operand, const ElementTile& tile) {
  const auto k = static_cast<size_t>(operand);
  const LocalLayout local = local_layout(space, operand, tile);
  int64_t row_bytes = space.size[k];
  std::vector<DmaLoop> loops;
  for (size_t i = 0; i < kTileAxes; ++i) {
    if (tile[i] == 1 || space.broadcast(operand, static_cast<int>(i))) continue;
    if (i < 2 && space.with_gaps[k])  // one row up to the last element
      row_bytes += (tile[i] - 1) * local.stride[i];
    else
      loops.push_back({tile[i], space.axes[i].stride[k], local.stride[i]});
  }
  std::stable_sort(loops.begin(), loops.end(),
                   [](const DmaLoop& a, const DmaLoop& b) { return a.dram_stride < b.dram_stride; });
  size_t joined = 0;
  for (; joined < loops.size() && loops[joined].dram_stride == row_bytes && loops[joined].local_stride == row_bytes;
       ++joined)
    row_bytes *= loops[joined].count;
  loops.erase(loops.begin(), loops.begin() + static_cast<std::ptrdiff_t>(joined));
  return {row_bytes, loops};
}

}  // namespace

DmaBlock element_block(const ElementSpace& space, int operand, const ElementTile& tile) {
  const auto [row_bytes, loops] = rows_of(space, operand, tile);
  DmaBlock block;
  block.row_bytes = row_bytes;
  std::copy(loops.begin(), loops.end(), block.loops.begin());
  return block;
}

bool is_one_block(const ElementSpace& space, int operand, const ElementTile& tile) {
  return rows_of(space, operand, tile).second.size() <= DmaBlock().loops.size();
}

}  // namespace systole::npu
