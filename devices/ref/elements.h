// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Any tensor, whatever its type and strides, as a plain row-major vector of numbers, and back.
#pragma once

#include <cstdint>
#include <vector>

#include "hal/host_device.h"

namespace systole::ref {

// T is float or double for float types, int32_t, int64_t or uint64_t for integers and bool. Stored numbers: zero points
// are not subtracted. 4-bit types: only with the packed axis innermost.
template <typename T>
std::vector<T> gather(const std::byte* data, const TensorDesc& desc);
template <typename T>
std::vector<T> gather(const HostTensor& tensor) {
  return gather<T>(tensor.data, *tensor.desc);
}

// Floats round to nearest even, integers wrap.
template <typename T>
void scatter(const HostTensor& tensor, const std::vector<T>& values);

// The stored bits of each element, low bits first.
std::vector<uint64_t> gather_bits(const std::byte* data, const TensorDesc& desc);
void scatter_bits(const HostTensor& tensor, const std::vector<uint64_t>& bits);

// `desc` seen with the axes in another order: axis i of the result is axis order[i].
TensorDesc permuted(const TensorDesc& desc, const std::vector<size_t>& order);
// `desc` seen with a larger shape, NumPy's rules.
TensorDesc broadcast_to(const TensorDesc& desc, const Shape& shape);

// Quantization of element i of a row-major tensor; scale 1 and zero point 0 without.
struct ScaleAt {
  explicit ScaleAt(const TensorDesc& desc);
  float scale(int64_t i) const { return quant_ ? quant_->scale[channel(i)] : 1.0f; }
  int32_t zero(int64_t i) const { return quant_ ? quant_->zero_point[channel(i)] : 0; }

 private:
  size_t channel(int64_t i) const { return static_cast<size_t>(i / inner_ % extent_); }
  const Quantization* quant_;
  int64_t inner_ = 1, extent_ = 1;
};

// The range of an integer type of at most 32 bits, or bool's.
struct IntegerRange {
  int64_t low, high;
};
IntegerRange integer_range(DType type);
// saturate(round_half_even(value) + zero).
int64_t saturate_round(float value, int32_t zero, DType type);

// Calls f with a zero of the type ops compute in: double, float, uint64_t for u64, else int64_t.
template <typename F>
auto with_domain(DType type, F f) {
  if (type == DType::kF64) return f(double{});
  if (is_float(type)) return f(float{});
  if (type == DType::kU64) return f(uint64_t{});
  return f(int64_t{});
}

}  // namespace systole::ref
