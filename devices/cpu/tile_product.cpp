// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/tile_product.h"

#include <algorithm>
#include <limits>

#include "devices/cpu/functions.h"

namespace systole::cpu {
namespace {

constexpr int64_t kBlockBytes = 256 << 10;      // of x that stays in the second-level cache while panels pass
constexpr int64_t kFirstLevelBytes = 24 << 10;  // of weights that stay in the first-level cache with a tile's operands
constexpr int64_t kTaskMacs = 64 << 10;         // worth a hand-over between threads
constexpr int64_t kTasks = 4;                   // a thread, so that an uneven start does not matter

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

int64_t panel_width(int64_t columns_left) { return columns_left <= kPanel / 2 ? kPanel / 2 : kPanel; }

// Four rows of k values, `stride` apart, become four columns of rows `width` apart.
void transpose_four(const float* rows, int64_t stride, int64_t k, float* to, int64_t width) {
  typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));
  typedef int32_t Lanes __attribute__((vector_size(16)));
  int64_t p = 0;
  for (; p + 4 <= k; p += 4) {
    auto take = [&](int64_t i) { return *reinterpret_cast<const Four*>(rows + i * stride + p); };
    const Four a = take(0), b = take(1), c = take(2), d = take(3);
    const Lanes low = {0, 4, 1, 5}, high = {2, 6, 3, 7}, first = {0, 1, 4, 5}, second = {2, 3, 6, 7};
    const Four ab = __builtin_shuffle(a, b, low), cd = __builtin_shuffle(c, d, low),
               ab_high = __builtin_shuffle(a, b, high), cd_high = __builtin_shuffle(c, d, high);
    auto put = [&](int64_t i, Four value) { *reinterpret_cast<Four*>(to + (p + i) * width) = value; };
    put(0, __builtin_shuffle(ab, cd, first));
    put(1, __builtin_shuffle(ab, cd, second));
    put(2, __builtin_shuffle(ab_high, cd_high, first));
    put(3, __builtin_shuffle(ab_high, cd_high, second));
  }
  for (; p < k; ++p)
    for (int64_t i = 0; i < 4; ++i) to[p * width + i] = rows[i * stride + p];
}

}  // namespace

int64_t packed_floats(int64_t k, int64_t columns) {
  const int64_t whole = columns / kPanel, rest = columns % kPanel;
  return k * (whole * kPanel + (rest > 0 ? panel_width(rest) : 0));
}

void pack_panels(const float* w, int64_t k, int64_t columns, int64_t row, int64_t column, float* packed) {
  for (int64_t first = 0; first < columns; first += kPanel) {
    const int64_t width = panel_width(columns - first), count = std::min(width, columns - first);
    if (column == 1) {
      for (int64_t p = 0; p < k; ++p) std::copy_n(w + p * row + first, count, packed + p * width);
    } else {
      int64_t j = 0;
      for (; row == 1 && j + 4 <= count; j += 4) transpose_four(w + (first + j) * column, column, k, packed + j, width);
      for (; j < count; ++j)
        for (int64_t p = 0; p < k; ++p) packed[p * width + j] = w[p * row + (first + j) * column];
    }
    for (int64_t p = 0; p < k && count < width; ++p) std::fill_n(packed + p * width + count, width - count, 0.0f);
    packed += k * width;
  }
}

TileProduct::TileProduct(TileShape shape, const Epilogue& epilogue, const Workers& workers, const TileKernels* kernels)
    : shape_(std::move(shape)), epilogue_(epilogue), workers_(workers), kernels_(kernels) {
  // Tiles of a segment differ by one row at most: a tile of one row costs a third of a full one.
  const int64_t count = divide_up(shape_.length, kTileRows);
  for (const TileShape::Segment& segment : shape_.segments) {
    for (int64_t i = 0, first = 0; i < count; ++i) {
      const int64_t last = (i + 1) * shape_.length / count;
      tiles_.push_back({segment.x + first * shape_.x_row, segment.y + first * shape_.y_row,
                        segment.residual + first * shape_.residual_row, static_cast<int>(last - first)});
      first = last;
    }
  }
  panels_ = divide_up(shape_.columns, kPanel);
  panels_first_ = packed_floats(shape_.k(), shape_.columns) * 4 <= kFirstLevelBytes;
  plan_tasks(workers.threads());
}

