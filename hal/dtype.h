// SPDX-FileCopyrightText: 2026 The Systole authors
// SPDX-License-Identifier: Apache-2.0
// Element types: storage size and name. Arithmetic on them lives in hal/numeric.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace systole {

enum class DType : uint8_t {
  kF64,
  kF32,
  kF16,
  kBF16,
  kF8E4M3,
  kF8E5M2,
  kI64,
  kI32,
  kI16,
  kI8,
  kU64,
  kU32,
  kU16,
  kU8,
  kI4,
  kU4,    // two a byte, low nibble first; a row starts on a byte
  kBool,  // one byte, 0 or 1
};

int bit_width(DType type);      // 4 for kI4 and kU4
int64_t byte_size(DType type);  // bytes an element; aborts for 4-bit types, use bytes_for
int64_t bytes_for(DType type, int64_t elements);
bool is_float(DType type);
bool is_signed_integer(DType type);
bool is_unsigned_integer(DType type);  // kBool is neither
DType bits_type(DType type);           // the unsigned integer as wide
const char* dtype_name(DType type);    // "f32", "bf16", "i8", "bool"
std::optional<DType> parse_dtype(std::string_view name);

}  // namespace systole
