// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Weights as panels (TileParams), `run` rows of one an item. Macros: NR, columns of a panel; TYPE, the weights'; STORED,
// the panels': f32, TYPE where that has 16 bits, or i8 where that holds the integers without their zero points.
#if STORED == GPU_F32
#define ELEMENT float
#elif STORED == GPU_I8
#define ELEMENT signed char
#else
#define ELEMENT ushort
#endif

FUNCTION ELEMENT packed_element(GLOBAL const uchar* w, long from, int zero) {
  if (STORED != GPU_F32 && STORED != GPU_I8) return (ELEMENT)AT_CONST(w, from, ushort);
  return (ELEMENT)(is_float_type(TYPE) ? load_f32(w, from, TYPE) : (float)((int)load_i64(w, from, TYPE) - zero));
}

KERNEL pack(GLOBAL uchar* packed, long packed_at, GLOBAL const uchar* w, long w_at, GLOBAL const uchar* constants,
            long constants_at, const PackParams p) {
  const long item = GLOBAL_ID(0), c0 = item % p.chunks * p.run;
  const long row = item / p.chunks, kw = row % p.kernel_w, kh = row / p.kernel_w % p.kernel_h;
  const long panel = row / p.kernel_w / p.kernel_h, first = panel % p.panels * NR, batch = panel / p.panels;
  const int rows = p.channels - c0 < p.run ? (int)(p.channels - c0) : (int)p.run;
  const int columns = p.columns - first < NR ? (int)(p.columns - first) : NR;
  int zeros[NR];
  if (item >= p.items) return;
  const long column0 = nest_offset(p.lead, p.lead_stride[1], p.lead_rank, batch) + first;
  const long at = nest_offset(p.lead, p.lead_stride[0], p.lead_rank, batch) + c0 * p.w_stride[1] + kh * p.w_stride[2] +
                  kw * p.w_stride[3] + first * p.w_stride[0];
  GLOBAL ELEMENT* to = (GLOBAL ELEMENT*)(packed + packed_at) + (row * p.channels + c0) * NR;
  w += w_at;
  constants += constants_at;
  for (int j = 0; j < columns; ++j)
    zeros[j] = is_float_type(TYPE) ? 0 : ((GLOBAL const GpuChannel*)constants)[(column0 + j) * p.channel_step].zero;
  // In the order in which w lies.
  if (p.w_stride[0] <= p.w_stride[1]) {
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < columns; ++j)
        to[i * NR + j] = packed_element(w, at + i * p.w_stride[1] + j * p.w_stride[0], zeros[j]);
  } else {
    for (int j = 0; j < columns; ++j)
      for (int i = 0; i < rows; ++i)
        to[i * NR + j] = packed_element(w, at + i * p.w_stride[1] + j * p.w_stride[0], zeros[j]);
  }
  for (int i = 0; i < rows; ++i)
    for (int j = columns; j < NR; ++j) to[i * NR + j] = (ELEMENT)0;
}