void TileProduct::plan_tasks(int64_t threads) {
  const auto tiles = static_cast<int64_t>(tiles_.size()), matrices = static_cast<int64_t>(shape_.matrices.size());
  const int64_t tile_bytes = std::max<int64_t>(
      1, divide_up(shape_.length * std::max(shape_.x_row, shape_.run) * 4, divide_up(shape_.length, kTileRows)));
  int64_t blocks = divide_up(tiles * tile_bytes, kBlockBytes);
  int64_t chunks = 1;
  if (threads > 1) {
    const int64_t macs = tiles * kTileRows * shape_.columns * shape_.k() * matrices;
    const int64_t wanted = std::clamp<int64_t>(macs / kTaskMacs, 1, kTasks * threads);
    // Columns are cut first where the weights are the larger operand: then each thread reads its own.
    if (shape_.columns > tiles * kTileRows) chunks = std::min(panels_, divide_up(wanted, blocks * matrices));
    blocks = std::max(blocks, std::min(tiles, divide_up(wanted, chunks * matrices)));
    chunks = std::max(chunks, std::min(panels_, divide_up(wanted, blocks * matrices)));
  }
  tile_block_ = std::max<int64_t>(1, divide_up(tiles, std::max<int64_t>(1, blocks)));
  panel_block_ = std::max<int64_t>(1, divide_up(panels_, chunks));
}

void TileProduct::run(const float* x, const float* packed, const float* bias, const float* residual, float* y) const {
  const int64_t tiles = static_cast<int64_t>(tiles_.size()), blocks = divide_up(tiles, tile_block_),
                chunks = divide_up(panels_, panel_block_), k = shape_.k();
  const int64_t matrix_floats = packed_floats(k, shape_.columns);
  const Activation activation = epilogue_.activation;
  Tile common;
  common.x_stride = shape_.x_row, common.y_stride = shape_.y_row, common.residual_stride = shape_.residual_row;
  common.tap_offsets = shape_.taps.data(), common.taps = static_cast<int64_t>(shape_.taps.size());
  common.run = shape_.run;
  common.clamp = activation == Activation::kRelu || activation == Activation::kClip;
  common.low = activation == Activation::kClip ? epilogue_.clip_lo : 0.0f;
  common.high = activation == Activation::kClip ? epilogue_.clip_hi : std::numeric_limits<float>::infinity();
  common.function = function_of(activation, 0, 0).kind;
  common.applies =
      activation != Activation::kNone && !common.clamp && kernels_->function_rows(common.function, nullptr, 0, 0, 0);
  const bool later = activation != Activation::kNone && !common.clamp && !common.applies;
  workers_.each(blocks * chunks * static_cast<int64_t>(shape_.matrices.size()), [&](int64_t task) {
    const TileShape::Matrix& matrix = shape_.matrices[static_cast<size_t>(task / (blocks * chunks))];
    const int64_t block = task / chunks % blocks, chunk = task % chunks;
    const int64_t first_tile = block * tile_block_, last_tile = std::min(tiles, first_tile + tile_block_),
                  first_panel = chunk * panel_block_, last_panel = std::min(panels_, first_panel + panel_block_);
    auto one = [&](int64_t panel, int64_t i) {
      const int64_t column = panel * kPanel;
      const RowTile& rows = tiles_[static_cast<size_t>(i)];
      Tile tile = common;
      tile.columns = static_cast<int>(std::min<int64_t>(kPanel, shape_.columns - column));
      tile.w = packed + matrix.w * matrix_floats + column * k;
      if (bias) tile.bias = bias + matrix.bias + column;
      tile.rows = rows.rows;
      tile.x = x + matrix.x + rows.x;
      tile.y = y + matrix.y + rows.y + column;
      if (residual) tile.residual = residual + matrix.residual + rows.residual + column;
      // Every tile of a panel fetches its part of the next one.
      tile.ahead_step = kPanel / (last_tile - first_tile);
      tile.ahead = tile.w + (panel + 1 < last_panel ? k * kPanel + (i - first_tile) * k * tile.ahead_step : 0);
      kernels_->tile(tile);
      if (later) activate_rows(activation, 0, 0, tile.y, tile.rows, tile.y_stride, tile.columns);
    };
    if (panels_first_) {
      for (int64_t i = first_tile; i < last_tile; ++i)
        for (int64_t panel = first_panel; panel < last_panel; ++panel) one(panel, i);
      return;
    }
    for (int64_t panel = first_panel; panel < last_panel; ++panel)
      for (int64_t i = first_tile; i < last_tile; ++i) one(panel, i);
  });
}

}  // namespace systole::cpu
