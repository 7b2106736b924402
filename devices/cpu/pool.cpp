// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <type_traits>

#include "devices/cpu/kernels.h"
#include "devices/cpu/nest.h"
#include "devices/cpu/quantized.h"
#include "devices/cpu/rows.h"
#include "devices/cpu/tile.h"

namespace systole::cpu {
namespace {

// Positions of a window along one axis: the first and last tap inside x, and how many lie in the padded image.
struct Taps {
  int64_t first, last, padded;
};
Taps taps(int64_t out, int64_t extent, int64_t kernel, int64_t stride, int64_t dilation, int64_t before,
          int64_t after) {
  const int64_t start = out * stride - before;
  const int64_t first = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
  const int64_t last = start >= extent ? 0 : std::min(kernel, (extent - 1 - start) / dilation + 1);
  const int64_t padded = start >= extent + after ? 0 : std::min(kernel, (extent + after - 1 - start) / dilation + 1);
  return {first, std::max(first, last), padded};
}

struct Window {
  int64_t n, h, w;  // of the first position
  Taps rows, columns;
  int64_t count() const { return (rows.last - rows.first) * (columns.last - columns.first); }
};

class PoolLoop {
 public:
  PoolLoop(const Pool& op, const TensorDesc& x, const TensorDesc& y) : op_(op), x_(x), y_(y) {}

  int64_t pixels() const { return y_.shape[0] * y_.shape[2] * y_.shape[3]; }

  // One position of y, all channels.
  void pixel(int64_t index, const std::byte* x, std::byte* y) const {
    const Position at = position(index);
    const Window& window = at.window;
    std::byte* out = y + at.y;
    for (int64_t c = 0; c < x_.shape[1]; c += kBlock) {
      const int64_t count = std::min(kBlock, x_.shape[1] - c);
      with_domain(x_.dtype, [&](auto zero) {
        using T = decltype(zero);
        T row[kBlock];
        if (op_.kind == PoolKind::kMax)
          largest(window, x, c, count, row);
        else
          average(window, x, c, count, row);
        store_row(y_.dtype, out + c * y_.strides[1], y_.strides[1], count, row);
      });
    }
  }

  // The same of f32 with adjoining channels: `count` of them from `channel`.
  PoolWindow window(int64_t index, const std::byte* x, std::byte* y, int64_t channel, int64_t count) const {
    const Position at = position(index);
    const Window& w = at.window;
    PoolWindow result;
    result.max = op_.kind == PoolKind::kMax;
    result.x =
        reinterpret_cast<const float*>(x + w.n * x_.strides[0] + (w.h + w.rows.first * op_.dilation_h) * x_.strides[2] +
                                       (w.w + w.columns.first * op_.dilation_w) * x_.strides[3]) +
        channel;
    result.rows = w.rows.last - w.rows.first, result.row_stride = op_.dilation_h * x_.strides[2] / 4;
    result.columns = w.columns.last - w.columns.first, result.column_stride = op_.dilation_w * x_.strides[3] / 4;
    result.channels = count;
    result.divisor = static_cast<float>(divisor(w));
    result.y = reinterpret_cast<float*>(y + at.y) + channel;
    return result;
  }

 private:
  struct Position {
    Window window;
    int64_t y;  // byte offset
  };
  Position position(int64_t index) const {
    const int64_t ow = index % y_.shape[3], oh = index / y_.shape[3] % y_.shape[2],
                  n = index / y_.shape[3] / y_.shape[2];
    return {{n, oh * op_.stride_h - op_.pad_top, ow * op_.stride_w - op_.pad_left,
             taps(oh, x_.shape[2], op_.kernel_h, op_.stride_h, op_.dilation_h, op_.pad_top, op_.pad_bottom),
             taps(ow, x_.shape[3], op_.kernel_w, op_.stride_w, op_.dilation_w, op_.pad_left, op_.pad_right)},
            n * y_.strides[0] + oh * y_.strides[2] + ow * y_.strides[3]};
  }
  int64_t divisor(const Window& window) const {
    return op_.count_include_pad ? window.rows.padded * window.columns.padded : window.count();
  }

