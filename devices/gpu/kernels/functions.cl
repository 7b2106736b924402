// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The functions of Unary and Activation (their numbers are the enumerators') on one REAL.

#ifdef SYSTOLE_F64
#define erf_of erf
#define tanh_of tanh
#else
// Quotients of polynomials of x that loops vectorise; the NaN that they keep is x.
FUNCTION float erf_of(float value) {
  const float x = value > 4.0f ? 4.0f : value < -4.0f ? -4.0f : value, s = x * x;
  float p = -2.72614225801306e-10f, q = -1.45660718464996e-05f, y;
  p = p * s + 2.77068142495902e-08f;
  p = p * s - 2.10102402082508e-06f;
  p = p * s - 5.69250639462346e-05f;
  p = p * s - 7.34990630326855e-04f;
  p = p * s - 2.95459980854025e-03f;
  p = p * s - 1.60960333262415e-02f;
  q = q * s - 2.13374055278905e-04f;
  q = q * s - 1.68282697438203e-03f;
  q = q * s - 7.37332916720468e-03f;
  q = q * s - 1.42647390514189e-02f;
  y = x * p / q;
  return y > 1.0f ? 1.0f : y < -1.0f ? -1.0f : y;
}
FUNCTION float tanh_of(float value) {
  const float x = value > 7.99f ? 7.99f : value < -7.99f ? -7.99f : value, s = x * x;
  float p = -2.76076847742355e-16f, q = 1.19825839466702e-06f, y;
  p = p * s + 2.00018790482477e-13f;
  p = p * s - 8.60467152213735e-11f;
  p = p * s + 5.12229709037114e-08f;
  p = p * s + 1.48572235717979e-05f;
  p = p * s + 6.37261928875436e-04f;
  p = p * s + 4.89352455891786e-03f;
  q = q * s + 1.18534705686654e-04f;
  q = q * s + 2.26843463243900e-03f;
  q = q * s + 4.89352518554385e-03f;
  y = x * p / q;
  y = y > 1.0f ? 1.0f : y < -1.0f ? -1.0f : y;
  return value < 4e-4f && value > -4e-4f ? value : y;
}
#endif

FUNCTION REAL sigmoid_of(REAL x) { return (REAL)1 / ((REAL)1 + exp(-x)); }
FUNCTION REAL hard_of(REAL x, REAL slope, REAL shift) {
  const REAL line = slope * x + shift;
  const REAL below = line < (REAL)1 ? line : (REAL)1;
  return (REAL)0 < below ? below : (REAL)0;
}
FUNCTION REAL relu_of(REAL x) { return x < (REAL)0 ? (REAL)0 : x; }
FUNCTION REAL clip_of(REAL x, REAL low, REAL high) { return x < low ? low : x > high ? high : x; }
FUNCTION REAL gelu_erf_of(REAL x) { return (REAL)0.5 * x * ((REAL)1 + erf_of(x * (REAL)0.70710678118654752440)); }
FUNCTION REAL gelu_tanh_of(REAL x) {
  return (REAL)0.5 * x * ((REAL)1 + tanh_of((REAL)0.79788456080286535588 * (x + (REAL)0.044715 * x * x * x)));
}
FUNCTION REAL hard_swish_of(REAL x) { return x * hard_of(x, (REAL)1 / (REAL)6, (REAL)0.5); }

FUNCTION REAL unary_of(int kind, REAL x, float low, float high) {
  const REAL alpha = (REAL)low, beta = (REAL)high;
  switch (kind) {
    case 0: return relu_of(x);
    case 1: return clip_of(x, alpha, beta);
    case 2: return -x;
    case 3: return fabs(x);
    case 4: return exp(x);
    case 5: return log(x);
    case 6: return sqrt(x);
    case 7: return (REAL)1 / x;
    case 8: return sigmoid_of(x);
    case 9: return tanh_of(x);
    case 10: return erf_of(x);
    case 11: return gelu_erf_of(x);
    case 12: return gelu_tanh_of(x);
    case 13: return x * sigmoid_of(x);
    case 14: return hard_of(x, alpha, beta);
    case 15: return hard_swish_of(x);
    case 16: return x < (REAL)0 ? alpha * x : x;
    case 17: return floor(x);
    case 18: return ceil(x);
    case 19: return rint(x);
    case 20: return x > (REAL)0 ? (REAL)1 : x < (REAL)0 ? (REAL)-1 : x;
  }
  return x;
}

FUNCTION REAL activation_of(int kind, REAL x, float low, float high) {
  switch (kind) {
    case 1: return relu_of(x);
    case 2: return clip_of(x, (REAL)low, (REAL)high);
    case 3: return sigmoid_of(x);
    case 4: return tanh_of(x);
    case 5: return gelu_erf_of(x);
    case 6: return gelu_tanh_of(x);
    case 7: return x * sigmoid_of(x);
    case 8: return hard_swish_of(x);
  }
  return x;
}
