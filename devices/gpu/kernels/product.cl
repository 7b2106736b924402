// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Products of any types and strides, an element of y at a time. DOMAIN: GPU_IN_I64 for integers, whose sums wrap.
#if DOMAIN == GPU_IN_I64
#define TOTAL uint
#define TERM(a, a_at, a_type, a_zero, w, w_at, w_type, w_zero) \
  ((uint)((int)load_i64(a, a_at, a_type) - (a_zero)) * (uint)((int)load_i64(w, w_at, w_type) - (w_zero)))
#define FINISH(p, total, column, residual_at, y_at) finish_integer(p, total, column, bias, constants, y, y_at)
#else
#define TOTAL REAL
FUNCTION REAL load_weight(GLOBAL const uchar* w, long at, int type) {
  return is_float_type(type) ? LOAD_REAL(w, at, type) : (REAL)load_i64(w, at, type);
}
#define TERM(a, a_at, a_type, a_zero, w, w_at, w_type, w_zero) \
  (LOAD_REAL(a, a_at, a_type) * load_weight(w, w_at, w_type))
#define FINISH(p, total, column, residual_at, y_at) \
  finish_real(p, total, column, bias, residual, residual_at, constants, y, y_at)
#endif

KERNEL matmul(GLOBAL uchar* y, long y_from, GLOBAL const uchar* a, long a_from, GLOBAL const uchar* w, long w_from,
              GLOBAL const uchar* bias, long bias_from, GLOBAL const uchar* residual, long residual_from,
              GLOBAL const uchar* constants, long constants_from, const MatmulParams p) {
  const long item = GLOBAL_ID(0), line = item / p.chunks, batch = line / p.m, row = line % p.m;
  const long first = item % p.chunks * p.run, end = first + p.run < p.n ? first + p.run : p.n;
  if (item >= p.items) return;
  y += y_from + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch) + row * p.y_stride[0];
  a += a_from + nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch) + row * p.a_stride[0];
  // Of weights of 4 bits the offset counts elements.
  const long w_batch = nest_offset(p.lead, p.lead_stride[2], p.lead_rank, batch);
  w += w_from;
  bias += bias_from;
  constants += constants_from;
  residual += residual_from + nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch) + row * p.residual_stride[0];
  for (long column = first; column < end; ++column) {
    TOTAL total = (TOTAL)0;
    const int w_zero = channel_at(&p.finish, constants, column).zero;
    for (long k = 0; k < p.k; ++k)
      total += TERM(a, k * p.a_stride[1], p.a_type, p.a_zero, w, w_batch + k * p.w_stride[0] + column * p.w_stride[1],
                    p.w_type, w_zero);
    FINISH(&p.finish, total, column, column * p.residual_stride[1], column * p.y_stride[1]);
  }
}

KERNEL conv2d(GLOBAL uchar* y, long y_from, GLOBAL const uchar* x, long x_from, GLOBAL const uchar* w, long w_from,
              GLOBAL const uchar* bias, long bias_from, GLOBAL const uchar* residual, long residual_from,
              GLOBAL const uchar* constants, long constants_from, const ConvParams p) {
  long index[4];
  long count;
  if (GLOBAL_ID(0) >= p.y.items) return;
  count = image_place(&p.y, GLOBAL_ID(0), index);
  y += y_from;
  x += x_from;
  w += w_from;
  bias += bias_from;
  residual += residual_from;
  constants += constants_from;
  for (; count > 0; --count, ++index[p.y.axis[3]]) {
    const long o = index[1];
    const long image = index[0] * p.x_stride[0] + o / p.group_out * p.group_in * p.x_stride[1];
    const int w_zero = channel_at(&p.finish, constants, o).zero;
    TOTAL total = (TOTAL)0;
    for (int kh = 0; kh < p.kernel_h; ++kh) {
      const long row = index[2] * p.stride_h + (long)kh * p.dilation_h - p.pad_top;
      if (row < 0 || row >= p.height) continue;
      for (int kw = 0; kw < p.kernel_w; ++kw) {
        const long column = index[3] * p.stride_w + (long)kw * p.dilation_w - p.pad_left;
        const long pixel = image + row * p.x_stride[2] + column * p.x_stride[3];
        const long tap = o * p.w_stride[0] + kh * p.w_stride[2] + kw * p.w_stride[3];
        if (column < 0 || column >= p.width) continue;
        for (long c = 0; c < p.group_in; ++c)
          total += TERM(x, pixel + c * p.x_stride[1], p.x_type, p.x_zero, w, tap + c * p.w_stride[1], p.w_type, w_zero);
      }
    }
    FINISH(&p.finish, total, o, image_offset(p.residual_stride, index), image_offset(p.y.stride, index));
  }
}
