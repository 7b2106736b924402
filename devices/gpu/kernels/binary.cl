// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// y[i] = activation(f(a[i], b[i])) in the DOMAIN. Macros KIND, ACTIVATION, TYPE and strides: what is known beforehand.
#ifndef KIND
#define KIND p.kind
#define ACTIVATION p.activation
#define TYPE p.type[1]
#define STRIDE0 p.stride[0][p.rank - 1]
#define STRIDE1 p.stride[1][p.rank - 1]
#define STRIDE2 p.stride[2][p.rank - 1]
#endif
#define FIRST_COMPARISON 11

FUNCTION int compare(int kind, int less, int equal, int greater) {
  switch (kind) {
    case 11: return equal;
    case 12: return less;
    case 13: return less || equal;
    case 14: return greater;
  }
  return greater || equal;
}

FUNCTION REAL binary_of(int kind, REAL a, REAL b) {
  switch (kind) {
    case 0: return a + b;
    case 1: return a - b;
    case 2: return a * b;
    case 3: return a / b;
    case 4: return a != a ? a : (b < a || b != b) ? b : a;
    case 5: return a != a ? a : (b > a || b != b) ? b : a;
    case 6: return pow(a, b);
    case 7: return fmod(a, b);
  }
  return a;
}

#if DOMAIN >= GPU_IN_I64
#if DOMAIN == GPU_IN_I64
#define INTEGER long
#else
#define INTEGER ulong
#endif

FUNCTION long power_of(INTEGER base, INTEGER exponent) {
  ulong result = 1, square = (ulong)base, left = (ulong)exponent;
#if DOMAIN == GPU_IN_I64
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : base) : 0;
#endif
  for (; left != 0; left >>= 1, square *= square)
    if (left & 1) result *= square;
  return (long)result;
}

// Wraps; a division or remainder by zero gives zero; the remainder has the sign of the divisor.
FUNCTION long binary_of_integers(int kind, INTEGER a, INTEGER b) {
  const ulong ua = (ulong)a, ub = (ulong)b;
#if DOMAIN == GPU_IN_I64
  const int minus_one = b == -1;
#else
  const int minus_one = 0;
#endif
  switch (kind) {
    case 0: return (long)(ua + ub);
    case 1: return (long)(ua - ub);
    case 2: return (long)(ua * ub);
    case 3: return b == 0 ? 0 : minus_one ? (long)((ulong)0 - ua) : (long)(a / b);
    case 4: return (long)(b < a ? b : a);
    case 5: return (long)(a < b ? b : a);
    case 6: return power_of(a, b);
    case 7: {
      INTEGER rest;
      if (b == 0 || minus_one) return 0;
      rest = a % b;
#if DOMAIN == GPU_IN_I64
      if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
#endif
      return (long)rest;
    }
    case 8: return (long)(a & b);
    case 9: return (long)(a | b);
    case 10: return (long)(a ^ b);
  }
  return (long)a;
}
#endif

KERNEL binary(GLOBAL uchar* y, long y_at, GLOBAL const uchar* a, long a_at, GLOBAL const uchar* b, long b_at,
              GLOBAL const uchar* constants, long constants_at, const ElementParams p) {
  ElementPlace place;
  if (GLOBAL_ID(0) >= p.items) return;
  element_place(&p, GLOBAL_ID(0), 3, &place);
  y += y_at + place.at[0];
  a += a_at + place.at[1];
  b += b_at + place.at[2];
  constants += constants_at;
  for (long j = 0; j < place.count; ++j) {
    const long to = j * STRIDE0;
#if DOMAIN >= GPU_IN_I64
    const long sa = load_i64(a, j * STRIDE1, TYPE), sb = load_i64(b, j * STRIDE2, TYPE);
    if (KIND >= FIRST_COMPARISON) {
      y[to] = (uchar)compare(KIND, (INTEGER)sa < (INTEGER)sb, sa == sb, (INTEGER)sa > (INTEGER)sb);
#if DOMAIN == GPU_IN_I64
    } else if (p.is_quantized) {
      const GpuQuant qa = quant_at(&p, &place, constants, 1, j), qb = quant_at(&p, &place, constants, 2, j),
                     qy = quant_at(&p, &place, constants, 0, j);
      const float real = (float)binary_of(KIND, (float)(sa - qa.zero) * qa.scale, (float)(sb - qb.zero) * qb.scale);
      store_i64(y, to, TYPE, clamp_i64(saturate_round(real * p.alpha, qy.zero, TYPE), p.low, p.high));
#endif
    } else {
      const INTEGER value = (INTEGER)wrap_to_type(binary_of_integers(KIND, (INTEGER)sa, (INTEGER)sb), TYPE);
      store_i64(y, to, TYPE,
                value < (INTEGER)p.low ? p.low_value : value > (INTEGER)p.high ? p.high_value : (long)value);
    }
#else
    const REAL va = LOAD_REAL(a, j * STRIDE1, TYPE), vb = LOAD_REAL(b, j * STRIDE2, TYPE);
    if (KIND >= FIRST_COMPARISON) y[to] = (uchar)compare(KIND, va < vb, va == vb, va > vb);
    else STORE_REAL(y, to, TYPE, activation_of(ACTIVATION, binary_of(KIND, va, vb), p.alpha, p.beta));
#endif
  }
}
