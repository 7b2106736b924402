// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/quantized.h"

#include <cmath>

namespace systole::cpu {
namespace {
constexpr float kUnitScale = 1.0f;
constexpr int32_t kNoZero = 0;
}  // namespace

QuantTable::QuantTable(const TensorDesc& desc)
    : strides(table_strides(desc.shape.size(), desc.quant ? desc.quant->axis : -1, 4)),
      scale(desc.quant ? desc.quant->scale.data() : &kUnitScale),
      zero(desc.quant ? desc.quant->zero_point.data() : &kNoZero),
      present(desc.quant != nullptr) {}

StoredRange stored_range(DType type) {
  if (type == DType::kBool) return {0, 1};
  const int bits = bit_width(type);
  if (is_signed_integer(type)) return {-(int64_t{1} << (bits - 1)), (int64_t{1} << (bits - 1)) - 1};
  return {0, (int64_t{1} << bits) - 1};
}

StoredRange activation_range(const TensorDesc& y, Activation activation, float low, float high) {
  const StoredRange whole = stored_range(y.dtype);
  const float scale = y.quant->scale[0];
  const int32_t zero = y.quant->zero_point[0];
  if (activation == Activation::kRelu) return {saturate_round(0.0f, zero, whole), whole.high};
  if (activation == Activation::kClip)
    return {saturate_round(low / scale, zero, whole), saturate_round(high / scale, zero, whole)};
  return whole;
}

int64_t saturate_round(float value, int32_t zero, StoredRange range) {
  if (std::isnan(value)) return zero;
  const double bounded =
      std::fmin(std::fmax(static_cast<double>(value), -0x1p40), 0x1p40);  // every type saturates beyond
  const double rounded = std::nearbyint(bounded) + zero;
  return static_cast<int64_t>(
      std::fmin(std::fmax(rounded, static_cast<double>(range.low)), static_cast<double>(range.high)));
}

}  // namespace systole::cpu
