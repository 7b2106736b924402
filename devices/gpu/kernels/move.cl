// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops that move elements as they are stored. Types are unsigned integers of the elements' widths. Macros TYPE, STRIDE0,
// STRIDE1: what is known beforehand of the type and of the innermost strides of y and x.
#ifndef TYPE
#define TYPE p.type[0]
#define STRIDE0 p.stride[0][p.rank - 1]
#define STRIDE1 p.stride[1][p.rank - 1]
#endif

KERNEL copy(GLOBAL uchar* y, long y_at, GLOBAL const uchar* x, long x_at, const ElementParams p) {
  ElementPlace place;
  if (GLOBAL_ID(0) >= p.items) return;
  element_place(&p, GLOBAL_ID(0), 2, &place);
  y += y_at;
  x += x_at;
  for (long j = 0; j < place.count; ++j)
    store_i64(y, place.at[0] + j * STRIDE0, TYPE, load_i64(x, place.at[1] + j * STRIDE1, TYPE));
}

KERNEL choose(GLOBAL uchar* y, long y_at, GLOBAL const uchar* c, long c_at, GLOBAL const uchar* a, long a_at,
              GLOBAL const uchar* b, long b_at, const ElementParams p) {
  ElementPlace place;
  const int inner = p.rank - 1;
  if (GLOBAL_ID(0) >= p.items) return;
  element_place(&p, GLOBAL_ID(0), 4, &place);
  y += y_at;
  c += c_at;
  a += a_at;
  b += b_at;
  for (long j = 0; j < place.count; ++j) {
    const long if_set = load_i64(a, place.at[2] + j * p.stride[2][inner], p.type[0]);
    const long if_not = load_i64(b, place.at[3] + j * p.stride[3][inner], p.type[0]);
    store_i64(y, place.at[0] + j * STRIDE0, p.type[0], c[place.at[1] + j * STRIDE1] != 0 ? if_set : if_not);
  }
}

// constants: 64 bits an entry of y's quantization, whose low ones are the element.
KERNEL fill(GLOBAL uchar* y, long y_at, GLOBAL const uchar* constants, long constants_at, const ElementParams p) {
  ElementPlace place;
  const int step = p.quant_axis[0] == p.rank - 1;
  if (GLOBAL_ID(0) >= p.items) return;
  element_place(&p, GLOBAL_ID(0), 1, &place);
  y += y_at;
  constants += constants_at;
  for (long j = 0; j < place.count; ++j)
    store_i64(y, place.at[0] + j * STRIDE0, TYPE, AT_CONST(constants, 8 * (place.entry[0] + j * step), long));
}
