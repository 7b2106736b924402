// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Operands of matmul and conv2d as the type their sums have.
#pragma once

#include <type_traits>
#include <vector>

#include "devices/ref/elements.h"

namespace systole::ref {

// A 4-bit tensor as row-major i8.
inline std::vector<std::byte> unpacked(const std::byte* data, const TensorDesc& desc) {
  std::vector<std::byte> bytes;
  for (int32_t value : gather<int32_t>(data, desc)) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

// T: float, double, or uint32_t for integers, whose sums wrap. `order` of axes as in permuted(); zero points
// subtracted.
template <typename T>
std::vector<T> factors(const std::byte* data, const TensorDesc& desc, const std::vector<size_t>& order) {
  if (bit_width(desc.dtype) < 8 && order.back() + 1 != order.size()) {  // packed along the axis that is last as it lies
    const std::vector<std::byte> bytes = unpacked(data, desc);
    const TensorDesc wide = row_major(DType::kI8, desc.shape, desc.quant);
    return factors<T>(bytes.data(), wide, order);
  }
  TensorDesc view = permuted(desc, order);
  if constexpr (std::is_floating_point_v<T>) {
    if (is_float(desc.dtype)) return gather<T>(data, view);
    const std::vector<int32_t> stored = gather<int32_t>(data, view);
    return {stored.begin(), stored.end()};  // the scale comes after the sum
  } else {
    std::vector<int32_t> stored = gather<int32_t>(data, view);
    if (desc.quant && desc.quant->per_channel()) {
      int axis = 0;
      while (order[static_cast<size_t>(axis)] != static_cast<size_t>(desc.quant->axis)) ++axis;
      auto quant = std::make_shared<Quantization>(*desc.quant);
      quant->axis = axis;
      view.quant = quant;
    } else {
      view.quant = desc.quant;
    }
    ScaleAt at(view);
    std::vector<T> values(stored.size());
    for (size_t i = 0; i < stored.size(); ++i) values[i] = static_cast<T>(stored[i] - at.zero(static_cast<int64_t>(i)));
    return values;
  }
}

// y[j] += scalar * row[j]: the inner loop, over columns or channels, never over the summed index.
template <typename T>
inline void add_scaled(T* __restrict y, const T* __restrict row, T scalar, int64_t count) {
  for (int64_t j = 0; j < count; ++j) y[j] += scalar * row[j];
}

}  // namespace systole::ref
