// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Rows of stored elements as numbers that loops compute with, and back.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/dtype.h"

namespace systole::cpu {

// Type of the numbers a dtype is computed in: f64 as double, other floats as float, integers of at most 16 bits and
// bool as int32_t, u64 as uint64_t, other integers as int64_t. 4-bit types have none.
template <typename F>
auto with_domain(DType type, F f) {
  if (type == DType::kF64) return f(double{});
  if (is_float(type)) return f(float{});
  if (type == DType::kU64) return f(uint64_t{});
  if (bit_width(type) <= 16) return f(int32_t{});
  return f(int64_t{});
}

// T: float, double, int32_t, int64_t or uint64_t. Strides in bytes. Integers convert as by static_cast.
template <typename T>
void load_row(DType type, const std::byte* data, int64_t stride, int64_t count, T* row);
// Floats round to nearest even (f64 to a narrower type: once), integers keep their low bits. A float row goes to float
// types only, an integer row to integers and bool.
template <typename T>
void store_row(DType type, std::byte* data, int64_t stride, int64_t count, const T* row);

}  // namespace systole::cpu
