// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <type_traits>

#include "devices/ref/elements.h"
#include "devices/ref/kernels.h"

namespace systole::ref {
namespace {

// Calls inside(index into the plane) for the window's positions inside x; returns how many lie in the padded image.
template <typename Inside>
int64_t for_window(const Pool& op, int64_t h, int64_t w, int64_t oh, int64_t ow, Inside inside) {
  int64_t padded = 0;
  for (int64_t kh = 0; kh < op.kernel_h; ++kh) {
    int64_t row = oh * op.stride_h + kh * op.dilation_h - op.pad_top;
    for (int64_t kw = 0; kw < op.kernel_w; ++kw) {
      int64_t column = ow * op.stride_w + kw * op.dilation_w - op.pad_left;
      padded += row < h + op.pad_bottom && column < w + op.pad_right;
      if (row >= 0 && row < h && column >= 0 && column < w) inside(row * w + column);
    }
  }
  return padded;
}

template <typename T>
T largest(const Pool& op, const T* plane, int64_t h, int64_t w, int64_t oh, int64_t ow) {
  T best = std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
  for_window(op, h, w, oh, ow, [&](int64_t i) {
    if (plane[i] > best || plane[i] != plane[i]) best = plane[i];
  });
  return best;
}

template <typename T>
T average(const Pool& op, const T* plane, int64_t h, int64_t w, int64_t oh, int64_t ow, const TensorDesc& x,
          const TensorDesc& y) {
  int64_t inside = 0;
  if constexpr (std::is_floating_point_v<T>) {
    T sum = 0;
    int64_t padded = for_window(op, h, w, oh, ow, [&](int64_t i) { sum += plane[i], ++inside; });
    return sum / static_cast<T>(op.count_include_pad ? padded : inside);
  } else {
    int32_t zero_x = x.quant->zero_point[0], zero_y = y.quant->zero_point[0];
    int64_t sum = 0;
    int64_t padded =
        for_window(op, h, w, oh, ow, [&](int64_t i) { sum += static_cast<int64_t>(plane[i]) - zero_x, ++inside; });
    float factor = x.quant->scale[0] / y.quant->scale[0] / static_cast<float>(op.count_include_pad ? padded : inside);
    return static_cast<T>(saturate_round(static_cast<float>(sum) * factor, zero_y, y.dtype));
  }
}

}  // namespace

void run(const Pool& op, Tensors inputs, const HostTensor& y) {
  const TensorDesc& x = *inputs[0].desc;
  with_domain(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> values = gather<T>(inputs[0]);
    std::vector<T> out;
    int64_t h = x.shape[2], w = x.shape[3];
    for (int64_t plane = 0; plane < x.shape[0] * x.shape[1]; ++plane) {
      const T* p = values.data() + plane * h * w;
      for (int64_t oh = 0; oh < y.desc->shape[2]; ++oh) {
        for (int64_t ow = 0; ow < y.desc->shape[3]; ++ow) {
          out.push_back(op.kind == PoolKind::kMax ? largest(op, p, h, w, oh, ow)
                                                  : average(op, p, h, w, oh, ow, x, *y.desc));
        }
      }
    }
    scatter(y, out);
  });
}

}  // namespace systole::ref
