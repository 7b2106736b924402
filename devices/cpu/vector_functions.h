// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Elementary functions of vectors of floats, and rows of them. For the files of tile_loops.h: internal linkage, and
// kLanes, Vector, load_some, store_some, reciprocal, least and greatest come from before. Errors and edges are those of
// exponential.h.
#include "devices/cpu/tile.h"

namespace systole::cpu {
namespace {

typedef int32_t Integers __attribute__((vector_size(kLanes * 4), may_alias));

// f(0), f(1), ... f(kCount - 1), written out: arrays of vectors that only such loops touch stay in registers.
template <int kCount, typename F>
inline __attribute__((always_inline)) void repeat(F f) {
  [&]<int... kIndex>(std::integer_sequence<int, kIndex...>) __attribute__((always_inline)) { (f(kIndex), ...); }
  (std::make_integer_sequence<int, kCount>{});
}
#define SYSTOLE_EACH(index) [&](int index) __attribute__((always_inline))

inline Vector all(float value) { return value - Vector{}; }
inline Vector load(const float* from) { return *reinterpret_cast<const Vector*>(from); }
inline void store(float* to, Vector value) { *reinterpret_cast<Vector*>(to) = value; }
inline Vector smaller(Vector a, Vector b) { return least(b, a); }  // a where either is NaN
inline Vector larger(Vector a, Vector b) { return greatest(b, a); }

inline Vector two_to_the(Integers exponent) { return reinterpret_cast<Vector>((exponent + 127) << 23); }

struct Exponential {
  Vector mantissa;  // in [0.7, 1.42]
  Integers power;
};
// Cody and Waite's reduction to |r| <= ln(2)/2, then the Taylor polynomial of degree 7; |x| below 106.
inline Exponential exp_parts(Vector x) {
  const Vector snap = all(12582912.0f);  // 1.5 * 2^23
  const Vector n = (x * 1.44269504088896341f + snap) - snap;
  const Vector r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Vector p = all(1.0f / 5040.0f);
  for (float coefficient : {1.0f / 720.0f, 1.0f / 120.0f, 1.0f / 24.0f, 1.0f / 6.0f, 0.5f}) p = p * r + coefficient;
  return {p * r * r + r + 1.0f, __builtin_convertvector(n, Integers)};
}

inline Vector exp_of(Vector x) {
  const Exponential e = exp_parts(larger(smaller(x, all(89.0f)), all(-105.0f)));
  const Integers half = e.power >> 1;  // 2^n in two factors: n may be below -126 or 128
  const Vector y = e.mantissa * two_to_the(half) * two_to_the(e.power - half);
  return x == x ? y : x;
}

// |x| at most 87.4, where e^x is a normal number. NaN stays: its power converts to one that shifts to zero.
inline Vector exp_of_normal(Vector x) {
  const Exponential e = exp_parts(x);
  return reinterpret_cast<Vector>(reinterpret_cast<Integers>(e.mantissa) + (e.power << 23));
}

// For softmax: x <= 0. 0 below -87; NaN stays.
inline Vector exp_of_nonpositive(Vector x) { return x < -87.0f ? Vector{} : exp_of_normal(larger(x, all(-87.0f))); }

// 0 below -87.3, where e^-x would leave the normal numbers.
inline Vector sigmoid_of(Vector x) {
  const Vector y = reciprocal(1.0f + exp_of_normal(smaller(-x, all(87.3f))));
  return x < -87.3f ? Vector{} : y;
}

inline Vector rational(Vector x, std::initializer_list<float> numerator, std::initializer_list<float> denominator) {
  const Vector square = x * x;
  Vector p = {}, q = {};
  for (float coefficient : numerator) p = p * square + coefficient;
  for (float coefficient : denominator) q = q * square + coefficient;
  const Vector y = x * p * reciprocal(q);
  return larger(smaller(y, all(1.0f)), all(-1.0f));
}

inline Vector erf_of(Vector value) {
  const Vector x = larger(smaller(value, all(4.0f)), all(-4.0f));
  return rational(x,
                  {-2.72614225801306e-10f, 2.77068142495902e-08f, -2.10102402082508e-06f, -5.69250639462346e-05f,
                   -7.34990630326855e-04f, -2.95459980854025e-03f, -1.60960333262415e-02f},
                  {-1.45660718464996e-05f, -2.13374055278905e-04f, -1.68282697438203e-03f, -7.37332916720468e-03f,
                   -1.42647390514189e-02f});
}

inline Vector tanh_of(Vector value) {
  const Vector x = larger(smaller(value, all(7.99f)), all(-7.99f));
  const Vector y =
      rational(x,
               {-2.76076847742355e-16f, 2.00018790482477e-13f, -8.60467152213735e-11f, 5.12229709037114e-08f,
                1.48572235717979e-05f, 6.37261928875436e-04f, 4.89352455891786e-03f},
               {1.19825839466702e-06f, 1.18534705686654e-04f, 2.26843463243900e-03f, 4.89352518554385e-03f});
  return (value < 4e-4f) & (value > -4e-4f) ? value : y;
}

template <typename F>
inline void over_row(float* row, int64_t count, F f) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(row + i, f(load(row + i)));
  if (i < count) {
    const int rest = static_cast<int>(count - i);
    store_some(row + i, f(load_some(row + i, rest)), rest);
  }
}

template <typename F>
inline void over_rows(float* row, int64_t rows, int64_t stride, int64_t count, F f) {
  for (int64_t r = 0; r < rows; ++r) over_row(row + r * stride, count, f);
}

bool function_rows(UnaryKind kind, float* row, int64_t rows, int64_t stride, int64_t count) {
  switch (kind) {
    case UnaryKind::kExp:
      over_rows(row, rows, stride, count, [](Vector x) { return exp_of(x); });
      return true;
    case UnaryKind::kSigmoid:
      over_rows(row, rows, stride, count, [](Vector x) { return sigmoid_of(x); });
      return true;
    case UnaryKind::kTanh:
      over_rows(row, rows, stride, count, [](Vector x) { return tanh_of(x); });
      return true;
    case UnaryKind::kErf:
      over_rows(row, rows, stride, count, [](Vector x) { return erf_of(x); });
      return true;
    case UnaryKind::kGeluErf:
      over_rows(row, rows, stride, count,
                [](Vector x) { return 0.5f * x * (1.0f + erf_of(x * 0.70710678118654752440f)); });
      return true;
    case UnaryKind::kGeluTanh:
      over_rows(row, rows, stride, count, [](Vector x) {
        return 0.5f * x * (1.0f + tanh_of(0.79788456080286535588f * (x + 0.044715f * x * x * x)));
      });
      return true;
    case UnaryKind::kSilu:
      over_rows(row, rows, stride, count, [](Vector x) { return x * sigmoid_of(x); });
      return true;
    case UnaryKind::kHardSwish:
      over_rows(row, rows, stride, count,
                [](Vector x) { return x * larger(smaller(x * (1.0f / 6.0f) + 0.5f, all(1.0f)), all(0.0f)); });
      return true;
    default:
      return false;
  }
}

// v folded onto itself by halves until lane 0 holds f of all lanes.
template <typename F>
inline float folded(Vector v, F f) {
  Integers lane;
  repeat<kLanes>(SYSTOLE_EACH(i) { lane[i] = i; });
  for (int half = kLanes / 2; half > 0; half /= 2) v = f(v, __builtin_shuffle(v, lane + half));
  return v[0];
}
inline float sum_of(Vector v) {
  return folded(v, [](Vector a, Vector b) { return a + b; });
}

// NaN aside. The last vector overlaps the one before it.
inline float largest_of(const float* row, int64_t count) {
  if (count < kLanes) {
    float largest = row[0];
    for (int64_t i = 1; i < count; ++i) largest = row[i] > largest ? row[i] : largest;
    return largest;
  }
  Vector most = all(-__builtin_inff());
  for (int64_t i = 0; i + kLanes <= count; i += kLanes) most = larger(most, load(row + i));
  most = larger(most, load(row + count - kLanes));
  return folded(most, [](Vector a, Vector b) { return larger(a, b); });
}

// row := exp(row - max(row)); returns the sum. A NaN or an infinity makes the sum NaN, as it should.
float softmax_row(float* row, int64_t count) {
  float largest = largest_of(row, count);
  if (!(largest > -__builtin_inff())) largest = 0.0f;  // nothing but -inf and NaN
  Vector sums = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Vector e = exp_of_nonpositive(load(row + i) - largest);
    sums += e;
    store(row + i, e);
  }
  if (i < count) {
    const int rest = static_cast<int>(count - i);
    store_some(row + i, exp_of_nonpositive(load_some(row + i, rest) - largest), rest);
    sums += load_some(row + i, rest);
  }
  return sum_of(sums);
}

