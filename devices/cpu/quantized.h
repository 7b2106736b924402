// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Quantization as loops read it: tables of scales and zero points, which are operands of a nest like any other.
#pragma once

#include "devices/cpu/nest.h"
#include "hal/dtype.h"
#include "hal/op.h"

namespace systole::cpu {

struct QuantTable {
  explicit QuantTable(const TensorDesc& desc);
  Strides strides;     // of both tables, 4 bytes an entry
  const float* scale;  // kept alive by the description
  const int32_t* zero;
  bool present;
};

// The scale (or zero point) of element i of a block, by the offset and inner stride of its nest.
inline float scale_at(const QuantTable& table, int64_t offset, int64_t stride, int64_t i) {
  return table.scale[(offset + i * stride) / 4];
}
inline int32_t zero_at(const QuantTable& table, int64_t offset, int64_t stride, int64_t i) {
  return table.zero[(offset + i * stride) / 4];
}

// Stored values that a type of at most 32 bits can hold.
struct StoredRange {
  int64_t low, high;
};
StoredRange stored_range(DType type);
// The range that an activation leaves of a per-tensor quantized y.
StoredRange activation_range(const TensorDesc& y, Activation activation, float low, float high);

// saturate(round_half_even(value) + zero); NaN gives the zero point.
int64_t saturate_round(float value, int32_t zero, StoredRange range);

// The same for types of at most 16 bits, in a form that compilers vectorise.
inline int32_t saturate_round_narrow(float value, int32_t zero, int32_t low, int32_t high) {
  constexpr float kFar = 1048576.0f;    // beyond it every 16-bit result saturates
  constexpr float kSnap = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer, half to even
  float near = value == value ? value : 0.0f;
  near = near < -kFar ? -kFar : near;
  near = near > kFar ? kFar : near;
  const float snapped = near + kSnap;
  const int32_t q = static_cast<int32_t>(snapped - kSnap) + zero;
  return q < low ? low : q > high ? high : q;
}

}  // namespace systole::cpu
