// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions on graphics processors: a work-group computes a tile of TH by TW pixels of CB channels from
// what they see of x, in local memory as f32 (i8: without zero points; so few products are exact in f32); a work-item a
// column of ROWS pixels, with its channel's taps in registers. Macros besides: X_TYPE, W_TYPE, INTEGERS (of i32 sums),
// CHANNELS_LAST, KH, KW, SH, SW, DH, DW (kernel, stride, dilation).
#define THREADS (CB * TW * (TH / ROWS))
#define IN_H ((TH - 1) * SH + (KH - 1) * DH + 1)
#define IN_W ((TW - 1) * SW + (KW - 1) * DW + 1)
#define COLUMN ((ROWS - 1) * SH + (KH - 1) * DH + 1)
#ifdef CHANNELS_LAST  // in x as in local memory
#define PLACE(c, h, v) (((h) * IN_W + (v)) * CB + (c))
#define CHANNEL_OF(i, high, wide) ((i) % CB)
#define COLUMN_OF(i, high, wide) ((i) / CB % (wide))
#define ROW_OF(i, high, wide) ((i) / (CB * (wide)))
#else
#define PLACE(c, h, v) (((c) * IN_H + (h)) * IN_W + (v))
#define CHANNEL_OF(i, high, wide) ((i) / ((high) * (wide)))
#define COLUMN_OF(i, high, wide) ((i) % (wide))
#define ROW_OF(i, high, wide) ((i) / (wide) % (high))
#endif

FUNCTION float number_at(GLOBAL const uchar* base, long at, int type, int zero) {
  return is_float_type(type) ? load_f32(base, at, type) : (float)((int)load_i64(base, at, type) - zero);
}

KERNEL_OF(THREADS) depthwise(GLOBAL uchar* y, long y_from, GLOBAL const uchar* x, long x_from, GLOBAL const uchar* w,
                             long w_from, GLOBAL const uchar* bias, long bias_from, GLOBAL const uchar* residual,
                             long residual_from, GLOBAL const uchar* constants, long constants_from,
                             const TileParams p) {
  LOCAL float tile[CB * IN_H * IN_W];
  const int thread = LOCAL_ID(0), own = CHANNEL_OF(thread, TH / ROWS, TW), left = COLUMN_OF(thread, TH / ROWS, TW);
  const int top = ROW_OF(thread, TH / ROWS, TW) * ROWS, across = ((int)p.out_width + TW - 1) / TW;
  const long batch = GROUP_ID(0) / (p.row_blocks * p.panels);
  const int rest = (int)(GROUP_ID(0) % (p.row_blocks * p.panels)), spot = rest / (int)p.panels;
  const int channel0 = rest % (int)p.panels * CB, channel = channel0 + own;
  const int oh0 = spot / across * TH, ow0 = spot % across * TW, ow = ow0 + left;
  const int x_top = oh0 * SH - p.pad_top, x_left = ow0 * SW - p.pad_left;
  float taps[KH][KW], sum[ROWS];
  x += x_from + nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch);
  y += y_from + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch);
  residual += residual_from + nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch);
  constants += constants_from;
  for (int i = thread; i < CB * IN_H * IN_W; i += THREADS) {
    const int c = channel0 + CHANNEL_OF(i, IN_H, IN_W), h = x_top + ROW_OF(i, IN_H, IN_W);
    const int v = x_left + COLUMN_OF(i, IN_H, IN_W);
    const int inside = c < (int)p.columns && h >= 0 && h < (int)p.height && v >= 0 && v < (int)p.width;
    tile[i] =
        inside ? number_at(x, c * p.x_stride[0] + h * p.x_stride[1] + v * p.x_stride[2], X_TYPE, p.x_zero) : 0.0f;
  }
  BARRIER();
  if (channel >= (int)p.columns || ow >= (int)p.out_width) return;
  UNROLL for (int kh = 0; kh < KH; ++kh) {
    UNROLL for (int kw = 0; kw < KW; ++kw)
      taps[kh][kw] =
          number_at(w, w_from + channel * p.w_stride[0] + kh * p.w_stride[2] + kw * p.w_stride[3], W_TYPE,
                    is_float_type(W_TYPE) ? 0 : channel_at(&p.finish, constants, channel).zero);
  }
  UNROLL for (int r = 0; r < ROWS; ++r) sum[r] = 0.0f;
  UNROLL for (int kw = 0; kw < KW; ++kw) {
    float column[COLUMN];
    UNROLL for (int i = 0; i < COLUMN; ++i) column[i] = tile[PLACE(own, top * SH + i, left * SW + kw * DW)];
    UNROLL for (int r = 0; r < ROWS; ++r) {
      UNROLL for (int kh = 0; kh < KH; ++kh) sum[r] = MULTIPLY_ADD(column[r * SH + kh * DH], taps[kh][kw], sum[r]);
    }
  }
  UNROLL for (int r = 0; r < ROWS; ++r) {
    const int oh = oh0 + top + r;
    const long y_at = channel * p.y_stride[0] + oh * p.y_stride[1] + ow * p.y_stride[2];
    if (oh >= (int)p.out_height) continue;
#ifdef INTEGERS
    finish_integer(&p.finish, (uint)(int)sum[r], channel, bias + bias_from, constants, y, y_at);
#else
    finish_real(&p.finish, sum[r], channel, bias + bias_from, residual,
                channel * p.residual_stride[0] + oh * p.residual_stride[1] + ow * p.residual_stride[2], constants, y,
                y_at);
#endif
  }
}