void scale_row(float* row, int64_t count, float factor) {
  over_row(row, count, [=](Vector x) { return x * factor; });
}

// y := (x - mean) * inverse deviation * scale + bias; without mean for rms. scale and bias may be null; x may be y.
void normalize_row(bool rms, float epsilon, const float* x, const float* scale, const float* bias, int64_t count,
                   float* y) {
  constexpr int kSums = 4;
  auto total = [&](auto term) {
    Vector sums[kSums] = {};
    int64_t i = 0;
    for (; i + kSums * kLanes <= count; i += kSums * kLanes)
      for (int j = 0; j < kSums; ++j) sums[j] += term(load(x + i + j * kLanes));
    for (; i + kLanes <= count; i += kLanes) sums[0] += term(load(x + i));
    float sum = sum_of((sums[0] + sums[1]) + (sums[2] + sums[3]));
    if (i < count) {
      const int rest = static_cast<int>(count - i);
      const Vector last = term(load_some(x + i, rest));
      for (int j = 0; j < rest; ++j) sum += last[j];
    }
    return sum;
  };
  const float n = static_cast<float>(count), mean = rms ? 0.0f : total([](Vector v) { return v; }) / n;
  const float squares = total([=](Vector v) { return (v - mean) * (v - mean); });
  const float inverse = 1.0f / __builtin_sqrtf(squares / n + epsilon);
  for (int64_t i = 0; i < count; i += kLanes) {
    const int rest = static_cast<int>(count - i < kLanes ? count - i : kLanes);
    auto take = [&](const float* from) { return rest == kLanes ? load(from + i) : load_some(from + i, rest); };
    Vector v = (take(x) - mean) * inverse;
    if (scale != nullptr) v *= take(scale);
    if (bias != nullptr) v += take(bias);
    rest == kLanes ? store(y + i, v) : store_some(y + i, v, rest);
  }
}

