// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products by tiles of MR rows and NR = 32 columns in registers, for host threads: OpenCL's vectors, which no GPU
// runtime's other language has. Macros of what is known beforehand: ONE_ROW, INTEGERS (i32 sums), BIAS, RESIDUAL,
// ACTIVATION, TFLITE, Y_TYPE, Y_STEP (bytes between channels, 0 if not known), STORED (type of packed weights).
#ifdef ONE_ROW
#define MR 1
#else
#define MR MOST_ROWS
#endif

#if STORED == GPU_BF16
#define WEIGHT ushort
#define LOAD_WEIGHTS(j, at) AS_VECTOR(TO_WORDS(LOAD_VECTOR(j, at)) << 16)
#elif STORED == GPU_F16
#define WEIGHT ushort
#define LOAD_WEIGHTS(j, at) LOAD_HALVES(j, (GLOBAL const half*)(at))
#elif STORED == GPU_I8
#define WEIGHT signed char
#define LOAD_WEIGHTS(j, at) TO_VECTOR(LOAD_VECTOR(j, (GLOBAL const char*)(at)))
#else
#define WEIGHT float
#define LOAD_WEIGHTS(j, at) LOAD_VECTOR(j, at)
#endif

// The item's panel and rows; bias and scales of its columns.
#define BEGIN_PANEL \
  long rest = GLOBAL_ID(0);                                                                                            \
  const long block = rest % p.row_blocks;                                                                              \
  rest /= p.row_blocks;                                                                                                \
  const long panel = rest % p.panels, batch = rest / p.panels, rows = p.out_height * p.out_width;                      \
  const long first_column = nest_offset(p.lead, p.lead_stride[4], p.lead_rank, batch) + panel * NR;                    \
  const int columns = p.columns - panel * NR < NR ? (int)(p.columns - panel * NR) : NR;                                \
  if (GLOBAL_ID(0) >= p.items) return;                                                                                 \
  y += y_from + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch) + panel * NR * p.y_stride[0];                \
  x += x_from + nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch);                                             \
  w += w_from + nest_offset(p.lead, p.lead_stride[2], p.lead_rank, batch) + panel * p.panel_bytes;                     \
  residual += residual_from + nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch) +                              \
              panel * NR * p.residual_stride[0];                                                                       \
  bias += bias_from;                                                                                                   \
  constants += constants_from;                                                                                         \
  const long last = (block + 1) * p.block < rows ? (block + 1) * p.block : rows;                                       \
  const long y_step = Y_STEP != 0 ? Y_STEP : p.y_stride[0];                                                            \
  const long residual_step = Y_STEP != 0 ? Y_STEP : p.residual_stride[0];                                              \
  OUT_TYPE added[NR];                                                                                                  \
  float scales[NR];                                                                                                    \
  int q31s[NR], shifts[NR];                                                                                            \
  for (int j = 0; j < NR; ++j) {                                                                                       \
    const long from = first_column + (j < columns ? j : 0);                                                            \
    const GpuChannel channel = channel_at(&p.finish, constants, from);                                                 \
    added[j] = BIAS ? AT_CONST(bias, from * p.finish.bias_stride, OUT_TYPE) : (OUT_TYPE)0;                             \
    scales[j] = channel.scale;                                                                                         \
    q31s[j] = channel.q31;                                                                                             \
    shifts[j] = channel.shift;                                                                                         \
  }

// The sums in `out` to row r of y.
#ifdef INTEGERS
#define OUT_TYPE int
#define FINISH                                                                                                         \
  for (int j = 0; j < NR; ++j) {                                                                                       \
    const GpuChannel channel = {scales[j], 0, q31s[j], shifts[j]};                                                     \
    const int value = (int)((uint)out[j] + (uint)added[j]);                                                            \
    out[j] = Y_TYPE == GPU_I32 ? value                                                                                 \
                               : requantized(value, TFLITE, channel, p.finish.y_zero, p.finish.low, p.finish.high);    \
  }
