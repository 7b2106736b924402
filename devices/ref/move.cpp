// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Ops that move and convert: copy, select, fill, cast.
#include <cmath>
#include <limits>
#include <type_traits>

#include "devices/ref/elements.h"
#include "devices/ref/kernels.h"

namespace systole::ref {
namespace {

// Truncates and saturates to a plain integer; NaN gives zero.
uint64_t truncated(double value, DType type) {
  if (std::isnan(value)) return 0;
  value = std::trunc(value);
  bool is_signed = is_signed_integer(type);
  int bits = bit_width(type);
  double high = std::ldexp(1.0, is_signed ? bits - 1 : bits);  // first value beyond
  double low = is_signed ? -high : 0.0;
  if (value < low) value = low;
  if (value >= high) return (is_signed ? uint64_t{1} << (bits - 1) : bits == 64 ? 0 : uint64_t{1} << bits) - 1;
  return is_signed ? static_cast<uint64_t>(static_cast<int64_t>(value)) : static_cast<uint64_t>(value);
}

// A plain number into y.
template <typename T>
void store_number(const HostTensor& y, const std::vector<T>& values) {
  DType type = y.desc->dtype;
  if constexpr (std::is_floating_point_v<T>) {
    if (is_float(type)) return scatter(y, values);
    ScaleAt at(*y.desc);
    std::vector<uint64_t> stored(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      auto index = static_cast<int64_t>(i);
      if (type == DType::kBool) {
        stored[i] = values[i] != T(0);
      } else if (y.desc->quant) {
        stored[i] = static_cast<uint64_t>(
            saturate_round(static_cast<float>(values[i]) / at.scale(index), at.zero(index), type));
      } else {
        stored[i] = truncated(static_cast<double>(values[i]), type);
      }
    }
    return scatter(y, stored);
  } else {
    if (type == DType::kF64) return scatter(y, std::vector<double>(values.begin(), values.end()));
    if (is_float(type) || y.desc->quant) return store_number(y, std::vector<float>(values.begin(), values.end()));
    std::vector<T> stored = values;
    if (type == DType::kBool) {
      for (T& value : stored) value = value != 0;
    }
    scatter(y, stored);
  }
}

}  // namespace

void run(const Copy&, Tensors inputs, const HostTensor& y) {
  scatter_bits(y, gather_bits(inputs[0].data, *inputs[0].desc));
}

void run(const Select&, Tensors inputs, const HostTensor& y) {
  const Shape& shape = y.desc->shape;
  std::vector<uint64_t> condition = gather_bits(inputs[0].data, broadcast_to(*inputs[0].desc, shape));
  std::vector<uint64_t> a = gather_bits(inputs[1].data, broadcast_to(*inputs[1].desc, shape));
  std::vector<uint64_t> b = gather_bits(inputs[2].data, broadcast_to(*inputs[2].desc, shape));
  for (size_t i = 0; i < a.size(); ++i) a[i] = condition[i] != 0 ? a[i] : b[i];
  scatter_bits(y, a);
}

void run(const Fill& op, Tensors, const HostTensor& y) {
  store_number(y, std::vector<double>(static_cast<size_t>(y.desc->elements()), op.value));
}

void run(const Cast&, Tensors inputs, const HostTensor& y) {
  const TensorDesc& x = *inputs[0].desc;
  if (!x.quant) {
    with_domain(x.dtype, [&](auto zero) { store_number(y, gather<decltype(zero)>(inputs[0])); });
    return;
  }
  std::vector<int64_t> stored = gather<int64_t>(inputs[0]);
  ScaleAt at(x);
  std::vector<float> values(stored.size());
  for (size_t i = 0; i < stored.size(); ++i) {
    auto index = static_cast<int64_t>(i);
    values[i] = static_cast<float>(stored[i] - at.zero(index)) * at.scale(index);
  }
  store_number(y, values);
}

}  // namespace systole::ref
