// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The functions of Unary and Activation (their numbers are the enumerators') on one REAL.

FUNCTION REAL sigmoid_of(REAL x) { return (REAL)1 / ((REAL)1 + exp(-x)); }
FUNCTION REAL hard_of(REAL x, REAL slope, REAL shift) {
  const REAL line = slope * x + shift;
  const REAL below = line < (REAL)1 ? line : (REAL)1;
  return (REAL)0 < below ? below : (REAL)0;
}
FUNCTION REAL relu_of(REAL x) { return x < (REAL)0 ? (REAL)0 : x; }
FUNCTION REAL clip_of(REAL x, REAL low, REAL high) { return x < low ? low : x > high ? high : x; }
FUNCTION REAL gelu_erf_of(REAL x) { return (REAL)0.5 * x * ((REAL)1 + erf(x * (REAL)0.70710678118654752440)); }
FUNCTION REAL gelu_tanh_of(REAL x) {
  return (REAL)0.5 * x * ((REAL)1 + tanh((REAL)0.79788456080286535588 * (x + (REAL)0.044715 * x * x * x)));
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
    case 9: return tanh(x);
    case 10: return erf(x);
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
    case 4: return tanh(x);
    case 5: return gelu_erf_of(x);
    case 6: return gelu_tanh_of(x);
    case 7: return x * sigmoid_of(x);
    case 8: return hard_swish_of(x);
  }
  return x;
}
