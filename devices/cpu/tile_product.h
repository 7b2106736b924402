// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products of f32 matrices by tiles: what to multiply as data, the packed form of the weights, and the loops that keep
// both operands in the caches. Offsets and strides are in floats.
#pragma once

#include <vector>

#include "devices/cpu/tile.h"
#include "devices/cpu/workers.h"
#include "hal/op.h"

namespace systole::cpu {

struct TileShape {
  // Rows of y lie y_row apart in segments of `length` rows; one for every entry of `segments`.
  struct Segment {
    int64_t x, y, residual;
  };
  std::vector<Segment> segments;
  int64_t length = 0;
  int64_t x_row = 0, y_row = 0, residual_row = 0;
  // k = taps x run: a row's values are `run` floats at each of these offsets from the row's first.
  std::vector<int64_t> taps;
  int64_t run = 0;
  int64_t columns = 0;
  // The same rows and columns at other places: batches, groups of a convolution.
  struct Matrix {
    int64_t x, y, residual, bias;
    int64_t w;  // which packed matrix
  };
  std::vector<Matrix> matrices;

  int64_t k() const { return static_cast<int64_t>(taps.size()) * run; }
};

// Floats of one packed matrix of k x columns.
int64_t packed_floats(int64_t k, int64_t columns);
// w[p, j] is at w[p * row + j * column].
void pack_panels(const float* w, int64_t k, int64_t columns, int64_t row, int64_t column, float* packed);

class TileProduct {
 public:
  // `epilogue`: residual and activation; the bias is added where its pointer is not null. `kernels` is not null.
  TileProduct(TileShape shape, const Epilogue& epilogue, const Workers& workers, const TileKernels* kernels);

  // `packed`: matrices one after the other. `residual` may be `y`, where their strides are equal.
  void run(const float* x, const float* packed, const float* bias, const float* residual, float* y) const;

 private:
  struct RowTile {
    int64_t x, y, residual;
    int rows;
  };
  void plan_tasks(int64_t threads);

  TileShape shape_;
  Epilogue epilogue_;
  Workers workers_;
  const TileKernels* kernels_;
  std::vector<RowTile> tiles_;
  int64_t panels_ = 0;
  bool panels_first_ = false;                 // all panels of a tile, then the next tile
  int64_t tile_block_ = 1, panel_block_ = 1;  // of a task
};

}  // namespace systole::cpu