template <bool kVariesA, bool kVariesB, typename F>
inline void combine_row(const float* a, const float* b, float* y, int64_t count, F f) {
  const Vector one_a = all(*a), one_b = all(*b);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    store(y + i, f(kVariesA ? load(a + i) : one_a, kVariesB ? load(b + i) : one_b));
  if (i == count) return;
  const int rest = static_cast<int>(count - i);
  store_some(y + i, f(kVariesA ? load_some(a + i, rest) : one_a, kVariesB ? load_some(b + i, rest) : one_b), rest);
}

template <typename F>
inline void combine_rows(const RowPairs& p, F f) {
  for (int64_t r = 0; r < p.rows; ++r) {
    const float *a = p.a + r * p.a_step, *b = p.b + r * p.b_step;
    float* y = p.y + r * p.y_step;
    if (p.a_varies && p.b_varies)
      combine_row<true, true>(a, b, y, p.count, f);
    else if (p.a_varies)
      combine_row<true, false>(a, b, y, p.count, f);
    else if (p.b_varies)
      combine_row<false, true>(a, b, y, p.count, f);
    else
      combine_row<false, false>(a, b, y, p.count, f);
  }
}

bool binary_rows(BinaryKind kind, const RowPairs& pair) {
  switch (kind) {
    case BinaryKind::kAdd:
      combine_rows(pair, [](Vector a, Vector b) { return a + b; });
      return true;
    case BinaryKind::kSub:
      combine_rows(pair, [](Vector a, Vector b) { return a - b; });
      return true;
    case BinaryKind::kMul:
      combine_rows(pair, [](Vector a, Vector b) { return a * b; });
      return true;
    case BinaryKind::kDiv:
      combine_rows(pair, [](Vector a, Vector b) { return a / b; });
      return true;
    default:
      return false;
  }
}

// kVectors vectors of channels from `c`; the last may be of `count` channels.
template <int kVectors, bool kMax>
inline void pool_channels(const PoolWindow& p, int64_t c, int count) {
  Vector best[kVectors];
  repeat<kVectors>(SYSTOLE_EACH(v) { best[v] = all(kMax ? -__builtin_inff() : 0.0f); });
  for (int64_t row = 0; row < p.rows; ++row) {
    const float* x = p.x + row * p.row_stride + c;
    for (int64_t column = 0; column < p.columns; ++column, x += p.column_stride) {
      repeat<kVectors>(SYSTOLE_EACH(v) {
        const Vector next = count == kLanes ? load(x + v * kLanes) : load_some(x, count);
        if (kMax)
          best[v] = (next > best[v]) | (next != next) ? next : best[v];
        else
          best[v] += next;
      });
    }
  }
  repeat<kVectors>(SYSTOLE_EACH(v) {
    const Vector y = kMax ? best[v] : best[v] / p.divisor;
    count == kLanes ? store(p.y + c + v * kLanes, y) : store_some(p.y + c, y, count);
  });
}

template <bool kMax>
inline void pool_of(const PoolWindow& p) {
  constexpr int kVectors = 4;
  int64_t c = 0;
  for (; c + kVectors * kLanes <= p.channels; c += kVectors * kLanes) pool_channels<kVectors, kMax>(p, c, kLanes);
  for (; c + kLanes <= p.channels; c += kLanes) pool_channels<1, kMax>(p, c, kLanes);
  if (c < p.channels) pool_channels<1, kMax>(p, c, static_cast<int>(p.channels - c));
}

void pool_window(const PoolWindow& p) { p.max ? pool_of<true>(p) : pool_of<false>(p); }

}  // namespace
}  // namespace systole::cpu
