// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What stands around a library's products: images as matrices, sums of weights' columns, the epilogue.

// One element of ELEMENT a work-item: the tap of a pixel.
#ifdef ELEMENT
KERNEL im2col(GLOBAL uchar* columns, long columns_at, GLOBAL const uchar* x, long x_at, const ColumnParams p) {
  const int item = (int)GLOBAL_ID(0), pixel = item / p.taps, tap = item % p.taps;
  const int line = pixel / p.out_width, last = tap % p.extent[2], others = tap / p.extent[2];
  const int middle = others % p.extent[1], first = others / p.extent[1];
  if (item >= p.items) return;
  const int h = (p.first_row + line % p.out_rows) * p.stride_h - p.pad_top + first * p.step_h[0] + middle * p.step_h[1] +
                last * p.step_h[2];
  const int v = pixel % p.out_width * p.stride_w - p.pad_left + first * p.step_w[0] + middle * p.step_w[1] +
                last * p.step_w[2];
  const long at = line / p.out_rows * p.image_stride + h * p.x_stride[0] + v * p.x_stride[1] + first * p.channel_step[0] +
                  middle * p.channel_step[1] + last * p.channel_step[2];
  const int inside = h >= 0 && h < p.height && v >= 0 && v < p.width;
  ((GLOBAL ELEMENT*)(columns + columns_at))[item] =
      inside ? AT_CONST(x, x_at + at, ELEMENT) : (ELEMENT)p.outside;
}
#else

// Of i8 weights: an i32 a column.
KERNEL column_sums(GLOBAL uchar* sums, long sums_at, GLOBAL const uchar* w, long w_at, const MatmulParams p) {
  const long column = GLOBAL_ID(0);
  int sum = 0;
  if (column >= p.n) return;
  for (long k = 0; k < p.k; ++k) sum += (int)load_i64(w, w_at + k * p.w_stride[0] + column * p.w_stride[1], p.w_type);
  ((GLOBAL int*)(sums + sums_at))[column] = sum;
}

// y of sums of 4 bytes, which lie as MatmulParams says a does; y may be what they lie in. Work-item i does `run`
// elements along y's axis of the smaller stride.
KERNEL finish_sums(GLOBAL uchar* y, long y_from, GLOBAL const uchar* sums, long sums_from,
                   GLOBAL const uchar* column_sums, long column_sums_from, GLOBAL const uchar* bias, long bias_from,
                   GLOBAL const uchar* residual, long residual_from, GLOBAL const uchar* constants,
                   long constants_from, const MatmulParams p) {
  const int down = p.y_stride[0] < p.y_stride[1];
  const long inner = down ? p.m : p.n, outer = down ? p.n : p.m;
  const long item = GLOBAL_ID(0), line = item / p.chunks, batch = line / outer, other = line % outer;
  const long first = item % p.chunks * p.run, end = first + p.run < inner ? first + p.run : inner;
  if (item >= p.items) return;
  y += y_from + nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch);
  sums += sums_from + nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch);
  residual += residual_from + nest_offset(p.lead, p.lead_stride[3], p.lead_rank, batch);
  column_sums += column_sums_from;
  bias += bias_from;
  constants += constants_from;
  for (long i = first; i < end; ++i) {
    const long row = down ? i : other, column = down ? other : i;
    const long at = row * p.a_stride[0] + column * p.a_stride[1], y_at = row * p.y_stride[0] + column * p.y_stride[1];
#if DOMAIN == GPU_IN_I64
    uint sum = AT_CONST(sums, at, uint);
    if (p.a_zero != 0) sum -= (uint)p.a_zero * ((GLOBAL const uint*)column_sums)[column];
    finish_integer(&p.finish, sum, column, bias, constants, y, y_at);
#else
    finish_real(&p.finish, AT_CONST(sums, at, float), column, bias, residual,
                row * p.residual_stride[0] + column * p.residual_stride[1], constants, y, y_at);
#endif
  }
}
#endif
