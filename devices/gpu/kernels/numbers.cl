// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Elements of every type: their conversions, to the bit those of hal/numeric, and reading and writing them by type.
// Offsets are in bytes, those of 4-bit types in elements.

FUNCTION float half_to_float(uint h) {
  const uint sign = (h & 0x8000u) << 16, exponent = (h >> 10) & 0x1fu, mantissa = h & 0x3ffu;
  const float tiny = (float)(int)mantissa * 5.9604644775390625e-8f;  // 2^-24
  const uint bits = exponent == 31u  ? 0x7f800000u | mantissa << 13
                    : exponent != 0u ? (exponent + 112u) << 23 | mantissa << 13
                                     : AS_UINT(tiny);
  return AS_FLOAT(bits | sign);
}

FUNCTION uint float_to_half(float value) {
  const uint bits = AS_UINT(value), sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
  const uint tiny = AS_UINT(AS_FLOAT(magnitude) + 0.5f) - 0x3f000000u;
  const uint normal = (magnitude + 0xfffu + ((magnitude >> 13) & 1u) - 0x38000000u) >> 13;
  const uint result = magnitude > 0x7f800000u    ? 0x7e00u | ((bits >> 13) & 0x3ffu)
                      : magnitude >= 0x477ff000u ? 0x7c00u
                      : magnitude < 0x38800000u  ? tiny
                                                 : normal;
  return sign | result;
}

FUNCTION float bf16_to_float(uint b) { return AS_FLOAT(b << 16); }

