// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// The loops of tile.h over vectors of kLanes floats. Included once by the file of each instruction set, which defines
// kLanes, Vector and the loads and stores of fewer floats than a vector before. Everything has internal linkage, so
// that no other file picks up code of that instruction set.
#include "devices/cpu/tile.h"
#include "devices/cpu/vector_functions.h"

namespace systole::cpu {
namespace {

constexpr int kHalf = kPanel / 2 / kLanes;  // vectors of half a panel

inline Vector clamped(Vector v, float low, float high) { return least(all(high), greatest(all(low), v)); }

inline const float* at(const float* base, int64_t bytes) {
  return reinterpret_cast<const float*>(reinterpret_cast<const char*>(base) + bytes);
}

template <int kRows, int kVectors>
inline __attribute__((always_inline)) void multiply(const Tile& t, Vector (&sums)[kRows][kVectors]) {
  const float* w = t.w;
  const float* ahead = t.ahead;
  const int64_t stride = t.x_stride * 4;
  for (int64_t tap = 0; tap < t.taps; ++tap) {
    // Three rows a base address: as many as the addressing modes reach without a register each.
    const float* x0 = t.x + t.tap_offsets[tap];
    const float *x3 = at(x0, 3 * stride), *x6 = at(x3, 3 * stride), *x9 = at(x6, 3 * stride);
    for (int64_t i = 0; i < t.run; ++i) {
      asm volatile("" : "+r"(x0), "+r"(x3), "+r"(x6), "+r"(x9), "+r"(w));
      Vector right[kVectors];
      repeat<kVectors>(SYSTOLE_EACH(v) { right[v] = load(w + v * kLanes); });
      repeat<kRows>(SYSTOLE_EACH(r) {
        const float* base = r < 3 ? x0 : r < 6 ? x3 : r < 9 ? x6 : x9;
        const float left = *at(base, r % 3 * stride);
        repeat<kVectors>(SYSTOLE_EACH(v) { sums[r][v] += left * right[v]; });
      });
      __builtin_prefetch(ahead, 0, 2);
      ahead += t.ahead_step;
      ++x0, ++x3, ++x6, ++x9;
      w += kVectors * kLanes;
    }
  }
}

// `sums` become what y stores.
template <int kRows, int kVectors>
inline __attribute__((always_inline)) void finish(const Tile& t, Vector (&sums)[kRows][kVectors]) {
  repeat<kVectors>(SYSTOLE_EACH(v) {
    const int first = v * kLanes, count = t.columns - first;
    const bool whole = count >= kLanes;
    auto take = [&](const float* from) { return whole ? load(from) : load_some(from, count < 0 ? 0 : count); };
    if (t.bias) {
      const Vector bias = take(t.bias + first);
      repeat<kRows>(SYSTOLE_EACH(r) { sums[r][v] += bias; });
    }
    if (t.residual) repeat<kRows>(SYSTOLE_EACH(r) { sums[r][v] += take(t.residual + r * t.residual_stride + first); });
    if (t.clamp) repeat<kRows>(SYSTOLE_EACH(r) { sums[r][v] = clamped(sums[r][v], t.low, t.high); });
  });
}

template <int kRows, int kVectors>
inline __attribute__((always_inline)) void write(const Tile& t, const Vector (&sums)[kRows][kVectors]) {
  repeat<kVectors>(SYSTOLE_EACH(v) {
    const int first = v * kLanes, count = t.columns - first;
    if (count >= kLanes)
      repeat<kRows>(SYSTOLE_EACH(r) { store(t.y + r * t.y_stride + first, sums[r][v]); });
    else if (count > 0)
      repeat<kRows>(SYSTOLE_EACH(r) { store_some(t.y + r * t.y_stride + first, sums[r][v], count); });
  });
}

template <int kRows, int kVectors>
void tile_of(const Tile& t) {
  Vector sums[kRows][kVectors];
  repeat<kRows>(SYSTOLE_EACH(r) {
    repeat<kVectors>(SYSTOLE_EACH(v) {
      sums[r][v] = Vector{};
      if (v * kLanes % 16 == 0) __builtin_prefetch(t.y + r * t.y_stride + v * kLanes, 1, 3);
    });
  });
  multiply(t, sums);
  finish(t, sums);
  if (!t.applies) return write(t, sums);
  // Not on y itself: its lines may still be on their way from memory.
  Vector values[kRows][kVectors];
  repeat<kRows>(SYSTOLE_EACH(r) { repeat<kVectors>(SYSTOLE_EACH(v) { values[r][v] = sums[r][v]; }); });
  function_rows(t.function, reinterpret_cast<float*>(values), 1, 0, kRows * kVectors * kLanes);
  write(t, values);
}

template <int kVectors>
void tile_rows(const Tile& t) {
  switch (t.rows) {
#define SYSTOLE_TILE(rows) \
  case rows:               \
    return tile_of<rows, kVectors>(t)
    SYSTOLE_TILE(1);
    SYSTOLE_TILE(2);
    SYSTOLE_TILE(3);
    SYSTOLE_TILE(4);
    SYSTOLE_TILE(5);
    SYSTOLE_TILE(6);
    SYSTOLE_TILE(7);
    SYSTOLE_TILE(8);
    SYSTOLE_TILE(9);
    SYSTOLE_TILE(10);
    SYSTOLE_TILE(11);
    SYSTOLE_TILE(12);
#undef SYSTOLE_TILE
  }
}

void tile(const Tile& t) { t.columns <= kPanel / 2 ? tile_rows<kHalf>(t) : tile_rows<2 * kHalf>(t); }

// kPixels neighbouring positions, kVectors vectors of channels (one may be of `count` channels), the taps [first, last)
// along w.
template <int kPixels, int kVectors, bool kWhole>
inline __attribute__((always_inline)) void depthwise_pixels(const DepthwiseRow& d, int64_t p, int64_t channel,
                                                            int count, int64_t first, int64_t last) {
  auto take = [&](const float* from) { return kWhole ? load(from) : load_some(from, count); };
  Vector sums[kPixels][kVectors];
  repeat<kPixels>(SYSTOLE_EACH(i) { repeat<kVectors>(SYSTOLE_EACH(v) { sums[i][v] = Vector{}; }); });
  const int64_t step = d.stride_w * d.x_pixel;
  for (int64_t kh = d.first_row; kh < d.last_row; ++kh) {
    const float* x = d.x + (d.top + kh * d.dilation_h) * d.x_line +
                     (p * d.stride_w - d.pad_left + first * d.dilation_w) * d.x_pixel + channel;
    const float* w = d.w + (kh * d.kernel_w + first) * d.channels + channel;
    for (int64_t kw = first; kw < last; ++kw, w += d.channels, x += d.dilation_w * d.x_pixel) {
      repeat<kVectors>(SYSTOLE_EACH(v) {
        const Vector weight = take(w + v * kLanes);
        repeat<kPixels>(SYSTOLE_EACH(i) { sums[i][v] += weight * take(x + i * step + v * kLanes); });
      });
    }
  }
  repeat<kVectors>(SYSTOLE_EACH(v) {
    const Vector bias = d.bias ? take(d.bias + channel + v * kLanes) : Vector{};
    repeat<kPixels>(SYSTOLE_EACH(i) {
      Vector sum = sums[i][v] + bias;
      if (d.clamp) sum = clamped(sum, d.low, d.high);
      float* y = d.y + (p + i) * d.y_pixel + channel + v * kLanes;
      kWhole ? store(y, sum) : store_some(y, sum, count);
    });
  });
}

// All channels of kPixels positions: memory is then read in its order. Eight sums at once hide the latency of each.
template <int kPixels>
void depthwise_run(const DepthwiseRow& d, int64_t p, int64_t first, int64_t last) {
  constexpr int kVectors = 8 / kPixels;
  int64_t channel = 0;
  for (; channel + kVectors * kLanes <= d.channels; channel += kVectors * kLanes)
    depthwise_pixels<kPixels, kVectors, true>(d, p, channel, kLanes, first, last);
  for (; channel + kLanes <= d.channels; channel += kLanes)
    depthwise_pixels<kPixels, 1, true>(d, p, channel, kLanes, first, last);
  if (channel < d.channels)
    depthwise_pixels<kPixels, 1, false>(d, p, channel, static_cast<int>(d.channels - channel), first, last);
}

void depthwise(const DepthwiseRow& d) {
  const int64_t reach = (d.kernel_w - 1) * d.dilation_w;
  for (int64_t p = 0; p < d.outputs;) {
    const int64_t start = p * d.stride_w - d.pad_left;
    auto fits = [&](int64_t pixels) {
      return start >= 0 && start + (pixels - 1) * d.stride_w + reach < d.width && p + pixels <= d.outputs;
    };
    if (fits(8)) {
      depthwise_run<8>(d, p, 0, d.kernel_w);
      p += 8;
    } else if (fits(4)) {
      depthwise_run<4>(d, p, 0, d.kernel_w);
      p += 4;
    } else if (fits(2)) {
      depthwise_run<2>(d, p, 0, d.kernel_w);
      p += 2;
    } else {
      int64_t first = 0, last = d.kernel_w;
      while (first < last && start + first * d.dilation_w < 0) ++first;
      while (last > first && start + (last - 1) * d.dilation_w >= d.width) --last;
      depthwise_run<1>(d, p++, first, last);
    }
  }
}

}  // namespace
}  // namespace systole::cpu
