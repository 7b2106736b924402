// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/gemm.h"

#include <cstdlib>

namespace systole::npu {

int64_t size_of(contract::Dtype type) {
  switch (type) {
    case contract::Dtype::kI8:
    case contract::Dtype::kU8:
      return 1;
    case contract::Dtype::kBf16:
      return 2;
    case contract::Dtype::kI32:
    case contract::Dtype::kF32:
      return 4;
  }
  std::abort();
}

int64_t Gemm::weight_size() const { return weights == contract::Weights::kSame ? size_of(w_type) : 1; }

int64_t Gemm::weight_bytes(int64_t count) const {
  return weights == contract::Weights::kI4 ? ceil_div(count, 2) : count * weight_size();
}

double moved_bytes(int64_t row_bytes, int64_t rows, int64_t stride, const spec::NpuSpec& spec) {
  const int64_t burst = spec.dma.burst_bytes > 0 ? spec.dma.burst_bytes : 1;
  if (stride == row_bytes) return static_cast<double>(round_up(row_bytes * rows, burst));
  const int64_t run = stride % burst == 0 ? round_up(row_bytes, burst) : row_bytes + burst - 1;
  return static_cast<double>(rows * run);
}

void simplify(Gemm& g) {
  // A one-tap axis without padding reads a subsampled image.
  const bool full_h = g.pad_top == 0 && (g.out_h - 1) * g.stride_h < g.in_h;
  const bool full_w = g.pad_left == 0 && (g.out_w - 1) * g.stride_w < g.in_w;
  if (g.kernel_h == 1 && full_h) g.x.h *= g.stride_h, g.stride_h = 1, g.in_h = g.out_h;
  if (g.kernel_w == 1 && full_w) g.x.w *= g.stride_w, g.stride_w = 1, g.in_w = g.out_w;
  const bool plain_h = g.kernel_h == 1 && g.stride_h == 1 && g.pad_top == 0 && g.in_h == g.out_h;
  const bool plain_w = g.kernel_w == 1 && g.stride_w == 1 && g.pad_left == 0 && g.in_w == g.out_w;
  if (plain_h && plain_w) {
    const auto joins = [&](const ImageStrides& s) { return g.out_h == 1 || g.out_w == 1 || s.h == g.out_w * s.w; };
    if (joins(g.x) && joins(g.y) && (!g.has_residual || joins(g.residual))) {
      for (ImageStrides* s : {&g.x, &g.y, &g.residual}) {
        if (g.out_w == 1) s->w = s->h;
      }
      g.out_w *= g.out_h, g.in_w = g.out_w, g.out_h = g.in_h = 1;
    }
  }
  // Images that follow each other as rows do become more rows of one image.
  if (plain_h && g.batch > 1) {
    const auto joins = [&](const ImageStrides& s) { return g.out_h == 1 || s.n == g.out_h * s.h; };
    if (joins(g.x) && joins(g.y) && (!g.has_residual || joins(g.residual))) {
      for (ImageStrides* s : {&g.x, &g.y, &g.residual}) {
        if (g.out_h == 1) s->h = s->n;
      }
      g.out_h *= g.batch, g.in_h = g.out_h, g.batch = 1;
      if (plain_w) simplify(g);
    }
  }
}

std::string GemmPlan::summary() const {
  return "tile " + std::to_string(tile_n) + "x" + std::to_string(tile_h) + "x" + std::to_string(tile_w) + " by " +
         std::to_string(column_tiles) + " column tiles, " + std::to_string(channel_block) + " channels" +
         (weight_tiles ? ", " + std::to_string(weight_tiles) + " weight tiles a block" : ", all row tiles a block") +
         (columns_outer ? ", columns outer" : ", rows outer") + (all_x ? ", x resident" : "") +
         (all_w ? ", w resident" : "") + (all_params ? ", parameters at once" : "") +
         (separate_banks ? "" : ", shared bank");
}

}  // namespace systole::npu
