// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "devices/ref/epilogue.h"
#include "devices/ref/products.h"

namespace systole::ref {
namespace {

struct Extents {
  int64_t n, c, h, w, o, group_c, group_o, kh, kw, oh, ow;
};

Extents extents(const Conv2d& op, Tensors inputs, const HostTensor& y) {
  const Shape &x = inputs[0].desc->shape, &w = inputs[1].desc->shape;
  return {x[0], x[1], x[2], x[3], w[0], w[1], w[0] / op.groups, w[2], w[3], y.desc->shape[2], y.desc->shape[3]};
}

// One position of y for all output channels of a group at a time. x is N,H,W,C; w is KH,KW,C,O; y is N,O,OH,OW.
template <typename T>
void over_channels(const Conv2d& op, const Extents& e, const std::vector<T>& x, const std::vector<T>& w,
                   std::vector<T>& sums) {
  std::vector<T> sum(static_cast<size_t>(e.group_o));
  auto position = [&](int64_t n, int64_t g, int64_t oh, int64_t ow) {
    std::fill(sum.begin(), sum.end(), T(0));
    for (int64_t kh = 0; kh < e.kh; ++kh) {
      int64_t h = oh * op.stride_h + kh * op.dilation_h - op.pad_top;
      if (h < 0 || h >= e.h) continue;
      for (int64_t kw = 0; kw < e.kw; ++kw) {
        int64_t v = ow * op.stride_w + kw * op.dilation_w - op.pad_left;
        if (v < 0 || v >= e.w) continue;
        const T* pixel = x.data() + ((n * e.h + h) * e.w + v) * e.c + g * e.group_c;
        const T* taps = w.data() + (kh * e.kw + kw) * e.group_c * e.o + g * e.group_o;
        for (int64_t c = 0; c < e.group_c; ++c) add_scaled(sum.data(), taps + c * e.o, pixel[c], e.group_o);
      }
    }
    for (int64_t o = 0; o < e.group_o; ++o) {
      sums[static_cast<size_t>(((n * e.o + g * e.group_o + o) * e.oh + oh) * e.ow + ow)] = sum[static_cast<size_t>(o)];
    }
  };
  for (int64_t n = 0; n < e.n; ++n) {
    for (int64_t g = 0; g < op.groups; ++g) {
      for (int64_t oh = 0; oh < e.oh; ++oh) {
        for (int64_t ow = 0; ow < e.ow; ++ow) position(n, g, oh, ow);
      }
    }
  }
}

// One row of y at a time, for groups of few channels. x is N,C,H,W; w is O,C,KH,KW.
template <typename T>
void over_columns(const Conv2d& op, const Extents& e, const std::vector<T>& x, const std::vector<T>& w,
                  std::vector<T>& sums) {
  auto row = [&](int64_t n, int64_t o, int64_t oh) {
    T* sum = sums.data() + ((n * e.o + o) * e.oh + oh) * e.ow;
    int64_t first_c = o / e.group_o * e.group_c;
    for (int64_t kh = 0; kh < e.kh; ++kh) {
      int64_t h = oh * op.stride_h + kh * op.dilation_h - op.pad_top;
      if (h < 0 || h >= e.h) continue;
      for (int64_t kw = 0; kw < e.kw; ++kw) {
        int64_t shift = kw * op.dilation_w - op.pad_left;
        int64_t begin = shift >= 0 ? 0 : (-shift + op.stride_w - 1) / op.stride_w;
        int64_t end = e.w - 1 - shift < 0 ? 0 : std::min(e.ow, (e.w - 1 - shift) / op.stride_w + 1);
        for (int64_t c = 0; c < e.group_c; ++c) {
          T tap = w[static_cast<size_t>(((o * e.group_c + c) * e.kh + kh) * e.kw + kw)];
          const T* line = x.data() + ((n * e.c + first_c + c) * e.h + h) * e.w + shift;
          for (int64_t ow = begin; ow < end; ++ow) sum[ow] += line[ow * op.stride_w] * tap;
        }
      }
    }
  };
  for (int64_t n = 0; n < e.n; ++n) {
    for (int64_t o = 0; o < e.o; ++o) {
      for (int64_t oh = 0; oh < e.oh; ++oh) row(n, o, oh);
    }
  }
}

template <typename T>
void convolve(const Conv2d& op, Tensors inputs, const HostTensor& y) {
  constexpr int64_t kFewChannels = 8;  // below, a row of y is the longer vector
  Extents e = extents(op, inputs, y);
  std::vector<T> sums(static_cast<size_t>(y.desc->elements()), T(0));
  if (e.group_o >= kFewChannels) {
    over_channels(op, e, factors<T>(inputs[0].data, *inputs[0].desc, {0, 2, 3, 1}),
                  factors<T>(inputs[1].data, *inputs[1].desc, {2, 3, 1, 0}), sums);
  } else {
    over_columns(op, e, factors<T>(inputs[0].data, *inputs[0].desc, {0, 1, 2, 3}),
                 factors<T>(inputs[1].data, *inputs[1].desc, {0, 1, 2, 3}), sums);
  }
  store_sums(op.epilogue, inputs, y, std::move(sums), e.oh * e.ow, e.o);
}

}  // namespace

void run(const Conv2d& op, Tensors inputs, const HostTensor& y) {
  DType type = inputs[0].desc->dtype;
  if (type == DType::kF64) return convolve<double>(op, inputs, y);
  if (is_float(type)) return convolve<float>(op, inputs, y);
  convolve<uint32_t>(op, inputs, y);
}

}  // namespace systole::ref
