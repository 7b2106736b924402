// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "devices/cpu/clones.h"
#include "devices/cpu/integer_product.h"

namespace systole::cpu {
namespace {

// sums[i] += (x[i] - zero) * w[i]; exact, since a product needs 18 bits and sums wrap.
SYSTOLE_CPU_CLONES
void add_products_i8(const int8_t* x, int32_t zero, const int16_t* w, int64_t count, int32_t* sums) {
  for (int64_t i = 0; i < count; ++i) {
    sums[i] = static_cast<int32_t>(static_cast<uint32_t>(sums[i]) + static_cast<uint32_t>((x[i] - zero) * w[i]));
  }
}
SYSTOLE_CPU_CLONES
void add_products_u8(const uint8_t* x, int32_t zero, const int16_t* w, int64_t count, int32_t* sums) {
  for (int64_t i = 0; i < count; ++i) {
    sums[i] = static_cast<int32_t>(static_cast<uint32_t>(sums[i]) + static_cast<uint32_t>((x[i] - zero) * w[i]));
  }
}

// A depthwise convolution is one matrix of taps x channels for IntegerWeights, whose own form this reads directly.
class Depthwise final : public OpKernel {
 public:
  Depthwise(const Conv2d& op, const OpCall& call, const Context& context)
      : op_(op),
        context_(context),
        x_(call.inputs[0].desc),
        y_(call.outputs[0].desc),
        kh_(call.inputs[1].desc.shape[2]),
        kw_(call.inputs[1].desc.shape[3]),
        finish_(op.epilogue, x_, call.inputs[1].desc, y_, op.groups),
        weights_(call, shape(op.groups, kh_ * kw_), 1, context.workers.threads(), own_only(context)) {
    zero_ = x_.quant ? x_.quant->zero_point[0] : 0;
    if (op.epilogue.bias) bias_ = Stage(call.inputs[2].desc, DType::kI32, {0});
    if (x_.strides[1] == 1) return;
    stage_ = Stage(x_, x_.dtype, channels_last_order());
    x_.strides = dense_strides(x_.dtype, x_.shape, channels_last_order());
  }

  void pack_frozen(const TensorView& view, const std::byte* data) {
    frozen_ = context_.packs->get(view, "depthwise " + weights_.form(), [&] {
      auto packed = std::make_unique<Packed>(weights_.packed_bytes());
      weights_.pack(data, packed->data());
      return packed;
    });
  }

  Status run(Tensors inputs, Tensors outputs) override {
    const std::byte* packed = frozen_ ? frozen_->data() : nullptr;
    if (packed == nullptr) {
      if (!packed_) packed_ = std::make_unique<Packed>(weights_.packed_bytes());
      weights_.pack(inputs[1].data, packed_->data());
      packed = packed_->data();
    }
    const int16_t* taps = weights_.wide(packed);
    const std::byte* x = stage_(context_.workers, inputs[0].data);
    std::vector<int32_t> none(op_.epilogue.bias ? 0 : static_cast<size_t>(op_.groups), 0);
    const int32_t* bias =
        op_.epilogue.bias ? reinterpret_cast<const int32_t*>(bias_(context_.workers, inputs[2].data)) : none.data();
    const int64_t lines = y_.shape[0] * y_.shape[2];
    context_.workers.each(lines, [&](int64_t line) {
      std::vector<int32_t> sums(static_cast<size_t>(op_.groups));
      for (int64_t ow = 0; ow < y_.shape[3]; ++ow) {
        std::fill(sums.begin(), sums.end(), 0);
        const int64_t n = line / y_.shape[2], oh = line % y_.shape[2];
        position(n, oh, ow, x, taps, sums.data());
        std::byte* y = outputs[0].data + n * y_.strides[0] + oh * y_.strides[2] + ow * y_.strides[3];
        finish_.row(sums.data(), bias, 0, op_.groups, y, y_.strides[1]);
      }
    });
    return {};
  }

 private:
  static WeightShape shape(int64_t channels, int64_t taps) {
    return {1, taps, channels, [=](int64_t, int64_t p, int64_t j) { return j * taps + p; }};
  }
  static Context own_only(Context context) {
    context.onednn_integers = false;
    return context;
  }

  void position(int64_t n, int64_t oh, int64_t ow, const std::byte* x, const int16_t* taps, int32_t* sums) const {
    for (int64_t kh = 0; kh < kh_; ++kh) {
      const int64_t h = oh * op_.stride_h + kh * op_.dilation_h - op_.pad_top;
      if (h < 0 || h >= x_.shape[2]) continue;
      for (int64_t kw = 0; kw < kw_; ++kw) {
        const int64_t w = ow * op_.stride_w + kw * op_.dilation_w - op_.pad_left;
        if (w < 0 || w >= x_.shape[3]) continue;
        const std::byte* pixel = x + n * x_.strides[0] + h * x_.strides[2] + w * x_.strides[3];
        const int16_t* tap = taps + (kh * kw_ + kw) * op_.groups;
        if (x_.dtype == DType::kI8)
          add_products_i8(reinterpret_cast<const int8_t*>(pixel), zero_, tap, op_.groups, sums);
        else
          add_products_u8(reinterpret_cast<const uint8_t*>(pixel), zero_, tap, op_.groups, sums);
      }
    }
  }

  Conv2d op_;
  Context context_;
  TensorDesc x_, y_;
  int64_t kh_, kw_;
  int32_t zero_ = 0;
  IntegerFinish finish_;
  IntegerWeights weights_;
  Stage stage_, bias_;
  std::shared_ptr<const Packed> frozen_;
  std::unique_ptr<Packed> packed_;
};

}  // namespace

Kernel integer_depthwise(const Conv2d& op, const OpCall& call, const Context& context) {
  auto kernel = std::make_unique<Depthwise>(op, call, context);
  if (is_frozen(call.inputs[1])) {
    SYSTOLE_ASSIGN_OR_RETURN(const std::byte* data, host_address(call.inputs[1]));
    kernel->pack_frozen(call.inputs[1], data);
  }
  return std::unique_ptr<OpKernel>(std::move(kernel));
}

}  // namespace systole::cpu
