// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// What becomes of a product's sum: hal/op.h's Epilogue. Offsets of bias, residual and y are from their bases.

FUNCTION int doubling_high_multiply(int a, int b) {
  const long product = (long)a * b, nudge = (long)1 << 30;
  if (a == b && (uint)a == 0x80000000u) return 0x7fffffff;
  return (int)((product + (product >= 0 ? nudge : 1 - nudge)) / ((long)1 << 31));
}
FUNCTION int rounding_divide(int x, int exponent) {
  const int mask = (int)(((long)1 << exponent) - 1), rest = x & mask, threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (rest > threshold ? 1 : 0);
}
// With the zero point, clamped. The clamp comes first where it makes no difference: it keeps numbers small.
FUNCTION int requantized(int sum, int tflite, GpuChannel channel, int zero, int low, int high) {
  if (!tflite) {
    const float value = (float)sum * channel.scale;
    const float number = value != value ? 0.0f : value;
    const float above = fmax(rint(number), (float)(low - zero));
    return (int)fmin(above, (float)(high - zero)) + zero;
  }
  const int left = channel.shift > 0 ? channel.shift : 0, right = channel.shift < 0 ? -channel.shift : 0;
  const long q = (long)rounding_divide(doubling_high_multiply((int)((uint)sum << left), channel.q31), right) + zero;
  return q < low ? low : q > high ? high : (int)q;
}

FUNCTION GpuChannel channel_at(const FinishParams* p, GLOBAL const uchar* constants, long column) {
  return ((GLOBAL const GpuChannel*)constants)[column * p->channel_step];
}

FUNCTION REAL finished_real(const FinishParams* p, REAL value, long column, GLOBAL const uchar* bias,
                            GLOBAL const uchar* residual, long residual_at, GLOBAL const uchar* constants) {
  if (p->has_scale) value *= (REAL)channel_at(p, constants, column).scale;
  if (p->has_bias) value += AT_CONST(bias, column * p->bias_stride, REAL);
  if (p->has_residual) value += LOAD_REAL(residual, residual_at, p->residual_type);
  return activation_of(p->activation, value, p->clip_lo, p->clip_hi);
}

FUNCTION void finish_real(const FinishParams* p, REAL value, long column, GLOBAL const uchar* bias,
                          GLOBAL const uchar* residual, long residual_at, GLOBAL const uchar* constants,
                          GLOBAL uchar* y, long y_at) {
  STORE_REAL(y, y_at, p->y_type, finished_real(p, value, column, bias, residual, residual_at, constants));
}

FUNCTION void finish_integer(const FinishParams* p, uint sum, long column, GLOBAL const uchar* bias,
                             GLOBAL const uchar* constants, GLOBAL uchar* y, long y_at) {
  const uint value = sum + (p->has_bias ? AT_CONST(bias, column * p->bias_stride, uint) : 0u);
  if (p->y_type == GPU_I32) {
    AT(y, y_at, uint) = value;
  } else {
    y[y_at] = (uchar)requantized((int)value, p->tflite, channel_at(p, constants, column), p->y_zero, p->low, p->high);
  }
}