  template <typename T, typename Combine>
  void for_taps(const Window& window, const std::byte* x, int64_t c, int64_t count, Combine combine) const {
    T row[kBlock];
    for (int64_t kh = window.rows.first; kh < window.rows.last; ++kh) {
      for (int64_t kw = window.columns.first; kw < window.columns.last; ++kw) {
        const std::byte* position = x + window.n * x_.strides[0] + c * x_.strides[1] +
                                    (window.h + kh * op_.dilation_h) * x_.strides[2] +
                                    (window.w + kw * op_.dilation_w) * x_.strides[3];
        load_row(x_.dtype, position, x_.strides[1], count, row);
        combine(row);
      }
    }
  }

  template <typename T>
  void largest(const Window& window, const std::byte* x, int64_t c, int64_t count, T* best) const {
    std::fill_n(best, count,
                std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest());
    for_taps<T>(window, x, c, count, [&](const T* row) {
      for (int64_t i = 0; i < count; ++i) best[i] = (row[i] > best[i] || row[i] != row[i]) ? row[i] : best[i];
    });
  }

  template <typename T>
  void average(const Window& window, const std::byte* x, int64_t c, int64_t count, T* result) const {
    const int64_t share = divisor(window);
    if constexpr (std::is_floating_point_v<T>) {
      std::fill_n(result, count, T(0));
      for_taps<T>(window, x, c, count, [&](const T* row) {
        for (int64_t i = 0; i < count; ++i) result[i] += row[i];
      });
      for (int64_t i = 0; i < count; ++i) result[i] /= static_cast<T>(share);
    } else {
      int64_t sums[kBlock];
      std::fill_n(sums, count, -window.count() * x_.quant->zero_point[0]);
      for_taps<T>(window, x, c, count, [&](const T* row) {
        for (int64_t i = 0; i < count; ++i) sums[i] += static_cast<int64_t>(row[i]);
      });
      const float factor = x_.quant->scale[0] / y_.quant->scale[0] / static_cast<float>(share);
      const StoredRange range = stored_range(y_.dtype);
      for (int64_t i = 0; i < count; ++i) {
        result[i] =
            static_cast<T>(saturate_round(static_cast<float>(sums[i]) * factor, y_.quant->zero_point[0], range));
      }
    }
  }

  Pool op_;
  TensorDesc x_, y_;
};

}  // namespace

Kernel make_kernel(const Pool& op, const OpCall& call, const Context& context) {
  const TensorDesc &x = call.inputs[0].desc, &y = call.outputs[0].desc;
  PoolLoop loop(op, x, y);
  auto adjoin = [](const TensorDesc& desc) {
    return desc.dtype == DType::kF32 && (desc.shape[1] == 1 || desc.strides[1] == 4);
  };
  if (context.onednn && tile_kernels() && adjoin(x) && adjoin(y)) {
    // Channels are cut where there are fewer positions than threads.
    const int64_t parts = loop.pixels() >= context.workers.threads() ? 1 : context.workers.threads();
    const int64_t share = ((x.shape[1] + parts - 1) / parts + kPanel - 1) / kPanel * kPanel;
    return as_kernel([=](Tensors inputs, const HostTensor& out) {
      const int64_t pixels = loop.pixels(), per_task = parts > 1 ? 1 : y.shape[3];
      context.workers.each((pixels + per_task - 1) / per_task * parts, [&](int64_t task) {
        const int64_t first = task / parts * per_task, channel = task % parts * share;
        for (int64_t i = first; i < std::min(pixels, first + per_task); ++i)
          tile_kernels()->pool_window(
              loop.window(i, inputs[0].data, out.data, channel, std::min(share, x.shape[1] - channel)));
      });
    });
  }
  constexpr int64_t kTask = 16;  // positions
  return as_kernel([=](Tensors inputs, const HostTensor& out) {
    const int64_t pixels = loop.pixels();
    context.workers.each((pixels + kTask - 1) / kTask, [&](int64_t task) {
      for (int64_t i = task * kTask; i < std::min(pixels, (task + 1) * kTask); ++i)
        loop.pixel(i, inputs[0].data, out.data);
    });
  });
}

}  // namespace systole::cpu
