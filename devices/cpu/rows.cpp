// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/rows.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include "hal/numeric/bf16.h"
#include "hal/numeric/f16.h"
#include "hal/numeric/fp8.h"

namespace systole::cpu {
namespace {

template <typename S, typename T, typename Convert>
void read_as(const std::byte* data, int64_t stride, int64_t count, T* row, Convert convert) {
  if (stride == static_cast<int64_t>(sizeof(S))) {
    const S* stored = reinterpret_cast<const S*>(data);
    for (int64_t i = 0; i < count; ++i) row[i] = static_cast<T>(convert(stored[i]));
    return;
  }
  for (int64_t i = 0; i < count; ++i) row[i] = static_cast<T>(convert(*reinterpret_cast<const S*>(data + i * stride)));
}

template <typename S, typename T, typename Convert>
void write_as(std::byte* data, int64_t stride, int64_t count, const T* row, Convert convert) {
  if (stride == static_cast<int64_t>(sizeof(S))) {
    S* stored = reinterpret_cast<S*>(data);
    for (int64_t i = 0; i < count; ++i) stored[i] = static_cast<S>(convert(row[i]));
    return;
  }
  for (int64_t i = 0; i < count; ++i) *reinterpret_cast<S*>(data + i * stride) = static_cast<S>(convert(row[i]));
}

// Rounded to odd, so that the rounding to a narrower type that follows is the rounding of the double.
float narrowed(double value) {
  const float near = static_cast<float>(value);
  if (std::isnan(value) || static_cast<double>(near) == value) return near;
  const bool beyond = std::fabs(static_cast<double>(near)) > std::fabs(value);
  const float toward = beyond ? std::nextafter(near, 0.0f) : near;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(toward) | 1u);
}
float narrowed(float value) { return value; }

}  // namespace

template <typename T>
void load_row(DType type, const std::byte* data, int64_t stride, int64_t count, T* row) {
  auto same = [](auto stored) { return stored; };
  auto widen = [](auto stored) { return numeric::to_f32(stored); };
  switch (type) {
    case DType::kF64:
      return read_as<double>(data, stride, count, row, same);
    case DType::kF32:
      return read_as<float>(data, stride, count, row, same);
    case DType::kF16:
      return read_as<numeric::F16>(data, stride, count, row, widen);
    case DType::kBF16:
      return read_as<numeric::BF16>(data, stride, count, row, widen);
    case DType::kF8E4M3:
      return read_as<numeric::F8E4M3>(data, stride, count, row, widen);
    case DType::kF8E5M2:
      return read_as<numeric::F8E5M2>(data, stride, count, row, widen);
    case DType::kI64:
      return read_as<int64_t>(data, stride, count, row, same);
    case DType::kI32:
      return read_as<int32_t>(data, stride, count, row, same);
    case DType::kI16:
      return read_as<int16_t>(data, stride, count, row, same);
    case DType::kI8:
      return read_as<int8_t>(data, stride, count, row, same);
    case DType::kU64:
      return read_as<uint64_t>(data, stride, count, row, same);
    case DType::kU32:
      return read_as<uint32_t>(data, stride, count, row, same);
    case DType::kU16:
      return read_as<uint16_t>(data, stride, count, row, same);
    case DType::kU8:
    case DType::kBool:
      return read_as<uint8_t>(data, stride, count, row, same);
    case DType::kI4:
    case DType::kU4:
      std::abort();
  }
}

template <typename T>
void store_row(DType type, std::byte* data, int64_t stride, int64_t count, const T* row) {
  auto same = [](T value) { return value; };
  if constexpr (std::is_floating_point_v<T>) {
    switch (type) {
      case DType::kF64:
        return write_as<double>(data, stride, count, row, same);
      case DType::kF32:
        return write_as<float>(data, stride, count, row, same);
      case DType::kF16:
        return write_as<numeric::F16>(data, stride, count, row, [](T v) { return numeric::to_f16(narrowed(v)); });
      case DType::kBF16:
        return write_as<numeric::BF16>(data, stride, count, row, [](T v) { return numeric::to_bf16(narrowed(v)); });
      case DType::kF8E4M3:
        return write_as<numeric::F8E4M3>(data, stride, count, row, [](T v) { return numeric::to_f8e4m3(narrowed(v)); });
      case DType::kF8E5M2:
        return write_as<numeric::F8E5M2>(data, stride, count, row, [](T v) { return numeric::to_f8e5m2(narrowed(v)); });
      default:
        std::abort();
    }
  } else {
    switch (bit_width(type)) {
      case 64:
        return write_as<uint64_t>(data, stride, count, row, same);
      case 32:
        return write_as<uint32_t>(data, stride, count, row, same);
      case 16:
        return write_as<uint16_t>(data, stride, count, row, same);
      case 8:
        return write_as<uint8_t>(data, stride, count, row, same);
      default:
        std::abort();
    }
  }
}

#define SYSTOLE_ROWS(T)                                                     \
  template void load_row<T>(DType, const std::byte*, int64_t, int64_t, T*); \
  template void store_row<T>(DType, std::byte*, int64_t, int64_t, const T*)
SYSTOLE_ROWS(float);
SYSTOLE_ROWS(double);
SYSTOLE_ROWS(int32_t);
SYSTOLE_ROWS(int64_t);
SYSTOLE_ROWS(uint64_t);
#undef SYSTOLE_ROWS

}  // namespace systole::cpu