#define STORE(offset, value)                                                                                           \
  if (Y_TYPE == GPU_I32) AT(y, offset, int) = value;                                                                   \
  else y[offset] = (uchar)(value)
#else
#define OUT_TYPE float
#define FINISH                                                                                                         \
  for (int j = 0; j < NR; ++j) out[j] = out[j] * scales[j] + added[j];                                                 \
  if (RESIDUAL)                                                                                                        \
    for (int j = 0; j < columns; ++j)                                                                                  \
      out[j] += load_f32(residual, residual_at + j * residual_step, p.finish.residual_type);                           \
  for (int j = 0; j < NR; ++j) out[j] = activation_of(ACTIVATION, out[j], p.finish.clip_lo, p.finish.clip_hi);
#define STORE(offset, value) store_f32(y, offset, Y_TYPE, value)
#endif
#define STORE_ROW(r)                                                                                                   \
  {                                                                                                                    \
    const long oh = (r) / p.out_width, ow = (r) % p.out_width;                                                         \
    const long y_at = oh * p.y_stride[1] + ow * p.y_stride[2];                                                         \
    const long residual_at = oh * p.residual_stride[1] + ow * p.residual_stride[2];                                    \
    FINISH                                                                                                             \
    if (Y_STEP != 0 && columns == NR) {                                                                                \
      for (int j = 0; j < NR; ++j) {                                                                                   \
        STORE(y_at + j * y_step, out[j]);                                                                              \
      }                                                                                                                \
    } else {                                                                                                           \
      for (int j = 0; j < columns; ++j) {                                                                              \
        STORE(y_at + j * y_step, out[j]);                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }

KERNEL tile(GLOBAL uchar* y, long y_from, GLOBAL const uchar* x, long x_from, GLOBAL const uchar* w, long w_from,
            GLOBAL const uchar* bias, long bias_from, GLOBAL const uchar* residual, long residual_from,
            GLOBAL const uchar* constants, long constants_from, const TileParams p) {
  BEGIN_PANEL
  const long x_step = p.x_stride[0];
  for (long row = block * p.block; row < last; row += MR) {
    VECTOR sum[MR][NV];
#ifdef INTEGERS
    INT_VECTOR total[MR][NV];
    int since = 0;
#endif
    long top[MR], left[MR];  // of each row's window
    UNROLL for (int i = 0; i < MR; ++i) {
      const long r = row + i < rows ? row + i : rows - 1;
      top[i] = r / p.out_width * p.stride_h - p.pad_top;
      left[i] = r % p.out_width * p.stride_w - p.pad_left;
      UNROLL for (int j = 0; j < NV; ++j) {
        sum[i][j] = (VECTOR)(0.0f);
#ifdef INTEGERS
        total[i][j] = (INT_VECTOR)(0);
#endif
      }
    }
    GLOBAL const WEIGHT* b = (GLOBAL const WEIGHT*)w;
    for (int kh = 0; kh < p.kernel_h; ++kh) {
      for (int kw = 0; kw < p.kernel_w; ++kw) {
        GLOBAL const uchar* at[MR];
        int inside = 0;
        UNROLL for (int i = 0; i < MR; ++i) {
          const long h = top[i] + (long)kh * p.dilation_h, v = left[i] + (long)kw * p.dilation_w;
          const int is_inside = h >= 0 && h < p.height && v >= 0 && v < p.width;
          at[i] = x + (is_inside ? h * p.x_stride[1] + v * p.x_stride[2] : 0);
          inside |= is_inside << i;
        }
        if (inside == 0) {
          b += p.channels * NR;
          continue;
        }
        for (long c0 = 0; c0 < p.channels; ) {
#ifdef INTEGERS
          const long end = c0 + (p.chunk - since) < p.channels ? c0 + (p.chunk - since) : p.channels;
          since += (int)(end - c0);
#else
          const long end = p.channels;
#endif
          if (inside == (1 << MR) - 1) {
            for (long c = c0; c < end; ++c, b += NR) {
              VECTOR column[NV];
              UNROLL for (int j = 0; j < NV; ++j) column[j] = LOAD_WEIGHTS(j, b);
              UNROLL for (int i = 0; i < MR; ++i) {
                const VECTOR a = (VECTOR)(AT_CONST(at[i], c * x_step, float));
                UNROLL for (int j = 0; j < NV; ++j) sum[i][j] = multiply_add(a, column[j], sum[i][j]);
              }
            }
          } else {
            for (long c = c0; c < end; ++c, b += NR) {
              VECTOR column[NV];
              UNROLL for (int j = 0; j < NV; ++j) column[j] = LOAD_WEIGHTS(j, b);
              UNROLL for (int i = 0; i < MR; ++i) {
                const VECTOR a = (VECTOR)((inside >> i & 1) ? AT_CONST(at[i], c * x_step, float) : 0.0f);
                UNROLL for (int j = 0; j < NV; ++j) sum[i][j] = multiply_add(a, column[j], sum[i][j]);
              }
            }
          }
          c0 = end;
#ifdef INTEGERS
          if (since == p.chunk) {
            since = 0;
            UNROLL for (int i = 0; i < MR; ++i) {
              UNROLL for (int j = 0; j < NV; ++j) {
                total[i][j] += TO_INT(sum[i][j]);
                sum[i][j] = (VECTOR)(0.0f);
              }
            }
          }
#endif
        }
      }
    }
    OUT_TYPE out[NR];
    UNROLL for (int i = 0; i < MR; ++i) {
      if (row + i >= rows) break;
      UNROLL for (int j = 0; j < NV; ++j) {
#ifdef INTEGERS
        STORE_VECTOR(total[i][j] + TO_INT(sum[i][j]), j, out);
#else
        STORE_VECTOR(sum[i][j], j, out);
#endif
      }
      STORE_ROW(row + i)
    }
  }
}

// Every channel by itself: x has its channels one behind another, a panel's columns are channels of y and of x.
KERNEL depthwise(GLOBAL uchar* y, long y_from, GLOBAL const uchar* x, long x_from, GLOBAL const uchar* w, long w_from,
                 GLOBAL const uchar* bias, long bias_from, GLOBAL const uchar* residual, long residual_from,
                 GLOBAL const uchar* constants, long constants_from, const TileParams p) {
  BEGIN_PANEL
  x += panel * NR * 4;
  for (long row = block * p.block; row < last; ++row) {
    const long top = row / p.out_width * p.stride_h - p.pad_top, left = row % p.out_width * p.stride_w - p.pad_left;
    GLOBAL const float* b = (GLOBAL const float*)w;
    VECTOR sum[NV];
    OUT_TYPE out[NR];
    UNROLL for (int j = 0; j < NV; ++j) sum[j] = (VECTOR)(0.0f);
    for (int kh = 0; kh < p.kernel_h; ++kh) {
      for (int kw = 0; kw < p.kernel_w; ++kw, b += NR) {
        const long h = top + (long)kh * p.dilation_h, v = left + (long)kw * p.dilation_w;
        GLOBAL const float* a = (GLOBAL const float*)(x + h * p.x_stride[1] + v * p.x_stride[2]);
        if (h < 0 || h >= p.height || v < 0 || v >= p.width) continue;
        if (columns == NR) {
          UNROLL for (int j = 0; j < NV; ++j) sum[j] = multiply_add(LOAD_VECTOR(j, a), LOAD_VECTOR(j, b), sum[j]);
        } else {
          float part[NR];
          for (int j = 0; j < NR; ++j) part[j] = j < columns ? a[j] : 0.0f;
          UNROLL for (int j = 0; j < NV; ++j) sum[j] = multiply_add(LOAD_VECTOR(j, part), LOAD_VECTOR(j, b), sum[j]);
        }
      }
    }
    UNROLL for (int j = 0; j < NV; ++j) {
#ifdef INTEGERS
      STORE_VECTOR(TO_INT(sum[j]), j, out);
#else
      STORE_VECTOR(sum[j], j, out);
#endif
    }
    STORE_ROW(row)
  }
}
