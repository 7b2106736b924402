// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// y[i] = f(x[i]) in the DOMAIN. Macros KIND, TYPE, STRIDE0, STRIDE1: what is known beforehand.
#ifndef KIND
#define KIND p.kind
#define TYPE p.type[0]
#define STRIDE0 p.stride[0][p.rank - 1]
#define STRIDE1 p.stride[1][p.rank - 1]
#endif

#if DOMAIN == GPU_IN_I64
// On the stored value less its zero point.
FUNCTION long unary_of_quantized(const ElementParams* p, long stored, GpuQuant quant, int type) {
  long value = stored - quant.zero;
  switch (p->kind) {
    case 0: value = value < 0 ? 0 : value; break;
    case 1:
      return clamp_i64(stored, saturate_round(p->alpha / quant.scale, quant.zero, type),
                       saturate_round(p->beta / quant.scale, quant.zero, type));
    case 2: value = -value; break;
    case 3: value = value < 0 ? -value : value; break;
  }
  return clamp_i64(value + quant.zero, lowest_of_type(type), highest_of_type(type));
}
#endif

#if DOMAIN >= GPU_IN_I64
// INTEGER: long or ulong.
#if DOMAIN == GPU_IN_I64
#define INTEGER long
#else
#define INTEGER ulong
#endif
FUNCTION long unary_of_integer(const ElementParams* p, INTEGER value) {
  switch (p->kind) {
    case 1:
      if (value < (INTEGER)p->low) return p->low_value;
      if (value > (INTEGER)p->high) return p->high_value;
      return (long)value;
    case 2: return (long)((ulong)0 - (ulong)value);
#if DOMAIN == GPU_IN_I64
    case 0: return value < 0 ? 0 : value;
    case 3: return value < 0 ? (long)((ulong)0 - (ulong)value) : value;
#endif
  }
  return (long)value;
}
#endif

KERNEL unary(GLOBAL uchar* y, long y_at, GLOBAL const uchar* x, long x_at, GLOBAL const uchar* constants,
             long constants_at, const ElementParams p) {
  ElementPlace place;
  if (GLOBAL_ID(0) >= p.items) return;
  element_place(&p, GLOBAL_ID(0), 2, &place);
  y += y_at + place.at[0];
  x += x_at + place.at[1];
  constants += constants_at;
  for (long j = 0; j < place.count; ++j) {
    const long from = j * STRIDE1, to = j * STRIDE0;
#if DOMAIN >= GPU_IN_I64
    const long stored = load_i64(x, from, TYPE);
    long result;
#if DOMAIN == GPU_IN_I64
    if (TYPE == GPU_BOOL) result = stored == 0;
    else if (p.is_quantized) result = unary_of_quantized(&p, stored, quant_at(&p, &place, constants, 1, j), TYPE);
    else
#endif
      result = unary_of_integer(&p, (INTEGER)stored);
    store_i64(y, to, TYPE, result);
#else
    STORE_REAL(y, to, TYPE, unary_of(KIND, LOAD_REAL(x, from, TYPE), p.alpha, p.beta));
#endif
  }
}