FUNCTION uint float_to_bf16(float value) {
  const uint bits = AS_UINT(value);
  return (bits & 0x7fffffffu) > 0x7f800000u ? (bits >> 16) | 0x40u : (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}

// fraction: bits of the mantissa.
FUNCTION float fp8_to_float(uint b, int fraction, int bias) {
  const int mantissa = (int)(b & ((1u << fraction) - 1u)), exponent = (int)(b & 0x7fu) >> fraction;
  const float magnitude = exponent == 0
                              ? (float)mantissa * AS_FLOAT((uint)(128 - bias - fraction) << 23)
                              : AS_FLOAT((uint)(exponent + 127 - bias) << 23 | (uint)mantissa << (23 - fraction));
  return (b & 0x80u) != 0u ? -magnitude : magnitude;
}
FUNCTION float e4m3_to_float(uint b) {
  return (b & 0x7fu) == 0x7fu ? AS_FLOAT(0x7fc00000u) : fp8_to_float(b, 3, 7);
}
FUNCTION float e5m2_to_float(uint b) {
  if ((b & 0x7fu) > 0x7cu) return AS_FLOAT(0x7fc00000u);
  if ((b & 0x7fu) == 0x7cu) return AS_FLOAT((b & 0x80u) << 24 | 0x7f800000u);
  return fp8_to_float(b, 2, 15);
}
FUNCTION uint float_to_fp8(float value, int fraction, int bias, float largest) {
  if (value != value) return 0x7fu;
  const uint sign = (AS_UINT(value) >> 24) & 0x80u;
  const float magnitude = fmin(fabs(value), largest);
  const int implicit = 1 << fraction;
  int exponent = (int)(AS_UINT(magnitude) >> 23) - 127, rounded;
  if (exponent < 1 - bias) exponent = 1 - bias;
  rounded = (int)rint(magnitude * AS_FLOAT((uint)(127 + fraction - exponent) << 23));
  if (rounded == 2 * implicit) {
    rounded >>= 1;
    ++exponent;
  }
  if (rounded < implicit) return sign | (uint)rounded;
  return sign | (uint)(exponent + bias) << fraction | (uint)(rounded - implicit);
}

// An i8 is the integer that it is.
FUNCTION float load_f32(GLOBAL const uchar* base, long offset, int type) {
  switch (type) {
    case GPU_I8: return AT_CONST(base, offset, signed char);
    case GPU_F32: return AT_CONST(base, offset, float);
    case GPU_F16: return half_to_float(AT_CONST(base, offset, ushort));
    case GPU_BF16: return bf16_to_float(AT_CONST(base, offset, ushort));
    case GPU_F8E4M3: return e4m3_to_float(base[offset]);
    case GPU_F8E5M2: return e5m2_to_float(base[offset]);
  }
  return 0.0f;
}

FUNCTION void store_f32(GLOBAL uchar* base, long offset, int type, float value) {
  switch (type) {
    case GPU_F32: AT(base, offset, float) = value; return;
    case GPU_F16: AT(base, offset, ushort) = (ushort)float_to_half(value); return;
    case GPU_BF16: AT(base, offset, ushort) = (ushort)float_to_bf16(value); return;
    case GPU_F8E4M3: base[offset] = (uchar)float_to_fp8(value, 3, 7, 448.0f); return;
    case GPU_F8E5M2: base[offset] = (uchar)float_to_fp8(value, 2, 15, 57344.0f); return;
  }
}

FUNCTION long load_i64(GLOBAL const uchar* base, long offset, int type) {
  switch (type) {
    case GPU_I64:
    case GPU_U64: return AT_CONST(base, offset, long);
    case GPU_I32: return AT_CONST(base, offset, int);
    case GPU_U32: return (long)AT_CONST(base, offset, uint);
    case GPU_I16: return AT_CONST(base, offset, short);
    case GPU_U16: return AT_CONST(base, offset, ushort);
    case GPU_I8: return AT_CONST(base, offset, signed char);
    case GPU_U8:
    case GPU_BOOL: return base[offset];
    case GPU_I4: return (((base[offset >> 1] >> (4 * (offset & 1))) & 15) ^ 8) - 8;
    case GPU_U4: return (base[offset >> 1] >> (4 * (offset & 1))) & 15;
  }
  return 0;
}

// The low bits; neighbours of a 4-bit element stay.
FUNCTION void store_i64(GLOBAL uchar* base, long offset, int type, long value) {
  switch (type) {
    case GPU_I64:
    case GPU_U64: AT(base, offset, long) = value; return;
    case GPU_I32:
    case GPU_U32: AT(base, offset, int) = (int)value; return;
    case GPU_I16:
    case GPU_U16: AT(base, offset, short) = (short)value; return;
    case GPU_I8:
    case GPU_U8:
    case GPU_BOOL: base[offset] = (uchar)value; return;
    case GPU_I4:
    case GPU_U4: {
      const int shift = 4 * (int)(offset & 1);
      base[offset >> 1] = (uchar)((base[offset >> 1] & (0xf0 >> shift)) | (((int)value & 15) << shift));
      return;
    }
  }
}

FUNCTION int is_float_type(int type) { return type <= GPU_F8E5M2; }
FUNCTION int is_signed_type(int type) { return (type >= GPU_I64 && type <= GPU_I8) || type == GPU_I4; }
FUNCTION int bits_of_type(int type) {
  switch (type) {
    case GPU_F64:
    case GPU_I64:
    case GPU_U64: return 64;
    case GPU_F32:
    case GPU_I32:
    case GPU_U32: return 32;
    case GPU_F16:
    case GPU_BF16:
    case GPU_I16:
    case GPU_U16: return 16;
    case GPU_I4:
    case GPU_U4: return 4;
  }
  return 8;
}

// The value as an integer type of less than 64 bits stores it.
FUNCTION long wrap_to_type(long value, int type) {
  const int spare = 64 - bits_of_type(type);
  if (spare == 0 || type == GPU_BOOL) return value;
  return is_signed_type(type) ? (long)((ulong)value << spare) >> spare : (long)(((ulong)value << spare) >> spare);
}

FUNCTION long lowest_of_type(int type) {
  return is_signed_type(type) ? -(long)((ulong)1 << (bits_of_type(type) - 1)) : 0;
}
// Of at most 32 bits.
FUNCTION long highest_of_type(int type) {
  if (type == GPU_BOOL) return 1;
  return (long)((ulong)1 << (bits_of_type(type) - (is_signed_type(type) ? 1 : 0))) - 1;
}
FUNCTION long clamp_i64(long value, long low, long high) { return value < low ? low : value > high ? high : value; }

// Rounded half to even, plus `zero`, saturated; NaN gives `zero`.
FUNCTION long saturate_round(float value, int zero, int type) {
  const float bounded = fmin(fmax(value, -1099511627776.0f), 1099511627776.0f);
  if (value != value) return zero;
  return clamp_i64((long)rint(bounded) + zero, lowest_of_type(type), highest_of_type(type));
}

#ifdef SYSTOLE_F64
// To f32 by rounding to odd, so that a second rounding to a narrower type is the rounding of the double.
FUNCTION float round_to_odd(double value) {
  const float near = (float)value;
  const uint bits = AS_UINT(near);
  if (value != value || (double)near == value) return near;
  return AS_FLOAT((fabs((double)near) > fabs(value) ? bits - 1u : bits) | 1u);
}
FUNCTION double load_f64(GLOBAL const uchar* base, long offset, int type) {
  return type == GPU_F64 ? AT_CONST(base, offset, double) : (double)load_f32(base, offset, type);
}
FUNCTION void store_f64(GLOBAL uchar* base, long offset, int type, double value) {
  if (type == GPU_F64) AT(base, offset, double) = value;
  else if (type == GPU_F32) AT(base, offset, float) = (float)value;
  else store_f32(base, offset, type, round_to_odd(value));
}
#define REAL double
#define LOAD_REAL load_f64
#define STORE_REAL store_f64
#else
#define REAL float
#define LOAD_REAL load_f32
#define STORE_REAL store_f32
#endif
