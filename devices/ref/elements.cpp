// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/ref/elements.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <type_traits>

#include "hal/numeric/bf16.h"
#include "hal/numeric/f16.h"
#include "hal/numeric/fp8.h"

namespace systole::ref {
namespace {

// Calls row(byte offset, index of the row's first element) for every innermost row, in row-major order.
template <typename Row>
void for_each_row(const TensorDesc& desc, Row row) {
  if (desc.elements() == 0) return;
  size_t outer = desc.shape.empty() ? 0 : desc.shape.size() - 1;
  int64_t length = desc.shape.empty() ? 1 : desc.shape.back();
  std::vector<int64_t> index(outer, 0);
  int64_t offset = 0;
  for (int64_t first = 0;; first += length) {
    row(offset, first);
    size_t axis = outer;
    while (axis > 0) {
      --axis;
      offset += desc.strides[axis];
      if (++index[axis] < desc.shape[axis]) break;
      offset -= desc.strides[axis] * desc.shape[axis];
      index[axis] = 0;
      if (axis == 0) return;
    }
    if (outer == 0) return;
  }
}

template <typename S>
S load(const std::byte* p) {
  S stored;
  std::memcpy(&stored, p, sizeof stored);
  return stored;
}
template <typename S>
void store(std::byte* p, S stored) {
  std::memcpy(p, &stored, sizeof stored);
}

// To f32 by rounding to odd, so that a second rounding to a narrower type is the rounding of the double.
float round_to_odd(double value) {
  auto near = static_cast<float>(value);
  if (std::isnan(value) || static_cast<double>(near) == value) return near;
  float toward = std::fabs(static_cast<double>(near)) > std::fabs(value) ? std::nextafter(near, 0.0f) : near;
  auto bits = load<uint32_t>(reinterpret_cast<const std::byte*>(&toward)) | 1u;
  return load<float>(reinterpret_cast<const std::byte*>(&bits));
}

template <typename T>
float narrow_source(T value) {
  if constexpr (std::is_same_v<T, double>) return round_to_odd(value);
  return static_cast<float>(value);
}

int nibble(const std::byte* row, int64_t i) {
  int byte = std::to_integer<int>(row[i / 2]);
  return i % 2 == 0 ? byte & 15 : byte >> 4;
}

void set_nibble(std::byte* row, int64_t i, int value) {
  int byte = std::to_integer<int>(row[i / 2]);
  row[i / 2] = std::byte(i % 2 == 0 ? (byte & 0xf0) | (value & 15) : (byte & 15) | (value & 15) << 4);
}

template <typename T, typename S, typename Convert>
void read_as(const std::byte* p, int64_t stride, int64_t count, T* out, Convert convert) {
  for (int64_t i = 0; i < count; ++i) out[i] = static_cast<T>(convert(load<S>(p + i * stride)));
}

template <typename T>
void read_row(DType type, const std::byte* p, int64_t stride, int64_t n, T* out) {
  auto same = [](auto stored) { return stored; };
  auto widen = [](auto stored) { return numeric::to_f32(stored); };
  switch (type) {
    case DType::kF64:
      return read_as<T, double>(p, stride, n, out, same);
    case DType::kF32:
      return read_as<T, float>(p, stride, n, out, same);
    case DType::kF16:
      return read_as<T, numeric::F16>(p, stride, n, out, widen);
    case DType::kBF16:
      return read_as<T, numeric::BF16>(p, stride, n, out, widen);
    case DType::kF8E4M3:
      return read_as<T, numeric::F8E4M3>(p, stride, n, out, widen);
    case DType::kF8E5M2:
      return read_as<T, numeric::F8E5M2>(p, stride, n, out, widen);
    case DType::kI64:
      return read_as<T, int64_t>(p, stride, n, out, same);
    case DType::kI32:
      return read_as<T, int32_t>(p, stride, n, out, same);
    case DType::kI16:
      return read_as<T, int16_t>(p, stride, n, out, same);
    case DType::kI8:
      return read_as<T, int8_t>(p, stride, n, out, same);
    case DType::kU64:
      return read_as<T, uint64_t>(p, stride, n, out, same);
    case DType::kU32:
      return read_as<T, uint32_t>(p, stride, n, out, same);
    case DType::kU16:
      return read_as<T, uint16_t>(p, stride, n, out, same);
    case DType::kU8:
    case DType::kBool:
      return read_as<T, uint8_t>(p, stride, n, out, same);
    case DType::kU4:
      for (int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(nibble(p, i));
      return;
    case DType::kI4:
      for (int64_t i = 0; i < n; ++i) out[i] = static_cast<T>((nibble(p, i) ^ 8) - 8);
      return;
  }
}

template <typename S, typename T, typename Convert>
void write_as(std::byte* p, int64_t stride, int64_t count, const T* in, Convert convert) {
  for (int64_t i = 0; i < count; ++i) store<S>(p + i * stride, static_cast<S>(convert(in[i])));
}

template <typename T>
void write_row(DType type, std::byte* p, int64_t stride, int64_t n, const T* in) {
  auto same = [](T value) { return value; };
  if constexpr (std::is_floating_point_v<T>) {
    switch (type) {
      case DType::kF64:
        return write_as<double>(p, stride, n, in, same);
      case DType::kF32:
        return write_as<float>(p, stride, n, in, same);
      case DType::kF16:
        return write_as<numeric::F16>(p, stride, n, in, [](T v) { return numeric::to_f16(narrow_source(v)); });
      case DType::kBF16:
        return write_as<numeric::BF16>(p, stride, n, in, [](T v) { return numeric::to_bf16(narrow_source(v)); });
      case DType::kF8E4M3:
        return write_as<numeric::F8E4M3>(p, stride, n, in, [](T v) { return numeric::to_f8e4m3(narrow_source(v)); });
      case DType::kF8E5M2:
        return write_as<numeric::F8E5M2>(p, stride, n, in, [](T v) { return numeric::to_f8e5m2(narrow_source(v)); });
      default:
        std::abort();  // integers are rounded and saturated by the op
    }
  } else {
    switch (type) {  // without sign: the stored bits are the same
      case DType::kI64:
      case DType::kU64:
        return write_as<uint64_t>(p, stride, n, in, same);
      case DType::kI32:
      case DType::kU32:
        return write_as<uint32_t>(p, stride, n, in, same);
      case DType::kI16:
      case DType::kU16:
        return write_as<uint16_t>(p, stride, n, in, same);
      case DType::kI8:
      case DType::kU8:
      case DType::kBool:
        return write_as<uint8_t>(p, stride, n, in, same);
      case DType::kI4:
      case DType::kU4:
        for (int64_t i = 0; i < n; ++i) set_nibble(p, i, static_cast<int>(in[i]));
        return;
      default:
        std::abort();
    }
  }
}

int64_t row_length(const TensorDesc& desc) { return desc.shape.empty() ? 1 : desc.shape.back(); }
int64_t row_stride(const TensorDesc& desc) { return desc.shape.empty() ? 0 : desc.strides.back(); }

}  // namespace

template <typename T>
std::vector<T> gather(const std::byte* data, const TensorDesc& desc) {
  std::vector<T> values(static_cast<size_t>(desc.elements()));
  for_each_row(desc, [&](int64_t offset, int64_t first) {
    read_row(desc.dtype, data + offset, row_stride(desc), row_length(desc), values.data() + first);
  });
  return values;
}

template <typename T>
void scatter(const HostTensor& tensor, const std::vector<T>& values) {
  const TensorDesc& desc = *tensor.desc;
  for_each_row(desc, [&](int64_t offset, int64_t first) {
    write_row(desc.dtype, tensor.data + offset, row_stride(desc), row_length(desc), values.data() + first);
  });
}

template std::vector<float> gather<float>(const std::byte*, const TensorDesc&);
template std::vector<double> gather<double>(const std::byte*, const TensorDesc&);
template std::vector<int32_t> gather<int32_t>(const std::byte*, const TensorDesc&);
template std::vector<int64_t> gather<int64_t>(const std::byte*, const TensorDesc&);
template std::vector<uint64_t> gather<uint64_t>(const std::byte*, const TensorDesc&);
template void scatter<float>(const HostTensor&, const std::vector<float>&);
template void scatter<double>(const HostTensor&, const std::vector<double>&);
template void scatter<int32_t>(const HostTensor&, const std::vector<int32_t>&);
template void scatter<int64_t>(const HostTensor&, const std::vector<int64_t>&);
template void scatter<uint64_t>(const HostTensor&, const std::vector<uint64_t>&);

std::vector<uint64_t> gather_bits(const std::byte* data, const TensorDesc& desc) {
  TensorDesc raw = desc;
  raw.dtype = bits_type(desc.dtype);
  return gather<uint64_t>(data, raw);
}

void scatter_bits(const HostTensor& tensor, const std::vector<uint64_t>& bits) {
  TensorDesc raw = *tensor.desc;
  raw.dtype = bits_type(raw.dtype);
  scatter<uint64_t>({tensor.data, &raw}, bits);
}

TensorDesc permuted(const TensorDesc& desc, const std::vector<size_t>& order) {
  TensorDesc result{desc.dtype, {}, {}, nullptr};
  for (size_t axis : order) {
    result.shape.push_back(desc.shape[axis]);
    result.strides.push_back(desc.strides[axis]);
  }
  return result;
}

TensorDesc broadcast_to(const TensorDesc& desc, const Shape& shape) {
  TensorDesc result{desc.dtype, shape, std::vector<int64_t>(shape.size(), 0), nullptr};
  size_t shift = shape.size() - desc.shape.size();
  for (size_t i = 0; i < desc.shape.size(); ++i) {
    if (desc.shape[i] != 1 || shape[i + shift] == 1) result.strides[i + shift] = desc.strides[i];
  }
  return result;
}

ScaleAt::ScaleAt(const TensorDesc& desc) : quant_(desc.quant.get()) {
  if (quant_ == nullptr || !quant_->per_channel()) return;
  extent_ = desc.shape[static_cast<size_t>(quant_->axis)];
  for (size_t i = static_cast<size_t>(quant_->axis) + 1; i < desc.shape.size(); ++i) inner_ *= desc.shape[i];
}

IntegerRange integer_range(DType type) {
  if (type == DType::kBool) return {0, 1};
  int bits = bit_width(type);
  if (bits > 32) std::abort();
  if (is_signed_integer(type)) return {-(int64_t{1} << (bits - 1)), (int64_t{1} << (bits - 1)) - 1};
  return {0, (int64_t{1} << bits) - 1};
}

int64_t saturate_round(float value, int32_t zero, DType type) {
  IntegerRange range = integer_range(type);
  if (std::isnan(value)) return zero;
  // Beyond 2^40 every target saturates whatever the zero point is.
  double rounded = std::nearbyint(std::fmin(std::fmax(static_cast<double>(value), -0x1p40), 0x1p40)) + zero;
  if (rounded <= static_cast<double>(range.low)) return range.low;
  if (rounded >= static_cast<double>(range.high)) return range.high;
  return static_cast<int64_t>(rounded);
}

}  // namespace systole::ref
