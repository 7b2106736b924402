// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/npu/compiler/finish.h"

#include <bit>

#include "hal/numeric/requantize.h"

namespace systole::npu {

Finish finish_of(Activation activation, float lo, float hi, const TensorDesc& y) {
  Finish finish;
  switch (activation) {
    case Activation::kNone:
      return finish;
    case Activation::kRelu:
      finish.activation = contract::Activation::kRelu;
      return finish;
    case Activation::kClip:
      break;
    case Activation::kSigmoid:
      finish.function = contract::Function::kSigmoid;
      return finish;
    case Activation::kTanh:
      finish.function = contract::Function::kTanh;
      return finish;
    case Activation::kGeluErf:
      finish.function = contract::Function::kGeluErf;
      return finish;
    case Activation::kGeluTanh:
      finish.function = contract::Function::kGeluTanh;
      return finish;
    case Activation::kSilu:
      finish.function = contract::Function::kSilu;
      return finish;
    case Activation::kHardSwish:
      finish.function = contract::Function::kHardSwish;
      return finish;
  }
  finish.activation = contract::Activation::kClip;
  if (is_float(y.dtype)) {
    finish.clip_lo = std::bit_cast<uint32_t>(lo), finish.clip_hi = std::bit_cast<uint32_t>(hi);
    return finish;
  }
  const int32_t low = y.dtype == DType::kI8 ? -128 : 0, high = y.dtype == DType::kI8 ? 127 : 255;
  const float scale = y.quant->scale[0];
  finish.clip_lo = static_cast<uint32_t>(numeric::quantize(lo, scale, y.quant->zero_point[0], low, high));
  finish.clip_hi = static_cast<uint32_t>(numeric::quantize(hi, scale, y.quant->zero_point[0], low, high));
  return finish;
}

}  // namespace systole::npu
