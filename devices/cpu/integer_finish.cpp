// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/integer_finish.h"

#include "devices/cpu/clones.h"
#include "devices/cpu/rows.h"

namespace systole::cpu {
namespace {

SYSTOLE_CPU_CLONES
void add_bias(int32_t* sums, const int32_t* bias, int64_t count) {
  for (int64_t i = 0; i < count; ++i) sums[i] = numeric::wrapping_add(sums[i], bias[i]);
}

// numeric::requantize_onnx, which saturates to i32 first; 8 bits hide the difference.
SYSTOLE_CPU_CLONES
void requantize_onnx(int32_t* sums, const float* multipliers, int32_t zero, int32_t low, int32_t high, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    sums[i] = saturate_round_narrow(static_cast<float>(sums[i]) * multipliers[i], zero, low, high);
}

SYSTOLE_CPU_CLONES
void requantize_tflite(int32_t* sums, const int32_t* q31, const int32_t* shifts, int32_t zero, int32_t low,
                       int32_t high, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t q = int64_t{numeric::requantize_tflite(sums[i], {q31[i], shifts[i]})} + zero;
    sums[i] = static_cast<int32_t>(q < low ? low : q > high ? high : q);
  }
}

SYSTOLE_CPU_CLONES
void store_bytes(const int32_t* values, int64_t count, uint8_t* y) {
  for (int64_t i = 0; i < count; ++i) y[i] = static_cast<uint8_t>(values[i]);
}

}  // namespace

IntegerFinish::IntegerFinish(const Epilogue& epilogue, const TensorDesc& x, const TensorDesc& w, const TensorDesc& y,
                             int64_t channels)
    : mode_(epilogue.requant), y_(y.dtype) {
  if (y_ == DType::kI32) return;
  const StoredRange range = activation_range(y, epilogue.activation, epilogue.clip_lo, epilogue.clip_hi);
  low_ = static_cast<int32_t>(range.low);
  high_ = static_cast<int32_t>(range.high);
  zero_ = y.quant->zero_point[0];
  for (int64_t c = 0; c < channels; ++c) {
    const float w_scale = w.quant->scale[w.quant->per_channel() ? static_cast<size_t>(c) : 0];
    multipliers_.push_back(numeric::onnx_multiplier(x.quant->scale[0], w_scale, y.quant->scale[0]));
    const numeric::Q31Multiplier m = numeric::tflite_multiplier(x.quant->scale[0], w_scale, y.quant->scale[0]);
    q31_.push_back(m.q31);
    shifts_.push_back(m.shift);
  }
}

void IntegerFinish::row(int32_t* sums, const int32_t* bias, int64_t first, int64_t count, std::byte* y,
                        int64_t stride) const {
  add_bias(sums, bias, count);
  if (y_ == DType::kI32) return store_row(y_, y, stride, count, sums);
  if (mode_ == RequantMode::kOnnx) {
    requantize_onnx(sums, multipliers_.data() + first, zero_, low_, high_, count);
  } else {
    requantize_tflite(sums, q31_.data() + first, shifts_.data() + first, zero_, low_, high_, count);
  }
  if (stride == 1) return store_bytes(sums, count, reinterpret_cast<uint8_t*>(y));
  store_row(y_, y, stride, count, sums);
}

}  // namespace systole::cpu
