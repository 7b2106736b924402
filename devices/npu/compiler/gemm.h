// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Matmul and convolution as the array sees them: windows over an image times a matrix, group by group.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "configs/contract/generated/npu_contract.h"
#include "configs/spec/npu_spec.h"
#include "devices/npu/compiler/finish.h"
#include "hal/status.h"

namespace systole::npu {

int64_t size_of(contract::Dtype type);  // bytes
constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
constexpr int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }

// Byte strides of an image operand in device memory.
struct ImageStrides {
  int64_t n = 0, h = 0, w = 0, c = 0;
  auto operator<=>(const ImageStrides&) const = default;
};

// y[g,n,oh,ow,j] = epilogue(sum over kh,kw,c of x[g,n,oh*stride+kh*dilation-pad,..,c] * w[g,kh,kw,c,j]); bytes and
// elements. Offsets of group g are added to the operands' addresses.
struct Gemm {
  int64_t groups = 1, batch = 1;
  int64_t in_h = 1, in_w = 1, out_h = 1, out_w = 1;
  int64_t kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int64_t pad_top = 0, pad_left = 0;
  int64_t channels = 1, columns = 1;  // of one group: c and j
  contract::Dtype x_type{}, w_type{}, y_type{}, residual_type{};
  contract::Weights weights{};  // how w is stored; PRELOAD widens it to w_type
  int32_t x_zero = 0, w_zero = 0, y_zero = 0;
  ImageStrides x, y, residual;
  int64_t w_kh = 0, w_kw = 0, w_c = 0, w_j = 0;                    // byte strides of w; i4: columns lie packed
  std::vector<int64_t> x_group, w_group, y_group, residual_group;  // byte offsets, one a group
  std::vector<int64_t> column_group;                               // first output channel of a group: bias and scales
  // Groups packed together: w[c][j] is zero unless c / diagonal_c == j / diagonal_j; its offset counts c mod
  // diagonal_c.
  int64_t diagonal_c = 0, diagonal_j = 0;
  bool x_on_chip = false, w_on_chip = false, residual_on_chip = false, y_on_chip = false;  // resident operands
  bool constant_weights = false, bias = false, constant_bias = false, has_residual = false;
  contract::Requant requant = contract::Requant::kNone;
  Finish finish;

  auto operator<=>(const Gemm&) const = default;
  int64_t vectors() const { return batch * out_h * out_w; }
  // Integer weights of bf16: the sums are scaled as they are read out, and the bias comes after that.
  bool scaled() const { return requant == contract::Requant::kScale; }
  bool chained() const { return scaled() && bias && has_residual; }  // the residual takes a pass of its own
  int64_t weight_size() const;                                       // bytes of an element of w; 1 where packed
  int64_t weight_bytes(int64_t count) const;                         // of so many columns of a row of w
  bool dense_columns() const { return weights == contract::Weights::kI4 || w_j == weight_size(); }
  int params() const {  // 4-byte parameters a column
    return (bias ? 1 : 0) + (requant == contract::Requant::kNone ? 0 : requant == contract::Requant::kTflite ? 2 : 1);
  }
};

// Fewer, longer dimensions for the same elements where windows and strides allow it.
void simplify(Gemm& gemm);

// Tile sizes and the scratchpad's use. One array step multiplies one tile of at most R rows (elements of the sequence
// kh, kw, c of one channel block) and C columns with tile_n*tile_h*tile_w vectors.
struct GemmPlan {
  int64_t tile_n = 1, tile_h = 1, tile_w = 1;
  int64_t column_tiles = 1;           // tiles of C columns that accumulate at once
  int64_t channel_block = 1;          // channels of x in the scratchpad at once
  int64_t weight_tiles = 0;           // row tiles of w in one block; 0: all
  bool columns_outer = true;          // which of the two block loops is outside
  bool all_x = false, all_w = false;  // the whole operand stays in the scratchpad
  bool all_params = false;            // likewise, loaded at once: param_slots is 1
  int x_slots = 2, w_slots = 2, param_slots = 2, acc_slots = 2, out_slots = 2;
  // Scratchpad bytes.
  int64_t x_pixel = 0, x_row = 0, x_image = 0;
  int64_t x_bytes = 0, w_bytes = 0, param_bytes = 0, out_bytes = 0, residual_bytes = 0;  // a slot
  int64_t x_base = 0, w_base = 0, param_base = 0, out_base = 0;
  int64_t used_bytes = 0, used_rows = 0;
  bool separate_banks = true;  // PRELOAD never reads a bank that COMPUTE reads
  bool weights_once = false;   // no block of w is loaded twice
  // Its first blocks of w may be there when it begins, at most so many, from byte ahead_base on: w's slots themselves,
  // or others.
  int ahead_slots = 0;
  int64_t ahead_base = 0;
  double cycles = 0;   // estimate
  double traffic = 0;  // estimate: bytes of device memory
  bool operator==(const GemmPlan&) const = default;
  std::string summary() const;
};

// Bytes that device memory moves for `rows` rows of `row_bytes` whose starts lie `stride` apart: whole bursts, but one
// run where the rows touch. Rows that don't begin on bursts touch one more, on average.
double moved_bytes(int64_t row_bytes, int64_t rows, int64_t stride, const spec::NpuSpec& spec);

// Where the plan's operands lie in the part of the scratchpad that may be used; w's slots from byte weights_at on, if
// it is not below 0. False: they don't fit.
bool place_gemm(GemmPlan& plan, const spec::NpuSpec& spec, int64_t weights_at = -1);

// The cheapest plan by the estimate, remembered for the thread: networks repeat their layers. kOutOfMemory with the
// numbers where no tile fits.
Result<GemmPlan> plan_gemm(const Gemm& gemm, const spec::NpuSpec& spec);

}  // namespace systole::npu
