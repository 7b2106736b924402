// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "devices/cpu/integer_product.h"

namespace systole::cpu {
namespace {

// Rows of taps in the order kh, kw, c. Channels of x lie side by side.
class ConvRows final : public RowSource {
 public:
  ConvRows(const Conv2d& op, const TensorDesc& x, const Strides& x_strides, const TensorDesc& w, const TensorDesc& y)
      : op_(op),
        x_(x.shape),
        y_(y.shape),
        x_strides_(x_strides),
        y_strides_(y.strides),
        kh_(w.shape[2]),
        kw_(w.shape[3]),
        group_c_(w.shape[1]),
        group_o_(w.shape[0] / op.groups),
        signed_(x.dtype == DType::kI8),
        zero_(x.quant ? x.quant->zero_point[0] : 0) {}

  int64_t rows() const override { return y_[0] * y_[2] * y_[3]; }
  int64_t matrices() const override { return op_.groups; }

  void gather_bytes(const std::byte* x, int64_t matrix, int64_t row, uint8_t* values) const override {
    gather(x, matrix, row, values, static_cast<uint8_t>(zero_), [](uint8_t* to, const std::byte* from, int64_t count) {
      std::memcpy(to, from, static_cast<size_t>(count));
    });
  }
  void gather_wide(const std::byte* x, int64_t matrix, int64_t row, int16_t* values) const override {
    gather(x, matrix, row, values, int16_t{0}, [this](int16_t* to, const std::byte* from, int64_t count) {
      if (signed_) {
        for (int64_t i = 0; i < count; ++i) to[i] = static_cast<int16_t>(static_cast<int8_t>(from[i]) - zero_);
      } else {
        for (int64_t i = 0; i < count; ++i) to[i] = static_cast<int16_t>(static_cast<int>(from[i]) - zero_);
      }
    });
  }

  Target target(int64_t matrix, int64_t row) const override {
    const int64_t ow = row % y_[3], oh = row / y_[3] % y_[2], n = row / y_[3] / y_[2], channel = matrix * group_o_;
    return {n * y_strides_[0] + channel * y_strides_[1] + oh * y_strides_[2] + ow * y_strides_[3], y_strides_[1],
            channel};
  }

 private:
  template <typename S, typename CopyTap>
  void gather(const std::byte* x, int64_t matrix, int64_t row, S* values, S outside, CopyTap copy) const {
    const int64_t ow = row % y_[3], oh = row / y_[3] % y_[2], n = row / y_[3] / y_[2];
    const int64_t left = ow * op_.stride_w - op_.pad_left, line = kw_ * group_c_;
    const bool joined = op_.dilation_w == 1 && x_strides_[3] == group_c_;  // taps of a row lie side by side
    const int64_t first = std::min(kw_, left >= 0 ? 0 : (-left + op_.dilation_w - 1) / op_.dilation_w);
    const int64_t last =
        left >= x_[3] ? first : std::clamp<int64_t>((x_[3] - 1 - left) / op_.dilation_w + 1, first, kw_);
    const std::byte* image = x + n * x_strides_[0] + matrix * group_c_;
    for (int64_t kh = 0; kh < kh_; ++kh, values += line) {
      const int64_t h = oh * op_.stride_h + kh * op_.dilation_h - op_.pad_top;
      if (h < 0 || h >= x_[2] || first == last) {
        std::fill_n(values, line, outside);
        continue;
      }
      std::fill_n(values, first * group_c_, outside);
      std::fill_n(values + last * group_c_, (kw_ - last) * group_c_, outside);
      const std::byte* start = image + h * x_strides_[2] + (left + first * op_.dilation_w) * x_strides_[3];
      if (joined) {
        copy(values + first * group_c_, start, (last - first) * group_c_);
        continue;
      }
      for (int64_t kw = first; kw < last; ++kw)
        copy(values + kw * group_c_, start + (kw - first) * op_.dilation_w * x_strides_[3], group_c_);
    }
  }

  Conv2d op_;
  Shape x_, y_;
  Strides x_strides_, y_strides_;
  int64_t kh_, kw_, group_c_, group_o_;
  bool signed_;
  int32_t zero_;
};

}  // namespace

Kernel integer_conv(const Conv2d& op, const OpCall& call, const Context& context) {
  const TensorDesc &x = call.inputs[0].desc, &w = call.inputs[1].desc, &y = call.outputs[0].desc;
  if (w.shape[1] == 1 && w.shape[0] == op.groups && op.groups > 1) return integer_depthwise(op, call, context);
  Stage stage;
  Strides strides = x.strides;
  if (x.strides[1] != 1 && x.shape[1] != 1) {
    stage = Stage(x, x.dtype, channels_last_order());
    strides = dense_strides(x.dtype, x.shape, channels_last_order());
  }
  const int64_t group_c = w.shape[1], taps = w.shape[2] * w.shape[3], group_o = w.shape[0] / op.groups;
  WeightShape shape{op.groups, group_c * taps, group_o, [=](int64_t group, int64_t p, int64_t j) {
                      return ((group * group_o + j) * group_c + p % group_c) * taps + p / group_c;
                    }};
  return integer_kernel(op.epilogue, call, std::make_unique<ConvRows>(op, x, strides, w, y), std::move(stage),
                        std::move(shape), w.shape[0], context);
}

}  // namespace systole::cpu
