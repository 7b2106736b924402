// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "devices/gpu/lower/product.h"
#include "hal/numeric/requantize.h"

namespace systole::gpu {

int32_t zero_of(const TensorDesc& desc) { return desc.quant && !is_float(desc.dtype) ? desc.quant->zero_point[0] : 0; }

Result<Finish> finish_of(const Epilogue& epilogue, const OpDesc& desc) {
  const TensorDesc &x = desc.inputs[0], &w = desc.inputs[1], &y = desc.outputs[0];
  Finish finish;
  FinishParams& p = finish.params;
  int next = 2;
  if (epilogue.bias) {
    p.has_bias = 1;
    p.bias_stride = desc.inputs[2].strides[0];
    finish.bias = input(next++);
  }
  if (epilogue.residual) {
    const TensorDesc& residual = desc.inputs[static_cast<size_t>(next)];
    if (residual.dtype == DType::kF64 && y.dtype != DType::kF64)
      return Status(Code::kUnsupported, std::string(op_name(desc.op)) + ": a residual of f64 beside sums of f32");
    p.has_residual = 1;
    p.residual_type = type_number(residual.dtype);
    finish.residual = input(next);
  }
  p.activation = static_cast<int>(epilogue.activation);
  p.clip_lo = epilogue.clip_lo;
  p.clip_hi = epilogue.clip_hi;
  p.y_type = type_number(y.dtype);
  p.tflite = epilogue.requant == RequantMode::kTflite;
  p.has_scale = is_float(x.dtype) && !is_float(w.dtype);
  p.channel_step = w.quant && w.quant->per_channel();
  const bool requantizes = !is_float(x.dtype) && y.dtype != DType::kI32;
  if (requantizes) {
    const IntegerRange range = clamp_range(y, epilogue.activation, epilogue.clip_lo, epilogue.clip_hi);
    p.low = static_cast<int>(range.low);
    p.high = static_cast<int>(range.high);
    p.y_zero = y.quant->zero_point[0];
  }
  const size_t channels = w.quant ? w.quant->scale.size() : 1;
  for (size_t i = 0; i < channels; ++i) {
    GpuChannel channel{1.0f, 0, 0, 0};
    if (w.quant) {
      channel.scale = w.quant->scale[i];
      channel.zero = w.quant->zero_point[i];
    }
    if (requantizes) {
      const float x_scale = x.quant->scale[0], y_scale = y.quant->scale[0];
      const numeric::Q31Multiplier q31 = numeric::tflite_multiplier(x_scale, w.quant->scale[i], y_scale);
      channel.scale = numeric::onnx_multiplier(x_scale, w.quant->scale[i], y_scale);
      channel.q31 = q31.q31;
      channel.shift = std::clamp(q31.shift, -31, 31);
    }
    append_constant(finish.constants, channel);
  }
  if (channels == 0) append_constant(finish.constants, GpuChannel{});
  return finish;
}

}  // namespace systole::gpu
