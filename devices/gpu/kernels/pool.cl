// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Windows of an image. kind: 0 max, 1 average. Macro TYPE: what is known beforehand.
#ifndef TYPE
#define TYPE p.type
#endif
#if DOMAIN == GPU_IN_I64
#define VALUE long
#define LOAD_VALUE load_i64
#define STORE_VALUE store_i64
#define LOWEST ((long)((ulong)1 << 63))
#elif DOMAIN == GPU_IN_U64
#define VALUE ulong
#define LOAD_VALUE(base, offset, type) ((ulong)load_i64(base, offset, type))
#define STORE_VALUE(base, offset, type, value) store_i64(base, offset, type, (long)(value))
#define LOWEST ((ulong)0)
#else
#define VALUE REAL
#define LOAD_VALUE LOAD_REAL
#define STORE_VALUE STORE_REAL
#define LOWEST (-(REAL)AS_FLOAT(0x7f800000u))
#define IS_FLOAT 1
#endif

#ifdef CHANNELS_STEP
#define LANES 16

// Channels lie one behind another in x and y, CHANNELS_STEP bytes each: floats, LANES at a time.
KERNEL pool_channels(GLOBAL uchar* y, long y_at, GLOBAL const uchar* x, long x_at, const PoolParams p) {
  long index[4];
  if (GLOBAL_ID(0) >= p.y.items) return;
  const long count = image_place(&p.y, GLOBAL_ID(0), index);
  y += y_at + image_offset(p.y.stride, index);
  x += x_at + index[0] * p.x_stride[0] + index[1] * CHANNELS_STEP;
  for (long c = 0; c < count; c += LANES) {
    const int lanes = count - c < LANES ? (int)(count - c) : LANES;
    VALUE total[LANES];
    long inside = 0, padded = 0;
    for (int lane = 0; lane < LANES; ++lane) total[lane] = p.kind == 0 ? LOWEST : (VALUE)0;
    for (int kh = 0; kh < p.kernel_h; ++kh) {
      const long row = index[2] * p.stride_h + (long)kh * p.dilation_h - p.pad_top;
      for (int kw = 0; kw < p.kernel_w; ++kw) {
        const long column = index[3] * p.stride_w + (long)kw * p.dilation_w - p.pad_left;
        const long from = row * p.x_stride[2] + column * p.x_stride[3] + c * CHANNELS_STEP;
        padded += row < p.height + p.pad_bottom && column < p.width + p.pad_right;
        if (row < 0 || row >= p.height || column < 0 || column >= p.width) continue;
        ++inside;
        if (lanes == LANES && p.kind == 0) {
          for (int lane = 0; lane < LANES; ++lane) {
            const VALUE value = LOAD_VALUE(x, from + lane * CHANNELS_STEP, TYPE);
            total[lane] = value > total[lane] || value != value ? value : total[lane];
          }
        } else {
          for (int lane = 0; lane < lanes; ++lane) {
            const VALUE value = LOAD_VALUE(x, from + lane * CHANNELS_STEP, TYPE);
            if (p.kind != 0) total[lane] += value;
            else total[lane] = value > total[lane] || value != value ? value : total[lane];
          }
        }
      }
    }
    const VALUE divisor = p.kind == 0 ? (VALUE)1 : (VALUE)(p.count_include_pad ? padded : inside);
    for (int lane = 0; lane < lanes; ++lane)
      STORE_VALUE(y, (c + lane) * CHANNELS_STEP, TYPE, total[lane] / divisor);
  }
}
#else

KERNEL pool(GLOBAL uchar* y, long y_at, GLOBAL const uchar* x, long x_at, const PoolParams p) {
  long index[4];
  long count;
  if (GLOBAL_ID(0) >= p.y.items) return;
  count = image_place(&p.y, GLOBAL_ID(0), index);
  y += y_at;
  x += x_at;
  for (; count > 0; --count, ++index[p.y.axis[3]]) {
    VALUE best = LOWEST, sum = (VALUE)0;
    long inside = 0, padded = 0;
    const long plane = index[0] * p.x_stride[0] + index[1] * p.x_stride[1];
    for (int kh = 0; kh < p.kernel_h; ++kh) {
      const long row = index[2] * p.stride_h + (long)kh * p.dilation_h - p.pad_top;
      for (int kw = 0; kw < p.kernel_w; ++kw) {
        const long column = index[3] * p.stride_w + (long)kw * p.dilation_w - p.pad_left;
        VALUE value;
        padded += row < p.height + p.pad_bottom && column < p.width + p.pad_right;
        if (row < 0 || row >= p.height || column < 0 || column >= p.width) continue;
        value = LOAD_VALUE(x, plane + row * p.x_stride[2] + column * p.x_stride[3], TYPE);
        ++inside;
        if (p.kind == 0) best = value > best || value != value ? value : best;
        else sum += value - (VALUE)p.x_zero;
      }
    }
    if (p.kind != 0) {
      const long divisor = p.count_include_pad ? padded : inside;
#ifdef IS_FLOAT
      best = sum / (REAL)divisor;
#else
      best = (VALUE)saturate_round((float)sum * (p.factor / (float)divisor), p.y_zero, TYPE);
#endif
    }
    STORE_VALUE(y, image_offset(p.y.stride, index), TYPE, best);
  }
}
#endif
