// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The elements that an elementwise op visits: few, long axes, cut into tiles of three.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "devices/npu/compiler/dma.h"
#include "hal/tensor.h"

namespace systole::npu {

inline constexpr int kElementOperands = 4;  // y, a, b, and an f32 intermediate that lies like b

// Byte strides of each operand; 0 where it is broadcast along the axis.
struct ElementAxis {
  int64_t extent = 1;
  std::array<int64_t, kElementOperands> stride{};
};

struct ElementSpace {
  std::vector<ElementAxis> axes;  // of extents above 1, innermost of y first; at least four, the missing of extent 1
  std::array<int64_t, kElementOperands> size{};  // bytes an element; 0: no such operand
  // Lies whole in the scratchpad: along an axis where it is broadcast, an element is read for each of its places.
  std::array<bool, kElementOperands> whole{};
  // Read with the bytes between its rows, which lie in the scratchpad as in device memory.
  std::array<bool, kElementOperands> with_gaps{};

  bool broadcast(int operand, int axis) const {
    return !whole[static_cast<size_t>(operand)] && axes[static_cast<size_t>(axis)].extent > 1 &&
           axes[static_cast<size_t>(axis)].stride[static_cast<size_t>(operand)] == 0;
  }
};

// y first; at most two inputs, broadcast as in NumPy. Axes that all operands walk alike are joined.
ElementSpace element_space(const TensorDesc& y, const std::vector<const TensorDesc*>& inputs);

// Sets with_gaps where rows along the innermost axis are so near each other that they share bursts: a burst is then
// read once, not for each of them. Only what is read, and no wider than four times its own bytes.
void read_gaps(ElementSpace& space, int64_t burst_bytes);
// Bytes an element takes in the scratchpad, in the mean: the gap's among them.
int64_t bytes_of_element(const ElementSpace& space, int operand);

// Extents of the innermost axes that a tile covers; a vector command walks three of them.
inline constexpr size_t kTileAxes = 4;
using ElementTile = std::array<int64_t, kTileAxes>;
// The largest tile of at most `elements` along so many axes, each extent at most kMostLoops, inner axes first.
ElementTile element_tile(const ElementSpace& space, int64_t elements, size_t axes = 3);

// Bytes of one operand's part of a tile, dense but for with_gaps and without broadcast axes, and its strides there.
struct LocalLayout {
  int64_t bytes = 0;
  std::array<int64_t, kTileAxes> stride{};  // 0 where broadcast
};
LocalLayout local_layout(const ElementSpace& space, int operand, const ElementTile& tile);
// The transfer between that and device memory; that it is one, which tiles along three axes always are.
DmaBlock element_block(const ElementSpace& space, int operand, const ElementTile& tile);
bool is_one_block(const ElementSpace& space, int operand, const ElementTile& tile);

// Calls visit(tile extents, byte offset of each operand) for every tile.
template <typename Visit>
void for_tiles(const ElementSpace& space, const ElementTile& tile, Visit visit) {
  std::vector<int64_t> at(space.axes.size(), 0);
  for (;;) {
    ElementTile now;
    std::array<int64_t, kElementOperands> offset{};
    for (size_t i = 0; i < space.axes.size(); ++i) {
      if (i < kTileAxes) now[i] = std::min(tile[i], space.axes[i].extent - at[i]);
      for (size_t k = 0; k < offset.size(); ++k) offset[k] += at[i] * space.axes[i].stride[k];
    }
    visit(now, offset);
    size_t i = 0;
    for (; i < at.size(); ++i) {
      at[i] += i < kTileAxes ? tile[i] : 1;
      if (at[i] < space.axes[i].extent) break;
      at[i] = 0;
    }
    if (i == at.size()) return;
  }
}

}  // namespace systole::npu
