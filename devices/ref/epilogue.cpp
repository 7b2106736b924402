// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/ref/epilogue.h"

#include <algorithm>
#include <type_traits>

#include "hal/numeric/requantize.h"

namespace systole::ref {
namespace {

template <typename T>
void store_floats(const Epilogue& epilogue, Tensors inputs, const HostTensor& y, std::vector<T>& sums, int64_t inner,
                  int64_t channels) {
  std::vector<T> bias, residual;
  size_t next = 2;
  if (epilogue.bias) bias = gather<T>(inputs[next++]);
  if (epilogue.residual) residual = gather<T>(inputs[next]);
  const Quantization* weights = inputs[1].desc->quant.get();  // of integer weights
  for (size_t i = 0; i < sums.size(); ++i) {
    const size_t channel = i / static_cast<size_t>(inner) % static_cast<size_t>(channels);
    T value = sums[i];
    if (weights) value *= static_cast<T>(weights->scale[weights->per_channel() ? channel : 0]);
    if (epilogue.bias) value += bias[channel];
    if (epilogue.residual) value += residual[i];
    sums[i] = activate(value, epilogue.activation, epilogue.clip_lo, epilogue.clip_hi);
  }
  scatter(y, sums);
}

int32_t as_i32(uint32_t bits) { return static_cast<int32_t>(bits); }

// Before the zero point.
int64_t requantized(int32_t sum, RequantMode mode, float x_scale, float w_scale, float y_scale) {
  if (mode == RequantMode::kTflite)
    return numeric::requantize_tflite(sum, numeric::tflite_multiplier(x_scale, w_scale, y_scale));
  return numeric::requantize_onnx(sum, numeric::onnx_multiplier(x_scale, w_scale, y_scale));
}

void store_integers(const Epilogue& epilogue, Tensors inputs, const HostTensor& y, const std::vector<uint32_t>& sums,
                    int64_t inner, int64_t channels) {
  std::vector<int32_t> bias(static_cast<size_t>(channels), 0);
  if (epilogue.bias) bias = gather<int32_t>(inputs[2]);
  std::vector<int32_t> values(sums.size());
  auto channel = [&](size_t i) { return i / static_cast<size_t>(inner) % static_cast<size_t>(channels); };
  for (size_t i = 0; i < sums.size(); ++i) values[i] = as_i32(sums[i] + static_cast<uint32_t>(bias[channel(i)]));
  if (y.desc->dtype != DType::kI32) {
    const Quantization &qx = *inputs[0].desc->quant, &qw = *inputs[1].desc->quant, &qy = *y.desc->quant;
    IntegerRange clamp = clamp_range(*y.desc, epilogue.activation, epilogue.clip_lo, epilogue.clip_hi);
    for (size_t i = 0; i < values.size(); ++i) {
      float weight_scale = qw.scale[qw.per_channel() ? channel(i) : 0];
      int64_t q = requantized(values[i], epilogue.requant, qx.scale[0], weight_scale, qy.scale[0]) + qy.zero_point[0];
      values[i] = static_cast<int32_t>(std::clamp(q, clamp.low, clamp.high));
    }
  }
  scatter(y, values);
}

}  // namespace

IntegerRange clamp_range(const TensorDesc& y, Activation activation, float low, float high) {
  IntegerRange range = integer_range(y.dtype);
  float scale = y.quant->scale[0];
  int32_t zero = y.quant->zero_point[0];
  if (activation == Activation::kRelu) range.low = std::max(range.low, saturate_round(0.0f, zero, y.dtype));
  if (activation == Activation::kClip) {
    range.low = saturate_round(low / scale, zero, y.dtype);
    range.high = saturate_round(high / scale, zero, y.dtype);
  }
  return range;
}

template <typename T>
void store_sums(const Epilogue& epilogue, Tensors inputs, const HostTensor& y, std::vector<T> sums, int64_t inner,
                int64_t channels) {
  if constexpr (std::is_floating_point_v<T>) {
    store_floats(epilogue, inputs, y, sums, inner, channels);
  } else {
    store_integers(epilogue, inputs, y, sums, inner, channels);
  }
}

template void store_sums<float>(const Epilogue&, Tensors, const HostTensor&, std::vector<float>, int64_t, int64_t);
template void store_sums<double>(const Epilogue&, Tensors, const HostTensor&, std::vector<double>, int64_t, int64_t);
template void store_sums<uint32_t>(const Epilogue&, Tensors, const HostTensor&, std::vector<uint32_t>, int64_t,
                                   int64_t);

}  // namespace systole::ref
