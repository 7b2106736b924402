// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Sliding windows on the vector engine: an image cut into tiles of output pixels and channels.
#pragma once

#include <vector>

#include "devices/npu/compiler/dma.h"
#include "devices/npu/compiler/gemm.h"
#include "devices/npu/compiler/stream.h"

namespace systole::npu {

inline constexpr int64_t kMostTaps = 255;  // of a window along one axis: an 8-bit field

struct Window {
  int64_t batch = 1, channels = 1, in_h = 1, in_w = 1, out_h = 1, out_w = 1;
  int64_t kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1, pad_top = 0, pad_left = 0;
  contract::Dtype x_type{}, y_type{};
  ImageStrides x, y;
  uint32_t pad_pattern = 0;
  int64_t extra_channel_bytes = 0;  // weights and parameters that come with a tile, a channel
};

struct WindowTile {
  int64_t n = 0, c0 = 0, c = 0, h0 = 0, h = 0, w0 = 0, w = 0;
};

struct WindowPlan {
  int64_t tile_h = 1, tile_w = 1, tile_c = 1;
  int64_t x_row = 0;                           // scratchpad bytes of a row of the largest tile
  int64_t extra_at = 0, x_at = 0, y_at = 0;    // in a slot
  StreamPlan stream;
  double cycles = 0;  // estimate
  std::string summary() const;
};

// kOutOfMemory with the numbers where not one output pixel fits; kUnsupported for windows beyond kMostTaps.
Result<WindowPlan> plan_window(const Window& window, int64_t fixed_bytes, const spec::NpuSpec& spec);

// Loads of x and stores of y of one tile; the extras are the caller's.
void window_moves(const Window& window, const WindowPlan& plan, const WindowTile& tile, const DramAddress& x, const DramAddress& y,
                  StreamTile& out);
// The command over output pixels [h0, h0 + h) x [w0, w0 + w) of the tile, window and types set.
contract::Vector window_vector(const Window& window, const WindowPlan& plan, const WindowTile& tile, int64_t h0, int64_t h, int64_t w0, int64_t w);

template <typename Visit>
void for_window_tiles(const Window& o, const WindowPlan& p, Visit visit) {
  for (int64_t c = 0; c < o.channels; c += p.tile_c) {
    for (int64_t n = 0; n < o.batch; ++n) {
      for (int64_t h = 0; h < o.out_h; h += p.tile_h) {
        for (int64_t w = 0; w < o.out_w; w += p.tile_w) {
          visit(WindowTile{n, c, std::min(p.tile_c, o.channels - c), h, std::min(p.tile_h, o.out_h - h), w, std::min(p.tile_w, o.out_w - w)});
        }
      }
    }
  }
}

}  // namespace systole::npu
