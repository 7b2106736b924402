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
