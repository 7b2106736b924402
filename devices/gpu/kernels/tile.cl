// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products by tiles of MR rows and NR = 8 * NV columns in registers, for host threads: OpenCL's vectors, which no GPU
// runtime's other language has. Macros of what is known beforehand: INTEGERS (i32 sums), BIAS, RESIDUAL, ACTIVATION,
// Y_TYPE, Y_STEP (bytes between channels, 0 if not known).
#pragma OPENCL FP_CONTRACT ON
#define NR (8 * NV)

KERNEL tile(GLOBAL uchar* y, long y_from, GLOBAL const uchar* x, long x_from, GLOBAL const uchar* w, long w_from,
            GLOBAL const uchar* bias, long bias_from, GLOBAL const uchar* residual, long residual_from,
            GLOBAL const uchar* constants, long constants_from, const TileParams p) {
  long rest = GLOBAL_ID(0);
  const long block = rest % p.row_blocks;
  rest /= p.row_blocks;
  const long panel = rest % p.panels, batch = rest / p.panels, rows = p.out_height * p.out_width;
  const long first_column = nest_offset(p.lead, p.lead_stride[4], p.lead_rank, batch) + panel * NR;
  const int columns = p.columns - panel * NR < NR ? (int)(p.columns - panel * NR) : NR;
  const long x_step = p.x_stride[0];
  FinishParams finish = p.finish;
  finish.has_bias = BIAS;
  finish.has_residual = RESIDUAL;
  finish.activation = ACTIVATION;
  finish.y_type = Y_TYPE;
  if (GLOBAL_ID(0) >= p.items) return;
  y += y_from + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch) + panel * NR * p.y_stride[0];
  x += x_from + nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch);
  w += w_from + nest_offset(p.lead, p.lead_stride[2], p.lead_rank, batch) + panel * p.panel_bytes;
  residual += residual_from + nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch) +
              panel * NR * p.residual_stride[0];
  bias += bias_from;
  constants += constants_from;
  const long last = (block + 1) * p.block < rows ? (block + 1) * p.block : rows;
  for (long row = block * p.block; row < last; row += MR) {
    float8 sum[MR][NV];
#ifdef INTEGERS
    int8 total[MR][NV];
    int since = 0;
#endif
    long top[MR], left[MR];  // of each row's window
    UNROLL for (int i = 0; i < MR; ++i) {
      const long r = row + i < rows ? row + i : rows - 1;
      top[i] = r / p.out_width * p.stride_h - p.pad_top;
      left[i] = r % p.out_width * p.stride_w - p.pad_left;
      UNROLL for (int j = 0; j < NV; ++j) {
        sum[i][j] = (float8)(0.0f);
#ifdef INTEGERS
        total[i][j] = (int8)(0);
#endif
      }
    }
    GLOBAL const float* b = (GLOBAL const float*)w;
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
              float8 column[NV];
              UNROLL for (int j = 0; j < NV; ++j) column[j] = vload8(j, b);
              UNROLL for (int i = 0; i < MR; ++i) {
                const float8 a = (float8)(AT_CONST(at[i], c * x_step, float));
                UNROLL for (int j = 0; j < NV; ++j) sum[i][j] = a * column[j] + sum[i][j];
              }
            }
          } else {
            for (long c = c0; c < end; ++c, b += NR) {
              float8 column[NV];
              UNROLL for (int j = 0; j < NV; ++j) column[j] = vload8(j, b);
              UNROLL for (int i = 0; i < MR; ++i) {
                const float8 a = (float8)((inside >> i & 1) ? AT_CONST(at[i], c * x_step, float) : 0.0f);
                UNROLL for (int j = 0; j < NV; ++j) sum[i][j] = a * column[j] + sum[i][j];
              }
            }
          }
          c0 = end;
#ifdef INTEGERS
          if (since == p.chunk) {
            since = 0;
            UNROLL for (int i = 0; i < MR; ++i) {
              UNROLL for (int j = 0; j < NV; ++j) {
                total[i][j] += convert_int8(sum[i][j]);
                sum[i][j] = (float8)(0.0f);
              }
            }
          }
#endif
        }
      }
    }
#ifdef INTEGERS
    int out[MR][NR];
    UNROLL for (int i = 0; i < MR; ++i) {
      UNROLL for (int j = 0; j < NV; ++j) vstore8(total[i][j] + convert_int8(sum[i][j]), j, out[i]);
    }
#else
    float out[MR][NR];
    UNROLL for (int i = 0; i < MR; ++i) {
      UNROLL for (int j = 0; j < NV; ++j) vstore8(sum[i][j], j, out[i]);
    }
#endif
    for (int i = 0; i < MR && row + i < rows; ++i) {
      const long oh = (row + i) / p.out_width, ow = (row + i) % p.out_width;
      const long y_at = oh * p.y_stride[1] + ow * p.y_stride[2];
      const long residual_at = oh * p.residual_stride[1] + ow * p.residual_stride[2];
      const long y_step = Y_STEP != 0 ? Y_STEP : p.y_stride[0];
      const long residual_step = Y_STEP != 0 ? Y_STEP : p.residual_stride[0];
      for (int j = 0; j < columns; ++j)
#ifdef INTEGERS
        finish_integer(&finish, (uint)out[i][j], first_column + j, bias, constants, y, y_at + j * y_step);
#else
        finish_real(&finish, out[i][j], first_column + j, bias, residual, residual_at + j * residual_step, constants, y,
                    y_at + j * y_step);
#endif
    }
  }
}
