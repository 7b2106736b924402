// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What launches pass to kernels by value. Read by the host compiler and, put before every kernel's text, by OpenCL C
// and NVRTC: C structs of 64-bit and 32-bit integers and floats only, the 64-bit ones first, so that all lay them out
// alike. Strides in bytes (4-bit types: in elements), extents in elements, axes outermost first.
#ifndef SYSTOLE_GPU_PARAMS_H
#define SYSTOLE_GPU_PARAMS_H

#ifdef SYSTOLE_GPU_DEVICE
typedef long gpu_i64;
#else
#include <cstdint>
namespace systole::gpu {
using gpu_i64 = int64_t;
#endif

// Element types: the numbers of DType.
#define GPU_F64 0
#define GPU_F32 1
#define GPU_F16 2
#define GPU_BF16 3
#define GPU_F8E4M3 4
#define GPU_F8E5M2 5
#define GPU_I64 6
#define GPU_I32 7
#define GPU_I16 8
#define GPU_I8 9
#define GPU_U64 10
#define GPU_U32 11
#define GPU_U16 12
#define GPU_U8 13
#define GPU_I4 14
#define GPU_U4 15
#define GPU_BOOL 16

// What values are computed in: macro DOMAIN of the programs that have one.
#define GPU_IN_F32 0
#define GPU_IN_F64 1
#define GPU_IN_I64 2
#define GPU_IN_U64 3

#define GPU_RANK 8  // axes of a nest after neighbours that lie as one are merged

// A scale and a zero point of a channel, as constants hold them.
typedef struct {
  float scale;
  int zero;
} GpuQuant;

// Elementwise: work-item i does `run` elements of the innermost axis of row i / chunks, from i % chunks * run on.
// Operand 0 is y.
typedef struct {
  gpu_i64 items, chunks, run;
  gpu_i64 extent[GPU_RANK];
  gpu_i64 stride[4][GPU_RANK];
  gpu_i64 low, low_value, high, high_value;  // integers below `low` become low_value, those above `high` high_value
  int rank, kind, activation, is_quantized;
  int type[4];
  int table[4];       // first entry of its quantization in the constants
  int quant_axis[4];  // the nest's axis that entries run along; -1: one entry
  float alpha, beta;
} ElementParams;

// A line's positions lie along the axes of `inner`, lines along those of `outer`. By operand: y, x, scale, bias.
typedef struct {
  gpu_i64 lines, length;
  gpu_i64 outer[GPU_RANK], outer_stride[2][GPU_RANK];
  gpu_i64 inner[GPU_RANK], inner_stride[4][GPU_RANK];
  int outer_rank, inner_rank, kind, flags;  // flags: softmax: 1 log; normalize: 1 scale, 2 bias
  int type[4];
  float epsilon;
  int unused;
} LineParams;

// Positions of y (N, C, H, W): work-item i does `run` of them along axis[3], as ElementParams has it; the other axes in
// the order of their strides.
typedef struct {
  gpu_i64 items, chunks, run;
  gpu_i64 extent[4], stride[4];  // of y, by axis of N, C, H, W
  int axis[4];
} ImageParams;

typedef struct {
  ImageParams y;
  gpu_i64 height, width, x_stride[4];
  int kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left, pad_bottom, pad_right;
  int kind, type, count_include_pad, x_zero, y_zero;
  float factor;  // x's scale over y's
} PoolParams;

// A line is a query. By operand: y, q, k, v, mask, the table of pages; strides of the last two axes. k_panel and
// v_panel: bytes of a panel where k and v are packed (TileParams): k with keys as columns, v with its columns. Keys and
// values are of `key_type`, i8 standing for itself: `scale` has the keys' scale in it, value_scale is the values'.
typedef struct {
  gpu_i64 lines, queries, keys, depth, width, blocks, k_panel, v_panel;
  gpu_i64 parts, span;  // of the keys, and the keys of one
  gpu_i64 lead[GPU_RANK], lead_stride[6][GPU_RANK];
  gpu_i64 row_stride[5], column_stride[5];
  gpu_i64 page_keys, page_stride[2];  // keys of a page, 0 where there are no pages; of k, v
  int lead_rank, type, key_type, mask_type, causal, has_mask;
  float scale, value_scale;
} AttentionParams;

// A channel of a product: what its sum is multiplied with. q31 and shift: TFLite's multiplier.
typedef struct {
  float scale;
  int zero, q31, shift;  // zero: of the weights
} GpuChannel;

// What becomes of a sum: Epilogue of hal/op.h. Rows and columns are those of the product.
typedef struct {
  gpu_i64 bias_stride;
  int has_bias, has_residual, activation, y_type, residual_type;
  int has_scale;     // of float sums: integer weights
  int channel_step;  // entries of constants a column; 0: one for all
  int tflite, y_zero, low, high;
  float clip_lo, clip_hi;
  int unused;
} FinishParams;

// y[b, m, n]: any strides. Work-item i does `run` columns. Operands y, a, w, bias, residual, constants.
typedef struct {
  gpu_i64 items, chunks, run, m, n, k;
  gpu_i64 lead[GPU_RANK], lead_stride[4][GPU_RANK];                   // y, a, w, residual
  gpu_i64 y_stride[2], a_stride[2], w_stride[2], residual_stride[2];  // (m, n), (m, k), (k, n), (m, n)
  FinishParams finish;
  int lead_rank, a_type, w_type, a_zero;
} MatmulParams;

// Operands y, x, w, bias, residual, constants.
typedef struct {
  ImageParams y;
  gpu_i64 height, width, group_in, group_out, x_stride[4], w_stride[4], residual_stride[4];
  FinishParams finish;
  int kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int x_type, w_type, x_zero, unused;
} ConvParams;

// Products by tiles: a convolution of an image of `height` x `width` pixels of `channels` channels; a matmul is one of
// 1 x 1 taps over an image of 1 x m pixels of k channels. Images, groups and batches are the axes of `lead`. Operands
// y, x (of f32), packed weights, bias, residual, constants. Packed weights: for every batch of theirs and every group,
// panels of NR columns, of which every one has a row of NR numbers a tap and channel:
// [kernel_h][kernel_w][channels][NR], columns beyond the last are zero; numbers are f32, for one row of y what the
// weights are stored as (pack.cl). A graphics processor's blocks take x and weights of any type as they lie.
typedef struct {
  gpu_i64 items, row_blocks, panels, block;          // block: rows of an item
  gpu_i64 lead[GPU_RANK], lead_stride[5][GPU_RANK];  // y, x, packed weights, residual (bytes); columns
  gpu_i64 height, width, channels, columns, out_height, out_width, panel_bytes;
  gpu_i64 y_stride[3], x_stride[3], residual_stride[3];  // channel, row, column of the image
  gpu_i64 w_stride[4];  // of weights that are not packed: column, channel, kernel_h, kernel_w
  FinishParams finish;
  int lead_rank, kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int chunk;  // integer sums: so many products are exact in f32
  int x_zero, unused;
} TileParams;

// Columns of an image for a library's product: [pixel][tap], pixels of `out_rows` rows of y from `first_row` on, image
// after image; taps over three axes, outermost first: what each steps over in x. Operands columns, x.
typedef struct {
  gpu_i64 items, image_stride, x_stride[2], channel_step[3];  // row, column of x
  int taps, out_width, out_rows, first_row, height, width;
  int stride_h, stride_w, pad_top, pad_left, extent[3], step_h[3], step_w[3];
  int outside;  // an element's bits
} ColumnParams;

// Operands packed weights, w, constants. Work-item i packs `run` channels of row i / chunks, from i % chunks * run on;
// rows are panels' taps as they lie.
typedef struct {
  gpu_i64 items, chunks, run, panels, channels, columns;
  gpu_i64 lead[GPU_RANK], lead_stride[2][GPU_RANK];  // w (as kernels count), columns
  gpu_i64 w_stride[4];                               // column, channel, kernel_h, kernel_w
  int lead_rank, kernel_h, kernel_w, channel_step;
  int element_bytes;  // of packed ones
  int unused[3];
} PackParams;

// Of probe.cl: words of 8 bytes, or turns of sums.
typedef struct {
  gpu_i64 items, item_step, step, run, shift, passes;
  float factor;
  int unused;
} ProbeParams;

#ifndef SYSTOLE_GPU_DEVICE
}  // namespace systole::gpu
#endif

#endif
