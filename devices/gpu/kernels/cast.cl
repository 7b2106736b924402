// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// From any type to any other; those of f64 with macro SYSTOLE_F64. is_quantized: bit 0 y, bit 1 x. Macros TYPE0, TYPE1
// and strides: what is known beforehand of y and x.
#ifndef TYPE0
#define TYPE0 p.type[0]
#define TYPE1 p.type[1]
#define QUANTIZED p.is_quantized
#define STRIDE0 p.stride[0][p.rank - 1]
#define STRIDE1 p.stride[1][p.rank - 1]
#endif

// Towards zero, saturated; NaN gives zero. The bits are those of an u64 for that type.
FUNCTION long truncated(REAL value, int type) {
  const int is_signed = is_signed_type(type), bits = bits_of_type(type);
  const REAL high = (REAL)((ulong)1 << (bits - 1)) * (is_signed ? (REAL)1 : (REAL)2);
  const REAL whole = trunc(value), low = is_signed ? -high : (REAL)0;
  if (value != value) return 0;
  if (whole >= high) return (long)(is_signed ? ((ulong)1 << (bits - 1)) - 1 : bits == 64 ? ~(ulong)0 : ((ulong)1 << bits) - 1);
  if (whole < low) return is_signed ? (long)(~(ulong)0 << (bits - 1)) : 0;
  return is_signed ? (long)whole : (long)(ulong)whole;
}

FUNCTION void store_number(GLOBAL uchar* y, long at, int type, int is_quantized, GpuQuant quant, REAL value) {
  if (is_float_type(type)) STORE_REAL(y, at, type, value);
  else if (type == GPU_BOOL) y[at] = value != (REAL)0;
  else if (is_quantized) store_i64(y, at, type, saturate_round((float)value / quant.scale, quant.zero, type));
  else store_i64(y, at, type, truncated(value, type));
}

KERNEL cast(GLOBAL uchar* y, long y_at, GLOBAL const uchar* x, long x_at, GLOBAL const uchar* constants,
            long constants_at, const ElementParams p) {
  ElementPlace place;
  if (GLOBAL_ID(0) >= p.items) return;
  element_place(&p, GLOBAL_ID(0), 2, &place);
  y += y_at;
  x += x_at;
  constants += constants_at;
  // Entries that differ along the run are read in it.
  const int inner = p.rank - 1;
  GpuQuant quant = {1.0f, 0}, from_quant = {1.0f, 0};
  if (QUANTIZED & 1) quant = quant_at(&p, &place, constants, 0, 0);
  if (QUANTIZED & 2) from_quant = quant_at(&p, &place, constants, 1, 0);
  for (long j = 0; j < place.count; ++j) {
    const long from = place.at[1] + j * STRIDE1, to = place.at[0] + j * STRIDE0;
    if ((QUANTIZED & 1) && p.quant_axis[0] == inner) quant = quant_at(&p, &place, constants, 0, j);
    if (is_float_type(TYPE1)) {
      store_number(y, to, TYPE0, QUANTIZED & 1, quant, LOAD_REAL(x, from, TYPE1));
    } else {
      const long stored = load_i64(x, from, TYPE1);
      if (QUANTIZED & 2) {
        if (p.quant_axis[1] == inner) from_quant = quant_at(&p, &place, constants, 1, j);
        const float value = bits_of_type(TYPE1) <= 16 ? (float)((int)stored - from_quant.zero) * from_quant.scale
                                                      : (float)(stored - from_quant.zero) * from_quant.scale;
        store_number(y, to, TYPE0, QUANTIZED & 1, quant, (REAL)value);
#ifdef SYSTOLE_F64
      } else if (TYPE0 == GPU_F64) {
        AT(y, to, double) = TYPE1 == GPU_U64 ? (double)(ulong)stored : (double)stored;
#endif
      } else if (is_float_type(TYPE0) || (QUANTIZED & 1)) {
        const float value = TYPE1 == GPU_U64 ? (float)(ulong)stored : (float)stored;
        store_number(y, to, TYPE0, QUANTIZED & 1, quant, (REAL)value);
      } else {
        store_i64(y, to, TYPE0, TYPE0 == GPU_BOOL ? stored != 0 : stored);
      }
    }
  }
}
